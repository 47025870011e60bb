"""The older recognizers' examples: utterances as they are, as spectrogram or MFCC, standardised.

What is taken off and divided by is found over some utterances once, band by band.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from ..models.asr import MFCC_BANDS, SPECTROGRAM_BANDS, steps_of
from ..models.errors import UsageError
from ..models.features import LINEAR_161, Frames, Samples
from ..models.letters import encode, steps_needed
from ..models.mfcc import MFCC_13
from .asr_examples import Batch, batched
from .asr_speech import SpokenClips, Utterance

FeatureName = Literal["spectrogram", "mfcc"]
BANDS: dict[FeatureName, int] = {"spectrogram": SPECTROGRAM_BANDS, "mfcc": MFCC_BANDS}
_SOME = 200
"""So many utterances say what is usual."""


class _Features(Protocol):
    def whole(self, samples: Samples) -> Frames:
        """All frames of a clip."""


@dataclass(frozen=True)
class PlainExamples:
    """Batches of one epoch after the other, by length, in drawn order."""

    utterances: Sequence[Utterance]
    network: str
    features: FeatureName
    seed: int
    batch: int = 20

    def __post_init__(self) -> None:
        if self.features not in BANDS:
            raise UsageError(f"features {self.features!r}: there are {', '.join(BANDS)}")

    def epoch(self, number: int) -> Iterator[Batch]:
        """Every utterance once, but for those that are said too quickly to be written."""
        rng = np.random.default_rng([self.seed, number])
        lengths = np.array([u.length_s for u in self.utterances])
        order = np.argsort(lengths * rng.uniform(0.98, 1.02, len(lengths)))
        cuts = [order[at : at + self.batch] for at in range(0, len(order), self.batch)]
        for k in rng.permutation(len(cuts)):
            rows = [(self.frames(int(i)), encode(self.utterances[i].text)) for i in cuts[k]]
            if kept := [row for row in rows if self._fits(*row)]:
                yield batched(kept, self.network)

    def batches(self) -> int:
        """How many an epoch has at most."""
        return -(-len(self.utterances) // self.batch)

    def frames(self, number: int) -> Frames:
        """One utterance's features, each band about 0 with a deviation of 1."""
        mean, deviation = self._usual
        found: Frames = (self._raw(number) - mean) / deviation
        return found

    def _fits(self, frames: Frames, labels: list[int]) -> bool:
        return steps_needed(labels) <= steps_of(self.network, len(frames))

    @cached_property
    def _clips(self) -> SpokenClips:
        return SpokenClips(self.utterances)

    def _raw(self, number: int) -> Frames:
        extractor: _Features = LINEAR_161 if self.features == "spectrogram" else MFCC_13
        return extractor.whole(self._clips[number].samples)

    @cached_property
    def _usual(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        rng = np.random.default_rng([self.seed, 0])
        count = len(self.utterances)
        some = rng.choice(count, min(_SOME, count), replace=False)
        rows = np.concatenate([self._raw(int(i)) for i in some])
        if not len(rows):
            rows = np.zeros((1, BANDS[self.features]), np.float32)
        return rows.mean(axis=0), rows.std(axis=0) + np.float32(1e-3)
