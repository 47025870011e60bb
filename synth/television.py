"""A television in the room: someone talks over music, pressed flat, out of a small loudspeaker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .babble import Talker, draw_talkers, talking
from .dynamics import Compressor, draw_compressor
from .levels import Sound, active_dbfs, gain, rms_dbfs
from .music import Tune, draw_tune
from .noise import COLOURS, Colour, coloured
from .palette import Palette
from .spectrum import Bump, Equaliser


@dataclass(frozen=True)
class Television:
    """What is on, `snr_db` below what is said in the mixture.

    `bed` lies `bed_db` above the talkers: a tune, or noise as of a street or an audience.
    """

    snr_db: float
    talkers: tuple[Talker, ...]
    bed: Tune | Colour
    bed_db: float
    compressor: Compressor
    loudspeaker: Equaliser

    def sound(self, palette: Palette, length: int, rng: np.random.Generator) -> Sound:
        """`length` samples; only a bed of noise asks the generator for anything."""
        said = talking(self.talkers, palette, length)
        bed = self._bed(length, rng)
        said_db = active_dbfs(said) if said.any() else 0.0
        heard = said + bed * np.float32(gain(said_db + self.bed_db - max(rms_dbfs(bed), -70.0)))
        heard = self.compressor.apply(heard * np.float32(gain(-said_db)))
        spectrum = np.fft.rfft(heard) * self.loudspeaker.curve(length)
        return np.fft.irfft(spectrum, length).astype(np.float32)

    def _bed(self, length: int, rng: np.random.Generator) -> Sound:
        if isinstance(self.bed, Tune):
            return self.bed.sound(length)
        return coloured(self.bed, length, rng)


def draw_television(rng: np.random.Generator, palette: Palette, snr_db: float) -> Television:
    """The news, a film, a show: one or two talkers, and music under most."""
    return Television(
        snr_db=snr_db,
        talkers=draw_talkers(rng, palette, int(rng.integers(1, 3))),
        bed=draw_tune(rng) if rng.random() < 0.7 else COLOURS[rng.integers(3)],
        bed_db=round(float(rng.uniform(-24.0, 0.0)), 2),
        compressor=draw_compressor(rng, 0.0),
        loudspeaker=_draw_loudspeaker(rng),
    )


def _draw_loudspeaker(rng: np.random.Generator) -> Equaliser:
    """Small: no lows, a resonance above them, and not all of the highs."""
    low_hz = float(rng.uniform(120.0, 450.0))
    resonance = Bump(low_hz * float(rng.uniform(1.2, 2.0)), 0.5, float(rng.uniform(0.0, 8.0)))
    high_hz = float(rng.uniform(4_500.0, 7_900.0))
    return Equaliser(float(rng.normal(0.0, 1.0)), (resonance,), low_hz, high_hz)
