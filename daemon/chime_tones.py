"""Our own chimes, made from a few numbers: struck bells of three partials, one after another.

Three notes rather than one, and high ones: that is pleasant, lies above most of the voice, and can
be told from anything else that comes through the microphone (`chime_removal`): speech explains one
note now and then, two seldom, three of this order and length never.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float32]
"""One channel, full scale is 1."""

_PARTIALS = ((1.0, 1.0), (2.0, 0.35), (3.01, 0.12))
"""Frequency over the note's, and level: a bell's third partial is a little sharp."""

_ATTACK_S = 0.004
_PARTIAL_DECAY_S = 0.08
"""A partial dies away the sooner the higher it is, as it does in metal."""

_FADE_S = 0.04


@dataclass(frozen=True)
class Note:
    """One stroke."""

    hz: float
    at_s: float = 0.0
    level: float = 1.0


@dataclass(frozen=True)
class Tune:
    """Some strokes, each dying away to 1/e within `decay_s`; silent at `duration_s`."""

    notes: tuple[Note, ...]
    decay_s: float = 0.05
    duration_s: float = 0.36

    def sound(self, rate_hz: int) -> Sound:
        """The tune at any rate above 11 kHz, its peak at full scale."""
        time_s = np.arange(round(self.duration_s * rate_hz)) / rate_hz
        mixed = np.sum([_struck(note, self.decay_s, time_s) for note in self.notes], axis=0)
        left = np.clip((self.duration_s - time_s) / _FADE_S, 0, 1)
        faded = mixed * (0.5 - 0.5 * np.cos(np.pi * left))
        sound: Sound = (faded / np.abs(faded).max()).astype(np.float32)
        return sound


def _struck(note: Note, decay_s: float, time_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    since = np.maximum(time_s - note.at_s, 0)
    envelope = note.level * np.exp(-since / decay_s) * (1 - np.exp(-since / _ATTACK_S))
    sound = np.zeros_like(since)
    for ratio, level in _PARTIALS:
        fading = np.exp(-since * (ratio - 1) / _PARTIAL_DECAY_S)
        sound += level * fading * np.sin(2 * np.pi * note.hz * ratio * since)
    sound *= envelope
    return sound


TUNES = {
    "wake": Tune((Note(1174.66, 0.0, 0.7), Note(1479.98, 0.08, 0.85), Note(1760.0, 0.16))),
    "ended": Tune((Note(1760.0, 0.0, 0.7), Note(1479.98, 0.08, 0.85), Note(1174.66, 0.16))),
    "not-understood": Tune((Note(1318.51), Note(1108.73, 0.08), Note(932.33, 0.16))),
}
"""Rising: speak; falling: thank you; falling and sour: sorry."""
