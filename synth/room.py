"""A cheap room: direct sound, a few early reflections, and noise that dies away exponentially.

No geometry: what a recogniser has to bear is the ratio of direct to reflected sound and how long
the latter lasts, and both are drawn here at a thousandth of an image source model's cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .levels import Sound, gain

_SAMPLE_RATE_HZ = 16_000
_SPEED_OF_SOUND_M_PER_S = 343.0


@dataclass(frozen=True)
class Room:
    """A drawn room. `direct_db` is the direct sound's energy over that of all reflections."""

    decay_s: float
    """Until the reflections are 60 dB down."""
    direct_db: float
    first_reflection_s: float
    seed: int

    def response(self) -> Sound:
        """The impulse response; its first sample is the direct sound, so nothing is delayed."""
        rng = np.random.default_rng(self.seed)
        length = int(self.decay_s * _SAMPLE_RATE_HZ)
        time_s = np.arange(length, dtype=np.float32) / _SAMPLE_RATE_HZ
        tail = rng.standard_normal(length, np.float32) * 10.0 ** (-3.0 * time_s / self.decay_s)
        # Reflections are sparse at first and dense later, as the square of time.
        density = np.minimum(1.0, 0.01 + (time_s / 0.05) ** 2)
        tail[rng.random(length) > density] = 0.0
        tail[: max(1, int(self.first_reflection_s * _SAMPLE_RATE_HZ))] = 0.0
        energy = float(np.dot(tail, tail))
        if energy > 0:
            tail *= gain(-self.direct_db) / np.sqrt(energy)
        tail[0] = 1.0
        return tail.astype(np.float32)


@dataclass(frozen=True)
class BankedRoom:
    """One of a palette's `rooms`, which were simulated or recorded before."""

    number: int


def draw_room(rng: np.random.Generator) -> Room:
    """From a furnished bedroom at arm's length to a bare hall across the table."""
    return Room(
        decay_s=float(np.exp(rng.uniform(np.log(0.12), np.log(0.9)))),
        direct_db=float(rng.uniform(-5.0, 14.0)),
        first_reflection_s=float(rng.uniform(0.5, 4.0) / _SPEED_OF_SOUND_M_PER_S),
        seed=int(rng.integers(2**32)),
    )
