"""A recording inside somebody's package: where it lies, what is spoken, and how to read it.

Reading is put off, so that a package of thousands costs the memory of one, and a resumed run reads
only what it lacks.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..models.errors import WakefulError
from .voice import Sound, at_16_khz

_MOST_S = 600
"""What is longer is read no further: a file's head may claim anything."""


class SpeechError(WakefulError):
    """Recorded speech can't be got, or isn't as it was in any release known."""


class RecordingError(SpeechError):
    """One recording can't be read: it alone is left out."""


@dataclass(frozen=True)
class Recording:
    """`source` is its path inside the package, and its name in an archive behind a colon."""

    source: str
    language: str
    sound: Callable[[], Sound]
    """16 kHz mono; raises `RecordingError`."""


def decode(file: BinaryIO | Path, name: str) -> Sound:
    """What libsndfile reads, the channels' mean."""
    import soundfile

    try:
        with soundfile.SoundFile(file) as opened:
            rate_hz = opened.samplerate
            sound = opened.read(rate_hz * _MOST_S, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError) as error:
        raise RecordingError(f"{name}: not readable as sound ({error})") from error
    if not len(sound) or not np.isfinite(sound).all():
        raise RecordingError(f"{name}: holds no sound")
    return at_16_khz(sound.mean(axis=1), rate_hz)


def decode_bytes(content: bytes, name: str) -> Sound:
    """As `decode`, from memory."""
    return decode(io.BytesIO(content), name)


def eight_bit(content: bytes, rate_hz: int) -> Sound:
    """Unsigned 8-bit sound without any head, as games of the nineties have it."""
    levels = np.frombuffer(content, np.uint8).astype(np.float32)
    return at_16_khz((levels - 128) / 128, rate_hz)
