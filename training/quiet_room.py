"""A recording as the daemon hears it: in a room that is quiet before it and afterwards."""

from __future__ import annotations

import numpy as np

from ..synth.levels import Samples

LEAD = 14_400
"""What the daemon gives a network to hear before the first voice, in samples."""

HISS = 8.0
"""What a quiet room's microphone gives, RMS in int16's units: -72 dBFS."""

_PIECE = 1 << 20


def in_quiet_room(samples: Samples, after: int, before: int = LEAD) -> Samples:
    """`before` samples of faint hiss, the recording with that hiss under it, `after` more of it.

    The hiss is drawn from the recording's length: the same recording is always the same sound.
    """
    rng = np.random.default_rng(len(samples))
    sound = np.zeros(before + len(samples) + after, np.int16)
    sound[before : before + len(samples)] = samples
    # By the piece: an hour of float64 hiss would need half a gigabyte.
    for at in range(0, len(sound), _PIECE):
        part = sound[at : at + _PIECE]
        hiss = rng.normal(0, HISS, len(part)).round().astype(np.int32)
        part[:] = (part + hiss).clip(-32_768, 32_767)
    return sound
