"""What a microphone and a line do to a spectrum: a tilt, a few bumps, and an end at both sides.

All of it is one curve of gain over frequency, without phase: it costs one product where a clip's
spectrum is at hand already, and delays nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True)
class Bump:
    """A resonance or a dip: `gain_db` at `centre_hz`, half of it `width_octaves` away."""

    centre_hz: float
    width_octaves: float
    gain_db: float


@dataclass(frozen=True)
class Equaliser:
    """A drawn device. Beyond `low_cut_hz` and `high_cut_hz` it falls by 24 dB an octave."""

    tilt_db_per_octave: float = 0.0
    bumps: tuple[Bump, ...] = ()
    low_cut_hz: float = 0.0
    high_cut_hz: float = 0.0
    """0: no end on this side."""

    def curve(self, length: int) -> npt.NDArray[np.float32]:
        """Factors for the ``length // 2 + 1`` bins of a real spectrum of `length` samples."""
        hz = np.maximum(np.arange(length // 2 + 1) * (_SAMPLE_RATE_HZ / length), 1.0)
        octaves = np.log2(hz / 1_000.0)
        # Nothing is tilted beyond four octaves from 1 kHz: rumble stays rumble.
        db = self.tilt_db_per_octave * np.clip(octaves, -4.0, 3.0)
        for b in self.bumps:
            distance = (octaves - np.log2(b.centre_hz / 1_000.0)) / b.width_octaves
            db += b.gain_db * np.exp2(-(distance**2))
        factors = 10.0 ** (db / 20.0)
        if self.low_cut_hz:
            factors /= np.sqrt(1.0 + (self.low_cut_hz / hz) ** 8)
        if self.high_cut_hz:
            factors /= np.sqrt(1.0 + (hz / self.high_cut_hz) ** 8)
        curve: npt.NDArray[np.float32] = factors.astype(np.float32)
        return curve


TELEPHONE = (300.0, 3_400.0)


def draw_equaliser(rng: np.random.Generator) -> Equaliser:
    """One in eight is a telephone; of the others some lose their lows, some their highs."""
    if rng.random() < 0.125:
        low_hz, high_hz = TELEPHONE
    else:
        low_hz = float(rng.uniform(60, 350)) if rng.random() < 0.4 else 0.0
        high_hz = float(rng.uniform(3_000, 7_500)) if rng.random() < 0.4 else 0.0
    bumps = tuple(
        Bump(
            centre_hz=float(120.0 * 2 ** rng.uniform(0, 5.8)),
            width_octaves=float(rng.uniform(0.3, 1.5)),
            gain_db=float(rng.uniform(-9, 9)),
        )
        for _ in range(rng.integers(0, 4))
    )
    return Equaliser(float(rng.normal(0.0, 1.5)), bumps, low_hz, high_hz)
