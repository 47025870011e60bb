"""Music as far as a wake word cares: notes in a key, each a struck tone with overtones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .levels import Sound

_SAMPLE_RATE_HZ = 16_000
_TABLE = 2_048
_ATTACK = 80
_SCALES = ((0, 2, 4, 7, 9), (0, 3, 5, 7, 10), (0, 2, 4, 5, 7, 9, 11))


@dataclass(frozen=True)
class Tune:
    """One instrument that goes on and on; which of its notes come when, its seed says.

    `scale` counts half-steps above the root, `overtones` are amplitudes, the fundamental's first.
    """

    root_hz: float
    scale: tuple[int, ...]
    beat_s: float
    decay_s: float
    """Until a note is 60 dB down."""
    overtones: tuple[float, ...]
    seed: int

    def sound(self, length: int) -> Sound:
        """`length` samples; a longer tune begins as a shorter one."""
        heard = np.zeros(length, np.float32)
        wave, swell = self._wave(), self._swell(length)
        for at, hz, size in self._notes(length):
            fading = swell[: length - at]
            turn = (np.arange(len(fading)) * (hz / _SAMPLE_RATE_HZ * _TABLE)).astype(np.int32)
            heard[at : at + len(fading)] += np.float32(size) * fading * wave[turn % _TABLE]
        return heard

    def _notes(self, length: int) -> Iterator[tuple[int, float, float]]:
        """Where, how high, how loud: one to three at every beat."""
        rng = np.random.default_rng(self.seed)
        beat = int(self.beat_s * _SAMPLE_RATE_HZ)
        for at in range(int(rng.integers(beat)), length, beat):
            for _ in range(rng.integers(1, 4)):
                steps = self.scale[rng.integers(len(self.scale))] + 12 * int(rng.integers(0, 3))
                yield at, self.root_hz * 2 ** (steps / 12), float(rng.uniform(0.3, 1.0))

    def _wave(self) -> npt.NDArray[np.float32]:
        """One turn of it."""
        turns = np.arange(_TABLE) / _TABLE
        harmonics = [a * np.sin(2 * np.pi * k * turns) for k, a in enumerate(self.overtones, 1)]
        wave: npt.NDArray[np.float32] = np.sum(harmonics, axis=0).astype(np.float32)
        return wave

    def _swell(self, most: int) -> Sound:
        """What becomes of every note's loudness: struck within 5 ms, then dying away."""
        decay = self.decay_s * _SAMPLE_RATE_HZ
        time = np.arange(min(most, int(decay)))
        swell = np.minimum(1.0, time / _ATTACK) * 10.0 ** (-3.0 / decay * time)
        return np.asarray(swell, np.float32)


def draw_tune(rng: np.random.Generator) -> Tune:
    """Of any key and tempo, plucked or held; nothing of it is above 5.3 kHz."""
    overtones = 0.7 ** np.arange(6) * rng.uniform(0.1, 1.0, 6)
    return Tune(
        root_hz=round(float(55.0 * 2 ** rng.uniform(0, 1)), 2),
        scale=_SCALES[rng.integers(len(_SCALES))],
        beat_s=round(60.0 / float(rng.uniform(70, 340)), 4),
        decay_s=round(float(rng.uniform(0.3, 1.5)), 3),
        overtones=tuple(round(float(a), 3) for a in overtones),
        seed=int(rng.integers(2**32)),
    )
