"""What the daemon's pipeline makes of some sound, once, so that every threshold can be asked.

Nothing before the detector depends on the threshold: gate, front end and network do the same
whatever fires. So the pipeline is run once, and the smoothed probability of each step kept as the
detector compares it, 0 where it was asleep; `firings` at a threshold are then the pipeline's own.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..daemon.events import Stamp
from ..daemon.pipeline import Pipeline
from ..daemon.settings import Settings
from ..models.runtime import TriggerModel
from ..synth.levels import Samples
from .measure import Rule, Scores, firings, rule_of, smoothed


@dataclass(frozen=True)
class Heard:
    """One stream: `scores` and `awake` hold a value for each step since its first sample.

    A score of 0 below an `awake` of False is a step at which the gate was closed.
    """

    scores: Scores
    awake: npt.NDArray[np.bool_]
    step_samples: int
    rule: Rule

    def firings(self, threshold: float) -> list[int]:
        """The samples at which the pipeline would fire."""
        return [self.sample(step) for step in self.steps_fired(threshold)]

    def steps_fired(self, threshold: float) -> list[int]:
        """The same as numbers of steps."""
        return firings(self.scores, threshold, self.rule.refractory_steps)

    def sample(self, step: int) -> int:
        """Where a step ends, which is what a wake event tells."""
        return (step + 1) * self.step_samples

    def best(self, first: int, last: int) -> float:
        """The highest score of the steps that end in samples [first, last]."""
        steps = slice(max(0, -(-first // self.step_samples) - 1), last // self.step_samples)
        return float(self.scores[steps].max(initial=0.0))

    def excerpt(self, first: int, last: int) -> Excerpt:
        """What was made of samples [first, last), beyond whose ends nothing was heard."""
        steps = np.arange(first // self.step_samples, -(-last // self.step_samples))
        inside = (steps >= 0) & (steps < len(self.scores))
        scores = np.full(len(steps), np.nan)
        at = steps[inside]
        scores[inside] = np.where(self.awake[at], self.scores[at], np.nan)
        return Excerpt(first, last, scores)


@dataclass(frozen=True)
class Excerpt:
    """Samples [first, last) of a stream and the scores of their steps; asleep is no number."""

    first: int
    last: int
    scores: Scores


def hear(model: TriggerModel, sound: Iterable[Samples]) -> Heard:
    """Sound in pieces of any length through a fresh pipeline, with the settings that ship."""
    bundle = model.bundle
    ends, values = array("q"), array("f")

    def trace(
        _name: str, samples: npt.NDArray[np.int64], probabilities: npt.NDArray[np.float32]
    ) -> None:
        ends.extend(samples.tolist())
        values.extend(probabilities.tolist())

    pipeline = Pipeline(Settings(), [model], Stamp("evaluate", 0.0), trace)
    for piece in sound:
        pipeline.feed(piece)
    pipeline.flush()
    step_samples = bundle.manifest.stride * bundle.frontend.hop_samples
    steps = np.frombuffer(ends, np.int64) // step_samples - 1
    count = -(-pipeline.samples // step_samples)
    return _laid_out(steps, np.frombuffer(values, np.float32), count, step_samples, rule_of(bundle))


def _laid_out(
    steps: npt.NDArray[np.int64],
    probabilities: npt.NDArray[np.float32],
    count: int,
    step_samples: int,
    rule: Rule,
) -> Heard:
    """A step is left out only where the pipeline slept, and there the detector forgets."""
    scores, awake = np.zeros(count), np.zeros(count, np.bool_)
    breaks = np.flatnonzero(np.diff(steps) != 1) + 1
    for run, heard in zip(np.split(steps, breaks), np.split(probabilities, breaks), strict=True):
        scores[run] = smoothed(heard, rule.smooth_steps)
        awake[run] = True
    return Heard(scores, awake, step_samples, rule)
