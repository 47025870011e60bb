"""Sound kept as FLAC, whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from ..models.whole_file import write_whole
from .voice import SAMPLE_RATE_HZ, Sound

_PEAK = 0.7
_QUIETEST = np.float32(1e-6)


def at_peak(sound: Sound) -> Sound:
    """Its loudest sample well below the top."""
    return sound * np.float32(_PEAK / max(_QUIETEST, np.abs(sound).max()))


def write_flac(path: Path, sound: Sound) -> None:
    """16 kHz, 16 bits. Through memory: libsndfile writes onto a full disk without a word."""
    import soundfile

    content = io.BytesIO()
    soundfile.write(content, sound, SAMPLE_RATE_HZ, format="FLAC", subtype="PCM_16")
    write_whole(path, content.getvalue())
