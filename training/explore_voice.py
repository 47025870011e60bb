"""Where webrtcvad finds speech in a recording, and what would be left of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import webrtcvad

from ..synth.levels import Samples

RATE_HZ = 16_000
_FRAME = 320
_FRAME_S = _FRAME / RATE_HZ
_STRICTNESS = 2
_ABOVE_QUIETEST = 4.0
_SHORTEST_FRAMES = 3
"""A single frame of 20 ms is a click: it takes 60 ms to be speech."""

MARGIN_S = 0.1
"""What trimming leaves on both sides: an onset is quieter than what webrtcvad hears."""


@dataclass(frozen=True)
class Voice:
    """How long somebody speaks, from when to when; None where nobody does."""

    voiced_s: float
    start_s: float | None
    end_s: float | None


class VoiceFinder:
    """Fed with any lengths of 16 kHz sound, it finds the same.

    webrtcvad takes whatever comes first for speech, until it knows the room: so what it calls
    speech must also lie 6 dB above the quietest tenth of the recording.
    """

    def __init__(self) -> None:
        self._vad = webrtcvad.Vad(_STRICTNESS)
        self._held = np.zeros(0, np.int16)
        self._flags: list[bool] = []
        self._powers: list[npt.NDArray[np.float64]] = []

    def feed(self, samples: Samples) -> None:
        """More of the recording."""
        held = np.concatenate([self._held, samples])
        whole = len(held) // _FRAME * _FRAME
        sound, frames = held[:whole].tobytes(), held[:whole].reshape(-1, _FRAME).astype(np.float64)
        self._flags += [
            self._vad.is_speech(sound[at : at + 2 * _FRAME], RATE_HZ)
            for at in range(0, len(sound), 2 * _FRAME)
        ]
        self._powers.append(np.einsum("ij,ij->i", frames, frames))
        self._held = held[whole:]

    def spans(self) -> list[tuple[float, float]]:
        """(start, end) of each stretch of speech in all that was fed, in seconds."""
        if not self._flags:
            return []
        powers = np.concatenate(self._powers)
        quietest = np.sort(powers)[: max(1, len(powers) // 10)].mean()
        speech = np.array(self._flags) & (powers >= _ABOVE_QUIETEST * quietest)
        edges = np.flatnonzero(np.diff(speech.astype(np.int8), prepend=0, append=0))
        runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
        return [(a * _FRAME_S, b * _FRAME_S) for a, b in runs if b - a >= _SHORTEST_FRAMES]

    def found(self) -> Voice:
        """Of all that was fed."""
        spans = self.spans()
        if not spans:
            return Voice(0.0, None, None)
        return Voice(sum(b - a for a, b in spans), spans[0][0], spans[-1][1])


def spans_of(samples: Samples) -> list[tuple[float, float]]:
    """Stretches of speech in 16 kHz sound, in seconds."""
    finder = VoiceFinder()
    finder.feed(samples)
    return finder.spans()


def trimmed_s(seconds: float, start_s: float | None, end_s: float | None) -> float:
    """What trimming leaves of a recording: from 0.1 s before speech to 0.1 s after it.

    Where there is none it is left as it is: silence and noise are wanted for what they are.
    """
    if start_s is None or end_s is None:
        return seconds
    return min(seconds, end_s + MARGIN_S) - max(0.0, start_s - MARGIN_S)
