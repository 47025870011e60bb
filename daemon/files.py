"""Sound files as a source: WAV, FLAC, OGG and whatever else libsndfile reads, a piece at a time."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import numpy as np

from .resample import HIGHEST_HZ, LOWEST_HZ, Resampler
from .source import Samples, SourceError

_PIECE_FRAMES = 16_384


class FileError(SourceError):
    """A file can't be read as sound."""


class SoundFile:
    """A `Source` over one file; only a piece of it is in memory. Its sample 0 is dated `opened_at`.

    Raises `FileError` when it is missing, empty, no sound, or breaks off in the middle.
    """

    def __init__(self, path: str | os.PathLike[str], opened_at: float) -> None:
        self.path = Path(path)
        self.name = f"file:{self.path}"
        self.opened_at = opened_at
        self.lost_samples = 0
        self._file = _open(self.path)
        self.warning = _shortfall(self.path, self._file)
        self._resampler = Resampler(self._file.samplerate, self._file.channels)
        self._ready: Samples = np.zeros(0, np.int16)
        self._ended = False
        # Read as the numbers that are there: wider ones lose nothing before they are resampled.
        self._dtype = "int16" if self._file.subtype in {"PCM_16", "PCM_S8", "PCM_U8"} else "float32"

    @property
    def duration_s(self) -> float:
        """As the header says."""
        return float(self._file.frames) / float(self._file.samplerate)

    def read(self, max_samples: int) -> Samples:
        """At most so many samples; empty at the end."""
        while not len(self._ready) and not self._ended:
            self._ready = self._more()
        samples, self._ready = self._ready[:max_samples], self._ready[max_samples:]
        return samples

    def _more(self) -> Samples:
        import soundfile

        try:
            frames = self._file.read(_PIECE_FRAMES, dtype=self._dtype, always_2d=True)
        except soundfile.LibsndfileError as error:
            raise FileError(
                f"{self.path}: breaks off or is corrupt ({_reason(error)}); record or copy it again"
            ) from error
        if len(frames):
            return self._resampler.feed(frames)
        self._ended = True
        return self._resampler.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _open(path: Path) -> Any:
    """The opened file; every way in which it may be no sound has a line of its own."""
    import soundfile

    if path.is_dir():
        raise FileError(f"{path}: is a folder; name one sound file in it")
    try:
        size = path.stat().st_size
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from error
    if not size:
        raise FileError(f"{path}: is empty (0 bytes)")
    try:
        file = soundfile.SoundFile(path)
    except soundfile.LibsndfileError as error:
        raise FileError(
            f"{path}: is no sound file that can be read ({_reason(error)}); "
            "WAV, FLAC and OGG can; raw samples go to  --input -"
        ) from error
    with contextlib.ExitStack() as guard:
        guard.callback(file.close)
        _check(path, file)
        guard.pop_all()
    return file


def _check(path: Path, file: Any) -> None:
    if not file.frames:
        raise FileError(f"{path}: has a header but no sound")
    if not LOWEST_HZ <= file.samplerate <= HIGHEST_HZ:
        raise FileError(
            f"{path}: says that its rate is {file.samplerate} Hz; "
            f"{LOWEST_HZ} to {HIGHEST_HZ} can be used, so its header is likely corrupt"
        )


def _shortfall(path: Path, file: Any) -> str:
    """A line for the user when the header promises more than there is; what is there is played."""
    if "should be" not in file.extra_info:
        return ""
    return f"{path}: is cut short: its header promises more sound than there is; playing what is"


def _reason(error: Any) -> str:
    return str(error.error_string).strip().rstrip(".").lower()
