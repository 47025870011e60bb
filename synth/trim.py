"""Takes the silence off both ends of a clip, so that where a word ends is where the clip ends."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .voice import SAMPLE_RATE_HZ, Sound

_FRAME = SAMPLE_RATE_HZ // 100
_BELOW_LOUDEST_DB = 42.0
_CLICK_FRAMES, _PAUSE_FRAMES = 5, 20
"""What sounds for so short a time, so long apart from the rest, is a click: a word's last consonant
follows within a tenth of a second or two."""


def trimmed(sound: Sound) -> Sound:
    """From a frame of 10 ms before the first that sounds to one after the last; [n] float32.

    A frame sounds within 42 dB of the loudest. A click far before or behind the rest, as some
    engines leave one, is taken off with the silence. Silence comes back as it is.
    """
    count = len(sound) // _FRAME
    if count < 3:
        return sound
    frames = sound[: count * _FRAME].reshape(count, _FRAME)
    level = np.sqrt(np.mean(frames * frames, axis=1))
    sounding = np.flatnonzero(level > level.max() * 10 ** (-_BELOW_LOUDEST_DB / 20))
    if not len(sounding):
        return sound
    said = _without_clicks(sounding)
    first, last = max(0, int(said[0]) - 1), min(count, int(said[-1]) + 2)
    return sound[first * _FRAME : last * _FRAME]


def _without_clicks(sounding: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The frames that sound, without short ones far apart at either end."""
    pauses = np.flatnonzero(np.diff(sounding) > _PAUSE_FRAMES)
    groups = np.split(sounding, pauses + 1)
    longer = [n for n, group in enumerate(groups) if len(group) > _CLICK_FRAMES]
    return np.concatenate(groups[longer[0] : longer[-1] + 1]) if longer else sounding
