"""Playing a sound to whoever sits there."""

from __future__ import annotations

from ..models.errors import WakefulError
from ..models.quiet import quiet_stderr
from .voice import SAMPLE_RATE_HZ, Sound


class NoSpeakerError(WakefulError):
    """Nothing here can play."""


def play(sound: Sound) -> None:
    """Until it has been heard; raises `NoSpeakerError` where there is no device for it."""
    with quiet_stderr():
        try:
            import sounddevice
        except OSError as error:
            raise NoSpeakerError(
                "can't play: the library PortAudio is missing; apt install libportaudio2"
            ) from error
        try:
            sounddevice.play(sound, SAMPLE_RATE_HZ, blocking=True)
        except (sounddevice.PortAudioError, ValueError) as error:
            raise NoSpeakerError(
                "can't play: no sound device here; write a file with --out"
            ) from error
