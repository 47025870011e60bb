"""One trigger model listening to one stream: its state, its detector, and the way between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..models.runtime import TriggerModel
from .detector import Detection, Detector
from .settings import DetectorSettings
from .source import SAMPLE_RATE_HZ
from .verifier import Judge, Verdict
from .voiceprint import Recall

Trace = Callable[[str, npt.NDArray[np.int64], npt.NDArray[np.float32]], None]
"""Called with a model's name, the samples at which its steps end, and their probabilities."""


@dataclass(frozen=True)
class Heard:
    """A keyword, recognised at `sample`."""

    model: str
    keyword: str
    sample: int
    score: float
    verdict: Verdict | None = None
    """Whose voice it was; None where nobody asks."""


class StreamState(Protocol):
    """What a network remembers of one stream, wherever that is kept."""

    @property
    def buffers(self) -> list[npt.NDArray[np.float32]]:
        """By name, in the order of the model's manifest."""

    def reset(self) -> None:
        """As if nothing had been heard."""


class Ear:
    """Feeds features to a model and its probabilities to a detector, in whole blocks."""

    def __init__(
        self,
        model: TriggerModel,
        settings: DetectorSettings,
        trace: Trace | None,
        judge: Judge | None = None,
    ) -> None:
        manifest, config = model.bundle.manifest, model.bundle.frontend
        self.name = model.bundle.name
        self._keyword = manifest.labels[0]
        self._step_samples = manifest.stride * config.hop_samples
        self._steps_per_block = config.block_frames // manifest.stride
        self._warmup_steps = manifest.warmup_steps
        self._model, self._state, self._trace = model, model.new_state(), trace
        self._judge, self._recall = judge, Recall(model) if judge else None
        ours = manifest.detector
        refractory_s = settings.refractory_s or ours.refractory_s
        self.detector = Detector(
            threshold_in_force(settings, self.name, ours.threshold),
            settings.smooth_steps or ours.smooth_steps,
            round(refractory_s * SAMPLE_RATE_HZ / self._step_samples),
        )
        self._kept: StreamState = self._state
        self._since_fresh = 0
        self.probability = 0.0

    def share(self, kept: StreamState) -> None:
        """From now on somebody else runs the network, and keeps its state."""
        self._kept = kept

    def break_off(self) -> None:
        """Sound was left out: go on from a fresh state, but fire no word twice."""
        self._kept.reset()
        self._since_fresh = 0
        self.probability = 0.0
        self.detector.break_off()
        if self._recall:
            self._recall.forget()

    def follow(self, former: Ear) -> None:
        """Take over from another, of the same model or its next version: fire no word twice."""
        quiet_until = (former.detector.quiet_until + 1) * former._step_samples
        self.detector.quiet_until = quiet_until // self._step_samples - 1

    @property
    def patience_samples(self) -> int:
        """How much more sound to wait for before looking whether it holds the word."""
        steps = self.detector.patience_steps
        if self._judge or self._since_fresh < self._warmup_steps:
            # Who it was is heard from whole blocks, and the first steps count for nothing.
            steps = -(-steps // self._steps_per_block) * self._steps_per_block
        return steps * self._step_samples

    def foresee(self, block: int, frames: npt.NDArray[np.float32], samples: int) -> list[Heard]:
        """The word, if it ends where so many samples of block number `block` have come.

        `frames` are those of the block as far as it is there, and of anything after that. What is
        heard is not kept.
        """
        steps, left = divmod(samples, self._step_samples)
        if left or self.patience_samples > samples:
            return []
        scratch = self._model.new_state()
        scratch.buffers = list(self._kept.buffers)
        probability = self._model.step(scratch, frames)[steps - 1]
        found = self.detector.foresee(block * self._steps_per_block + steps - 1, float(probability))
        return [self._heard(found, None)] if found else []

    def hear(self, block: int, frames: npt.NDArray[np.float32]) -> list[Heard]:
        """The features of block number `block`."""
        probabilities = self._model.step(self._state, frames)
        if self._recall:
            self._recall.take(self._state)
        return self.take_in(block, probabilities)

    def take_in(self, block: int, probabilities: npt.NDArray[np.float32]) -> list[Heard]:
        """What the network made of block number `block`, whoever ran it."""
        first = block * self._steps_per_block
        if self._since_fresh < self._warmup_steps:
            skip = self._warmup_steps - self._since_fresh
            self._since_fresh += len(probabilities)
            probabilities, first = probabilities[skip:], first + skip
        if self._trace:
            steps = np.arange(first + 1, first + 1 + len(probabilities), dtype=np.int64)
            self._trace(self.name, steps * self._step_samples, probabilities)
        found = self.detector.feed(first, probabilities)
        self.probability = float(probabilities[-1]) if len(probabilities) else 0.0
        if not found:
            return []
        verdict = self._whose()
        return [self._heard(d, verdict) for d in found]

    def _heard(self, found: Detection, verdict: Verdict | None) -> Heard:
        sample = (found.step + 1) * self._step_samples
        return Heard(self.name, self._keyword, sample, found.score, verdict)

    def _whose(self) -> Verdict | None:
        return (
            self._judge.judge(self._recall.voiceprint()) if self._judge and self._recall else None
        )


def threshold_in_force(settings: DetectorSettings, model: str, shipped: float) -> float:
    """What is set for the model, else what is set for all of them, else its own."""
    return settings.thresholds.get(model) or settings.threshold or shipped
