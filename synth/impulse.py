"""Recorded impulse responses, as people publish and measure them: of any rate, with any lead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..models.errors import WakefulError
from .geometry import SAMPLE_RATE_HZ, trimmed
from .levels import Sound

SUFFIXES = (".aif", ".aiff", ".flac", ".ogg", ".wav")
_LONGEST_FILE_S = 20.0
_DIRECT_DB = -10.0
_SILENT = 1e-5


class ImpulseError(WakefulError):
    """A file is no impulse response, or a folder holds none."""


def read_impulses(folder: Path) -> list[Sound]:
    """Every response under a folder, by name; raises `ImpulseError` for the first that is none."""
    if not folder.is_dir():
        raise ImpulseError(f"{folder}: no such folder; give one of impulse responses")
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not found:
        raise ImpulseError(f"{folder}: holds no {', '.join(SUFFIXES)}; give impulse responses")
    return [read_impulse(path) for path in found]


def read_impulse(path: Path) -> Sound:
    """One response at 16 kHz; sample 0 is the direct sound, and 1; at most 1.5 s are kept.

    Of several channels the first is taken: the sum of two microphones is a comb. Raises
    `ImpulseError` for a file that can't be read, is silent, or is too long to be a response.
    """
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            if file.frames > _LONGEST_FILE_S * file.samplerate:
                seconds = file.frames / file.samplerate
                raise ImpulseError(
                    f"{path}: {seconds:.0f} s is no impulse response "
                    f"(at most {_LONGEST_FILE_S:.0f} s); take it away"
                )
            rate_hz, samples = file.samplerate, file.read(dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError) as error:
        raise ImpulseError(f"{path}: not readable as sound ({error}); take it away") from error
    if not np.isfinite(samples).all():
        raise ImpulseError(f"{path}: holds samples that are no numbers; take it away")
    return from_direct(_resampled(samples[:, 0], rate_hz), str(path))


def from_direct(sound: Sound, name: str) -> Sound:
    """A recording from its direct sound on, which becomes 1; raises `ImpulseError` if silent.

    The direct sound is the first peak within 10 dB of the largest: a wall near a far speaker's
    microphone may send back more than comes straight.
    """
    size = np.abs(sound)
    largest = float(size.max()) if len(size) else 0.0
    if largest < _SILENT:
        raise ImpulseError(f"{name}: silent; take it away")
    first = int(np.argmax(size >= largest * 10 ** (_DIRECT_DB / 20)))
    direct = first + int(np.argmax(size[first : first + SAMPLE_RATE_HZ // 2_000]))
    return trimmed(sound[direct:] / sound[direct])


def _resampled(samples: Any, rate_hz: int) -> Sound:
    if rate_hz == SAMPLE_RATE_HZ:
        return np.asarray(samples, np.float32)
    import soxr

    return np.asarray(soxr.resample(samples, rate_hz, SAMPLE_RATE_HZ), np.float32)
