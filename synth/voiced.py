"""Speech told from noises: long enough for a word, not endless, and voice in a third of it."""

from __future__ import annotations

from .levels import to_int16
from .voice import SAMPLE_RATE_HZ, Sound

SHORTEST_S, LONGEST_S = 0.3, 60.0
LEAST_VOICE = 1 / 3

_STRICTNESS = 2
_FRAME = 480


def why_no_speech(sound: Sound) -> str:
    """Empty for speech, else one of "too short", "too long" and "no voice"."""
    seconds = len(sound) / SAMPLE_RATE_HZ
    if seconds < SHORTEST_S:
        return "too short"
    if seconds > LONGEST_S:
        return "too long"
    return "" if voice_share(sound) >= LEAST_VOICE else "no voice"


def voice_share(sound: Sound) -> float:
    """In how many of its whole frames of 30 ms webrtcvad finds a voice, out of one."""
    import webrtcvad

    detector = webrtcvad.Vad(_STRICTNESS)
    samples = to_int16(sound)
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    found = [detector.is_speech(frame.tobytes(), SAMPLE_RATE_HZ) for frame in frames]
    return found.count(True) / max(1, len(frames))
