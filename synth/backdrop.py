"""What sounds all the time below what is said: noise of a colour, or out of a recording."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .levels import Sound
from .mixture_settings import MixtureSettings
from .noise import COLOURS, Colour, coloured
from .palette import Palette, Source


@dataclass(frozen=True)
class Backdrop:
    """Noise below what is said, of a colour or out of a recording, for the whole length."""

    snr_db: float
    colour: Colour | None = None
    source: Source = "noise"
    number: int = 0
    start: int = 0

    def sound(self, palette: Palette, length: int, rng: np.random.Generator) -> Sound:
        """`length` samples at a level of its own, a shorter recording over and over."""
        if self.colour:
            return coloured(self.colour, length, rng)
        return palette.excerpt(self.source, self.number, self.start, length)


def draw_backdrops(
    rng: np.random.Generator, palette: Palette, s: MixtureSettings
) -> tuple[Backdrop, ...]:
    """Noise, of a colour or recorded, and now and then one to three voices."""
    drawn: list[Backdrop] = []
    if rng.random() < s.backdrop_share:
        snr_db = float(rng.uniform(*s.snr_db))
        if palette.noise and rng.random() < 0.7:
            drawn.append(_draw_recorded("noise", snr_db, rng, palette))
        else:
            drawn.append(Backdrop(snr_db, colour=COLOURS[rng.integers(len(COLOURS))]))
    if rng.random() < s.babble_share:
        for _ in range(rng.integers(1, 4)):
            snr_db = float(rng.uniform(*s.babble_snr_db))
            drawn.append(_draw_recorded("speech", snr_db, rng, palette))
    return tuple(drawn)


def _draw_recorded(
    source: Source, snr_db: float, rng: np.random.Generator, palette: Palette
) -> Backdrop:
    number = palette.draw(source, rng)
    start = int(rng.integers(len(palette.clips(source)[number].samples)))
    return Backdrop(snr_db, None, source, number, start)
