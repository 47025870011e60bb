"""Sound files as a source: WAV, FLAC, OGG and whatever else libsndfile reads, a piece at a time."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from pathlib import Path
from typing import Any

import numpy as np

from ..models.quiet import quiet_stderr
from .printable import printable
from .resample import HIGHEST_HZ, LOWEST_HZ, Resampler
from .source import Samples, SourceError

_PIECE_VALUES = 16_384
"""Frames times channels read at once: a file of many channels takes no more memory."""

_PROMISE = re.compile(r": (\d+) \(should be (\d+)\)")
"""How libsndfile's log says that a length in the header is not what it found, in bytes."""

_SLACK_BYTES = 8
"""Some writers count the header itself or the padding; that is no missing sound."""

_STREAMED_BYTES = 0x7FFF_0000
"""Who writes to a pipe can't know the length yet, and promises all that a header can."""


class FileError(SourceError):
    """A file can't be read as sound."""


class SoundFile:
    """A `Source` over one file; only a piece of it is in memory. Its sample 0 is dated `opened_at`.

    Raises `FileError` when it is missing, empty, no sound, or breaks off in the middle. `warning`
    is a line for the user about what can be played only in part, else empty.
    """

    def __init__(self, path: str | os.PathLike[str], opened_at: float) -> None:
        self.path = Path(path)
        self.name = f"file:{printable(str(self.path))}"
        self.opened_at = opened_at
        self.lost_samples = 0
        self._file = _open(self.path)
        self.warning = _shortfall(self.path, self._file)
        self._resampler = Resampler(self._file.samplerate, self._file.channels)
        self._piece_frames = max(1, _PIECE_VALUES // self._file.channels)
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
            frames = self._file.read(self._piece_frames, dtype=self._dtype, always_2d=True)
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

    _require_content(path)
    try:
        # libsndfile's decoders make remarks on standard error.
        with quiet_stderr():
            # As bytes: a name may be of another encoding than ours.
            file = soundfile.SoundFile(os.fsencode(path))
    except soundfile.LibsndfileError as error:
        raise FileError(
            f"{path}: is no sound file that can be read ({_reason(error)}); "
            "WAV, FLAC, OGG and MP3 can; raw samples go to  --input -"
        ) from error
    # soundfile seeks to where it is after each read, at which MP3 loses its bits: forward only.
    file.seekable = lambda: False
    with contextlib.ExitStack() as guard:
        guard.callback(file.close)
        _check(path, file)
        guard.pop_all()
    return file


def _require_content(path: Path) -> None:
    """Asks the system first: it knows better than a decoder why a file can't be read."""
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode):
            path.open("rb").close()
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise FileError(f"{str(path)!r}: is no file name ({error})") from error
    if stat.S_ISDIR(status.st_mode):
        raise FileError(f"{path}: is a folder; name one sound file in it")
    if not stat.S_ISREG(status.st_mode):
        raise FileError(
            f"{path}: is a pipe or a device, not a file; send raw samples to  --input -"
        )
    if not status.st_size:
        raise FileError(f"{path}: is empty (0 bytes)")


def _check(path: Path, file: Any) -> None:
    if not file.frames:
        raise FileError(
            f"{path}: its header says that no sound follows; if the recorder was killed, "
            f"mend it with  ffmpeg -i {path} mended.wav"
        )
    if not LOWEST_HZ <= file.samplerate <= HIGHEST_HZ:
        raise FileError(
            f"{path}: says that its rate is {file.samplerate} Hz; "
            f"{LOWEST_HZ} to {HIGHEST_HZ} can be used, so its header is likely corrupt"
        )


def _shortfall(path: Path, file: Any) -> str:
    """A line for the user when the header promises more than there is; what is there is played.

    OGG and MP3 promise no length in bytes: one of them that was cut short just ends sooner.
    """
    promises = [(int(a), int(b)) for a, b in _PROMISE.findall(file.extra_info)]
    if not any(there + _SLACK_BYTES < said < _STREAMED_BYTES for said, there in promises):
        return ""
    return f"{path}: is cut short: its header promises more sound than there is; playing what is"


def _reason(error: Any) -> str:
    return str(error.error_string).lower().removeprefix("error : ").strip(" .\n")
