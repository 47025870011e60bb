"""Raw sound on a pipe: little-endian 16-bit samples as other programs write them."""

from __future__ import annotations

import os
import select
from typing import Protocol

import numpy as np

from .resample import Resampler
from .source import SAMPLE_RATE_HZ, Samples, SourceError

_MAGIC_BYTES = 4
"""So many bytes tell a sound file's header from raw sound."""


class PipeError(SourceError):
    """What comes down the pipe is not raw sound."""


class _Readable(Protocol):
    def fileno(self) -> int: ...
    def isatty(self) -> bool: ...


class RawPipe:
    """A `Source` over a file descriptor; sound is handed on as it comes.

    An odd byte at the end is dropped. Raises `PipeError` for a terminal, for what can't be read,
    and for a sound file with a header, which would be heard as a click and at the wrong rate.
    """

    def __init__(
        self, stream: _Readable, opened_at: float, rate_hz: int = SAMPLE_RATE_HZ, channels: int = 1
    ) -> None:
        if stream.isatty():
            raise PipeError(
                "standard input is a terminal; pipe raw 16-bit sound into it, as in  "
                "arecord -t raw -f S16_LE -r 16000 | wakeful listen --input -"
            )
        self.name = "stdin"
        self.opened_at = opened_at
        self.lost_samples = 0
        self._descriptor = stream.fileno()
        self._frame_bytes = 2 * channels
        self._channels = channels
        self._resampler = Resampler(rate_hz, channels)
        self._odd = b""
        self._begun = self._ended = False
        self._ready: Samples = np.zeros(0, np.int16)

    def read(self, max_samples: int) -> Samples:
        """At most so many samples, as soon as some are there; empty at the end."""
        while not len(self._ready) and not self._ended:
            self._ready = self._more(max_samples)
        samples, self._ready = self._ready[:max_samples], self._ready[max_samples:]
        return samples

    def _more(self, max_samples: int) -> Samples:
        new = self._received(max(4_096, max_samples * self._frame_bytes))
        content, self._odd = self._odd + new, b""
        self._ended = not new
        if not self._begun and not self._ended and len(content) < _MAGIC_BYTES:
            self._odd = content
            return np.zeros(0, np.int16)
        if not self._begun:
            self._begun = True
            _refuse_header(content)
        samples = self._whole_frames(content)
        return np.concatenate([samples, self._resampler.flush()]) if self._ended else samples

    def _received(self, most_bytes: int) -> bytes:
        """What is there, waiting for the first of it; nothing at the end."""
        while True:
            try:
                return os.read(self._descriptor, most_bytes)
            except BlockingIOError:
                # A program that shares the pipe may have told it not to wait.
                select.select([self._descriptor], [], [])
            except OSError as error:
                raise PipeError(
                    f"standard input can't be read ({error.strerror}); pipe raw sound into it"
                ) from error

    def _whole_frames(self, content: bytes) -> Samples:
        """The frames that are complete; what is left over waits for the rest of its frame."""
        whole = len(content) // self._frame_bytes * self._frame_bytes
        self._odd = content[whole:]
        frames = np.frombuffer(content[:whole], "<i2").reshape(-1, self._channels)
        return self._resampler.feed(frames.astype(np.int16, copy=False))

    def close(self) -> None:
        """Standard input belongs to the process: nothing to give back."""


def _refuse_header(content: bytes) -> None:
    for magic, kind in ((b"RIFF", "WAV"), (b"fLaC", "FLAC"), (b"OggS", "OGG")):
        if content.startswith(magic):
            raise PipeError(
                f"standard input carries a {kind} file, not raw samples; "
                "give the file's path to --input instead"
            )
