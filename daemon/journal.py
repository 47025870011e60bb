"""What a log gets to read: one line for everything that happened, heartbeats and sound excepted.

Under systemd, lines about what is amiss are marked as warnings (sd-daemon(3)). Where the log can't
take a line, as on a full disk, that line is lost and nothing else.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import TextIO

from .companion import Silent
from .events import AudioLost, ConfigReloaded, Event, Heartbeat, Muted, Overflow, WorkerDied
from .printable import printable
from .wording import said

_WARNING = "<4>"


class Journal(Silent):
    """A companion that writes to `stream`."""

    def __init__(
        self, stream: TextIO = sys.stderr, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._stream = stream
        self._marks = "JOURNAL_STREAM" in environment

    def event(self, event: Event) -> None:
        """A line of it."""
        if isinstance(event, Heartbeat):
            return
        mark = _WARNING if self._marks and is_amiss(event) else ""
        line = f"{event.__struct_config__.tag} {told(event)}".rstrip()
        # A line that was half written is tried again with the next one, by Python itself.
        with suppress(OSError):
            print(f"{mark}{printable(line)}", file=self._stream, flush=True)

    def close(self) -> None:
        """What could not be written is given up, lest Python fail over it once more at exit."""
        try:
            self._stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


def is_amiss(event: Event) -> bool:
    """Whether somebody who looks after the machine had better know."""
    failed = isinstance(event, ConfigReloaded) and bool(event.error)
    return failed or isinstance(event, AudioLost | Overflow | WorkerDied)


def told(event: Event) -> str:
    """What an event says beyond its kind."""
    match event:
        case ConfigReloaded(error=""):
            text = ", ".join(event.models)
            if event.restart_needed_for:
                text += f"; restart it to change {', '.join(event.restart_needed_for)}"
        case ConfigReloaded():
            text = f"failed, all stays as it was: {event.error}"
        case Muted():
            text = "from now on" if event.muted else "no longer"
        case _:
            text = said(event)
    return text
