"""Takes the silence off both ends of a clip, so that where a word ends is where the clip ends."""

from __future__ import annotations

import numpy as np

from .voice import SAMPLE_RATE_HZ, Sound

_FRAME = SAMPLE_RATE_HZ // 100
_BELOW_LOUDEST_DB = 42.0


def trimmed(sound: Sound) -> Sound:
    """From a frame of 10 ms before the first that sounds to one after the last; [n] float32.

    A frame sounds within 42 dB of the loudest. Silence comes back as it is.
    """
    count = len(sound) // _FRAME
    if count < 3:
        return sound
    frames = sound[: count * _FRAME].reshape(count, _FRAME)
    level = np.sqrt(np.mean(frames * frames, axis=1))
    sounding = np.flatnonzero(level > level.max() * 10 ** (-_BELOW_LOUDEST_DB / 20))
    if not len(sounding):
        return sound
    first, last = max(0, int(sounding[0]) - 1), min(count, int(sounding[-1]) + 2)
    return sound[first * _FRAME : last * _FRAME]
