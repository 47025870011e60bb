"""Recorded noise under recorded words, so many decibels below what is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..models.errors import WakefulError
from ..synth.levels import SILENT_DBFS, Samples, active_dbfs, gain, rms_dbfs, to_float, to_int16
from ..synth.palette import Clip
from .corpus import read_sound

_TRIES = 20


class NoiseError(WakefulError):
    """Noise was asked for and there is none to be heard."""


@dataclass(frozen=True)
class Backdrop:
    """Files of noise, and how far below the word their sound is laid."""

    files: Sequence[Path]
    snr_db: float
    seed: int

    def under(self, samples: Samples, number: int, said: Samples) -> Samples:
        """Recording `number` with a piece of noise under it, `snr_db` below the level of `said`.

        The piece depends on seed and number alone. Raises `NoiseError` where nothing sounds.
        """
        rng = np.random.default_rng([self.seed, number])
        for _ in range(_TRIES):
            noise = read_sound(self.files[int(rng.integers(len(self.files)))])
            piece = _piece(noise, len(samples), rng)
            if piece.any():
                return mixed(samples, piece, self.snr_db, active_dbfs(to_float(said)))
        raise NoiseError(
            f"{self.files[0].parent}: nothing sounds in {_TRIES} pieces of noise drawn from its "
            "files; give recordings that do"
        )


def with_noise(
    clips: Sequence[Samples], noise: Sequence[Clip], snr_db: float, seed: int
) -> list[Samples]:
    """Each clip with a piece of drawn noise under it, `snr_db` below what sounds in it."""
    rng = np.random.default_rng(seed)
    noisy = []
    for clip in clips:
        drawn = noise[int(rng.integers(len(noise)))].samples
        level_dbfs = active_dbfs(to_float(clip))
        noisy.append(mixed(clip, _piece(drawn, len(clip), rng), snr_db, level_dbfs))
    return noisy


def _piece(noise: Samples, length: int, rng: np.random.Generator) -> Samples:
    """From a drawn sample on, a short recording over and over; silence of an empty one."""
    if not len(noise):
        return np.zeros(length, np.int16)
    start = int(rng.integers(len(noise)))
    return np.resize(np.roll(noise, -start), length)


def mixed(samples: Samples, piece: Samples, snr_db: float, level_dbfs: float) -> Samples:
    """A recording with as long a piece of noise, `snr_db` below `level_dbfs`, under it."""
    sound, noise = to_float(samples), to_float(piece)
    factor = gain(max(level_dbfs, SILENT_DBFS) - snr_db - rms_dbfs(noise))
    both = sound + noise * np.float32(factor)
    # Room for the sum: turned down as a whole rather than clipped.
    return to_int16(both * np.float32(1.0 / max(1.0, float(np.abs(both).max(initial=0.0)))))
