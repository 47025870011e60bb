"""A microphone whose samples we time: PulseAudio reads it from a pipe, which we fill.

The pipe is fed in pieces of 10 ms, each when its last sample is due, as by a sound card.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "daemon"))

import sound as sounds
from sound_server import sound_server

_PIECE = sounds.RATE_HZ // 100
_PIPE_BYTES = 4_096
"""The least that Linux keeps in a pipe: sound must not wait there unseen."""


class PipeMicrophone:
    """Plays what it is given, and a quiet room otherwise; says when each sample was heard."""

    def __init__(self, pipe: Path, environment: dict[str, str]) -> None:
        self.environment = environment
        self._pipe = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        _shrink(self._pipe)
        self._room = sounds.room(30.0)
        self._lock, self._end = threading.Condition(), False
        self._sound = sounds.zeros(0)
        self.late_s = 0.0
        """By how much the worst piece came too late: on a busy machine, ours as well."""
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._thread.start()

    def play(self, sound: sounds.Samples) -> float:
        """Play it to its end; returns the monotonic time at which its first sample was heard."""
        with self._lock:
            self._sound, self._began_s = sound, 0.0
            self._lock.wait_for(lambda: not len(self._sound))
            return self._began_s

    def _feed(self) -> None:
        began_s, pieces, at = time.monotonic(), 0, 0
        while not self._end:
            with self._lock:
                if not (playing := len(self._sound) > 0):
                    at = pieces * _PIECE % (len(self._room) - _PIECE)
                    piece = self._room[at : at + _PIECE]
                else:
                    piece, self._sound = self._sound[:_PIECE], self._sound[_PIECE:]
                    self._began_s = self._began_s or began_s + pieces * _PIECE / sounds.RATE_HZ
            pieces += 1
            due_s = began_s + pieces * _PIECE / sounds.RATE_HZ
            time.sleep(max(0.0, due_s - time.monotonic()))
            self.late_s = max(self.late_s, time.monotonic() - due_s)
            # A microphone that nobody listens to is not read either, and must not hold us up.
            with suppress(BlockingIOError):
                os.write(self._pipe, piece.tobytes())
            if playing:
                with self._lock:
                    self._lock.notify_all()

    def close(self) -> None:
        """Be silent."""
        self._end = True
        self._thread.join()
        os.close(self._pipe)


def _shrink(pipe: int) -> None:
    import fcntl

    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


@contextmanager
def pipe_microphone(folder: Path) -> Iterator[PipeMicrophone]:
    """A sound server of our own whose default microphone is the pipe."""
    pipe = folder / "microphone"
    with sound_server(folder) as server:
        words = ["load-module", "module-pipe-source", "source_name=pipe", f"file={pipe}"]
        words += ["format=s16le", f"rate={sounds.RATE_HZ}", "channels=1"]
        subprocess.run(
            ["pactl", *words], env=server.environment, check=True, stdout=subprocess.DEVNULL
        )
        microphone = PipeMicrophone(pipe, server.environment | {"PULSE_SOURCE": "pipe"})
        try:
            yield microphone
        finally:
            microphone.close()
