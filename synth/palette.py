"""The sounds that mixtures are made of: four sets, held in memory, read-only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from ..models.errors import WakefulError
from .levels import Samples, Sound, to_float

Source = Literal["word", "hard", "speech", "noise"]


class PaletteError(WakefulError):
    """There is too little sound to mix from."""


@dataclass(frozen=True)
class Clip:
    """A recording at 16 kHz, and where in it the word lies, if it holds it."""

    samples: Samples
    word_start: int = 0
    word_end: int = 0
    name: str = ""


@dataclass(frozen=True)
class Palette:
    """`word`: clips that hold the word. The others don't: near words, running speech, noise.

    `rooms` are impulse responses at 16 kHz whose sample 0 is the direct sound; there may be none.
    """

    word: Sequence[Clip]
    hard: Sequence[Clip]
    speech: Sequence[Clip]
    noise: Sequence[Clip]
    rooms: Sequence[Sound] = ()
    _shares: dict[str, npt.NDArray[np.float64]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        needed: tuple[Source, ...] = ("word", "speech")
        for source in needed:
            if not any(len(c.samples) for c in self.clips(source)):
                raise PaletteError(f"mixing: there is no sound of kind {source!r}; give a folder")
        if self.noise and not any(len(c.samples) for c in self.noise):
            raise PaletteError("mixing: every recording of noise is empty; give ones that sound")
        long: tuple[Source, ...] = ("speech", "noise")
        for source in long:
            lengths = np.array([len(c.samples) for c in self.clips(source)], np.float64)
            self._shares[source] = np.cumsum(lengths)

    def clips(self, source: Source) -> Sequence[Clip]:
        """One of the four sets."""
        clips: Sequence[Clip] = getattr(self, source)
        return clips

    def draw(self, source: Source, rng: np.random.Generator) -> int:
        """The number of a clip: of long sound by length, so that no second is heard more often."""
        if source not in self._shares:
            return int(rng.integers(len(self.clips(source))))
        ends = self._shares[source]
        return int(np.searchsorted(ends, rng.random() * ends[-1], side="right"))

    def excerpt(self, source: Source, number: int, start: int, length: int) -> Sound:
        """`length` samples of a clip from `start` on, a shorter one over and over."""
        samples = self.clips(source)[number].samples
        cut = samples[start : start + length]
        if len(cut) < length:
            times = -(-(length - len(cut)) // len(samples))
            cut = np.concatenate([cut, np.tile(samples, times)])[:length]
        return to_float(cut)

    def sound(self, source: Source, number: int) -> npt.NDArray[np.float32]:
        """All of a clip as float32."""
        return to_float(self.clips(source)[number].samples)
