"""Many people talking at once: recordings laid over each other, of which none is understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .levels import Sound, active_dbfs, gain
from .palette import Palette, Source

_QUIETEST_DBFS = -70.0


@dataclass(frozen=True)
class Talker:
    """A recording from its sample `start` on, begun anew where it ends."""

    number: int
    start: int
    gain_db: float
    source: Source = "speech"


@dataclass(frozen=True)
class Crowd:
    """Talkers at one level together, `snr_db` below what is said in the mixture."""

    snr_db: float
    talkers: tuple[Talker, ...]

    def sound(self, palette: Palette, length: int) -> Sound:
        """`length` samples, each talker at his own level of 1.0 RMS and his gain."""
        return talking(self.talkers, palette, length)


def talking(talkers: Sequence[Talker], palette: Palette, length: int) -> Sound:
    """All of them at once. One who says nothing here is silent, not turned up."""
    heard = np.zeros(length, np.float32)
    for t in talkers:
        voice = palette.excerpt(t.source, t.number, t.start, length)
        heard += voice * np.float32(gain(t.gain_db - max(active_dbfs(voice), _QUIETEST_DBFS)))
    return heard


def draw_talkers(rng: np.random.Generator, palette: Palette, count: int) -> tuple[Talker, ...]:
    """So many, each from anywhere in some recording; the farther, the quieter."""
    talkers = []
    for _ in range(count):
        number = palette.draw("speech", rng)
        start = int(rng.integers(len(palette.speech[number].samples)))
        talkers.append(Talker(number, start, round(float(rng.uniform(-12.0, 0.0)), 2)))
    return tuple(talkers)


def draw_crowd(rng: np.random.Generator, palette: Palette, snr_db: float) -> Crowd:
    """From a table of four to a full café."""
    return Crowd(snr_db, draw_talkers(rng, palette, int(rng.integers(4, 11))))
