"""Misses against false accepts: what a network is worth, from its probabilities over real time.

The rule of firing is the daemon's: the mean of the last few probabilities reaches a threshold, then
silence for the refractory time, and no second firing before the mean has been below it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ..models.bundle import Bundle
from ..models.frontend import Frames, FrontEnd
from ..synth.levels import Samples
from ..synth.palette import Clip

Probabilities = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]
"""Smoothed probabilities: what a threshold is compared with."""
Scorer = Callable[[Frames], Probabilities]
"""[streams, frames, bands] to [streams, steps]."""

THRESHOLDS: npt.NDArray[np.float64] = np.unique(
    np.concatenate([1 / (1 + np.exp(-np.linspace(-6, 12, 361))), [0.5]])
)
_BATCH_FRAMES = 200_000
PAUSE = 6_400
"""Samples of silence after each file of a stream."""


@dataclass(frozen=True)
class Rule:
    """When it fires, in steps of the network."""

    smooth_steps: int = 3
    refractory_steps: int = 50


@dataclass(frozen=True)
class Point:
    """What one threshold gives."""

    threshold: float
    miss_rate: float
    false_accepts_per_hour: float


Rated = TypeVar("Rated", bound=Point)


def rule_of(bundle: Bundle) -> Rule:
    """A model's own, as the daemon reads it from the manifest."""
    detector = bundle.manifest.detector
    step_samples = bundle.manifest.stride * bundle.frontend.hop_samples
    return Rule(detector.smooth_steps, round(detector.refractory_s * 16_000 / step_samples))


def keras_scorer(model: Any) -> Scorer:
    """A Keras network as a scorer; every stream from a fresh state."""
    from ..models.tensorflow_import import tensorflow as tf

    # One trace for all lengths.
    shape = tf.TensorSpec([None, None, model.input_shape[-1]], tf.float32)
    run = tf.function(lambda x: model(x, training=False)[..., 0], input_signature=[shape])

    def score(frames: Frames) -> Probabilities:
        return np.asarray(run(frames))

    return score


def score_clips(
    score: Scorer, frontend: FrontEnd, clips: Sequence[Samples], stride: int
) -> list[Probabilities]:
    """Each clip's probabilities; clips of like length go through the network together."""
    features = [frontend.whole(samples) for samples in clips]
    order = sorted(range(len(clips)), key=lambda i: len(features[i]))
    scored: list[Probabilities] = [np.zeros(0, np.float32)] * len(clips)
    while order:
        longest = max(1, len(features[order[-1]]))
        group = order[-max(1, _BATCH_FRAMES // longest) :]
        del order[-len(group) :]
        # Silence after the end changes nothing before it: the network looks back only.
        length = -(-longest // (8 * stride)) * 8 * stride
        frames = np.zeros((len(group), length, features[group[0]].shape[1]), np.float32)
        for row, i in zip(frames, group, strict=True):
            row[: len(features[i])] = features[i]
        for row, i in zip(score(frames), group, strict=True):
            scored[i] = row[: len(features[i]) // stride]
    return scored


def joined(clips: Iterable[Clip], length_s: float) -> list[Samples]:
    """Files one after the other into streams of about `length_s`, each with a pause after it."""
    streams: list[Samples] = []
    parts: list[Samples] = []
    pause = np.zeros(PAUSE, np.int16)
    for clip in clips:
        parts += [clip.samples, pause]
        if sum(map(len, parts)) >= length_s * 16_000:
            streams.append(np.concatenate(parts))
            parts = []
    return [*streams, np.concatenate(parts)] if parts else streams


def smoothed(probabilities: Probabilities, steps: int) -> Scores:
    """The mean of the last `steps` values, zeros standing before the first.

    Added in the detector's order and precision: a score lies on the same side of any threshold.
    """
    padded = np.concatenate([np.zeros(steps - 1), probabilities], dtype=np.float64)
    total = np.zeros(len(probabilities))
    for lag in range(steps):
        total += padded[lag : lag + len(probabilities)]
    return total / steps


def firings(scores: Scores, threshold: float, refractory_steps: int) -> list[int]:
    """The steps at which smoothed scores fire."""
    above = scores >= threshold
    edges = np.flatnonzero(above & ~np.concatenate([[False], above[:-1]]))
    fired: list[int] = []
    quiet_until = -1
    for edge in edges.tolist():
        start = edge
        if start <= quiet_until:
            # Still above when the refractory time ends: the daemon fires then, being armed.
            start = quiet_until + 1
            if not above[edge : start + 1].all() or start >= len(above):
                continue
        fired.append(start)
        quiet_until = start + refractory_steps
    return fired


def firing_counts(
    scores: Scores, thresholds: npt.NDArray[np.float64], refractory_steps: int
) -> npt.NDArray[np.int64]:
    """How often smoothed scores fire at each of some thresholds, the lowest first."""
    counts = np.zeros(len(thresholds), np.int64)
    for i in range(int(np.searchsorted(thresholds, scores.max(initial=0.0), side="right"))):
        counts[i] = len(firings(scores, thresholds[i], refractory_steps))
    return counts


def false_accepts(scored: Iterable[Probabilities], rule: Rule) -> npt.NDArray[np.int64]:
    """How often each of `THRESHOLDS` fires on sound that never holds the word."""
    counts = np.zeros(len(THRESHOLDS), np.int64)
    for probabilities in scored:
        scores = smoothed(probabilities, rule.smooth_steps)
        counts += firing_counts(scores, THRESHOLDS, rule.refractory_steps)
    return counts


def best_scores(scored: Iterable[Probabilities], rule: Rule) -> Scores:
    """The highest smoothed score of each clip: it is heard at any threshold up to that."""
    return np.array([smoothed(p, rule.smooth_steps).max(initial=0.0) for p in scored], np.float64)


def points(
    word: Sequence[Probabilities], other: Sequence[Probabilities], other_hours: float, rule: Rule
) -> list[Point]:
    """Every threshold's miss rate over the clips of `word` and false accepts an hour of `other`."""
    best = best_scores(word, rule)
    rates = false_accepts(other, rule) / other_hours
    return [
        Point(float(t), float(np.mean(best < t)), float(rate))
        for t, rate in zip(THRESHOLDS, rates, strict=True)
    ]


def keeping(found: Sequence[Rated], false_accepts_per_hour: float) -> Sequence[Rated]:
    """The points, of rising threshold, from the last one on that breaks the limit.

    A lucky dip below it is not among them: a model that is never quiet "fires" only once.
    """
    first = len(found)
    while first and found[first - 1].false_accepts_per_hour <= false_accepts_per_hour:
        first -= 1
    return found[first:]


def at_most(found: Sequence[Point], false_accepts_per_hour: float) -> Point:
    """The lowest threshold from which on no higher one breaks the limit.

    Where every threshold breaks it the point is one that never fires: all is missed.
    """
    return next(iter(keeping(found, false_accepts_per_hour)), Point(1.0, 1.0, 0.0))
