"""Levels of sound: what is meant by so many decibels, and how to get there.

Sound here is float32 with full scale at 1.0; `to_int16` is the way out of it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float32]
Samples = npt.NDArray[np.int16]

SILENT_DBFS = -120.0
"""What a level is called where nothing sounds: no logarithm of zero leaves this module."""

_FRAME = 320
_ACTIVE_RANGE_DB = 25.0


def gain(db: float) -> float:
    """The factor that a number of decibels stands for."""
    return float(10.0 ** (db / 20.0))


def rms_dbfs(sound: Sound) -> float:
    """Root mean square against full scale; `SILENT_DBFS` at the least and for nothing at all."""
    power = float(np.dot(sound, sound)) / len(sound) if len(sound) else 0.0
    return max(SILENT_DBFS, 10.0 * float(np.log10(max(power, 1e-30))))


def peak_dbfs(sound: Sound) -> float:
    """The largest sample against full scale; `SILENT_DBFS` at the least."""
    peak = float(np.abs(sound).max()) if len(sound) else 0.0
    return max(SILENT_DBFS, 20.0 * float(np.log10(max(peak, 1e-15))))


def active_dbfs(sound: Sound) -> float:
    """The level of what sounds: RMS over the 20 ms frames within 25 dB of the loudest one.

    A word in a long pause has the level of the word, so that a ratio to the noise means something.
    """
    whole = len(sound) - len(sound) % _FRAME
    if not whole:
        return rms_dbfs(sound)
    frames = sound[:whole].reshape(-1, _FRAME)
    power = np.einsum("ij,ij->i", frames, frames) / _FRAME
    loud = power[power >= power.max() * 10 ** (-_ACTIVE_RANGE_DB / 10)]
    return max(SILENT_DBFS, 10.0 * float(np.log10(max(float(loud.mean()), 1e-30))))


def to_float(samples: Samples) -> Sound:
    """int16 to full scale 1.0."""
    return samples.astype(np.float32) / np.float32(32_768.0)


def to_int16(sound: Sound) -> Samples:
    """Round to 16 bits; what is over full scale is clipped, as a converter does."""
    samples: Samples = np.clip(np.rint(sound * 32_768.0), -32_768, 32_767).astype(np.int16)
    return samples
