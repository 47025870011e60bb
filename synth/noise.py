"""The five colours of noise."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from .levels import Sound

Colour = Literal["white", "pink", "brown", "blue", "violet"]
COLOURS: tuple[Colour, ...] = get_args(Colour)

SLOPE_DB_PER_OCTAVE: dict[Colour, float] = {
    "white": 0.0,
    "pink": -3.0103,
    "brown": -6.0206,
    "blue": 3.0103,
    "violet": 6.0206,
}
_LOWEST_HZ = 20.0
_SAMPLE_RATE_HZ = 16_000


def coloured(colour: Colour, length: int, rng: np.random.Generator) -> Sound:
    """`length` samples of noise, RMS 1; its spectrum is flat below 20 Hz, nothing at 0 Hz."""
    if length == 0:
        return np.zeros(0, np.float32)
    bins = length // 2 + 1
    spectrum = rng.standard_normal(2 * bins, np.float32).view(np.complex64)
    octaves = np.log2(np.maximum(np.arange(bins) * _SAMPLE_RATE_HZ / length / _LOWEST_HZ, 1.0))
    spectrum *= 10.0 ** (SLOPE_DB_PER_OCTAVE[colour] / 20.0 * octaves).astype(np.float32)
    spectrum[0] = 0.0
    sound = np.fft.irfft(spectrum, length).astype(np.float32)
    rms = float(np.sqrt(np.mean(sound**2)))
    return sound / np.float32(rms) if rms > 0 else sound
