"""Programs that are run for events: each one apart, so many at once, the others in a queue."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ..models.errors import UsageError
from .row import Seen

_LONGEST_QUEUE = 10_000
_LONGEST_VALUE_BYTES = 100_000
"""Linux takes no more than 128 KiB in one variable: what is longer is on standard input alone."""

_LOOK_S = 0.05


class Runner:
    """Runs one command for each event that is added; raises `UsageError` if it isn't there.

    None of the calls but `finish` and `give_up` waits for a program.
    """

    def __init__(self, command: Sequence[str], at_once: int, say: Callable[[str], None]) -> None:
        if shutil.which(command[0]) is None:
            raise UsageError(f"{command[0]!r} is no program that can be run; is it on the PATH?")
        self._command, self._at_once, self._say = list(command), at_once, say
        self._waiting: deque[Seen] = deque()
        self._running: dict[subprocess.Popen[bytes], Seen] = {}

    def add(self, event: Seen) -> None:
        """One more event to run the program for."""
        if len(self._waiting) >= _LONGEST_QUEUE:
            lost = self._waiting.popleft()
            self._say(f"{_LONGEST_QUEUE} events wait for their program: {lost.seq} is given up")
        self._waiting.append(event)

    def tend(self) -> None:
        """See who has ended; start who may."""
        for process in [p for p in self._running if p.poll() is not None]:
            event = self._running.pop(process)
            if process.returncode:
                self._say(f"{self._command[0]} for {event.kind} {event.seq}: {_ending(process)}")
        while self._waiting and len(self._running) < self._at_once:
            self._start(self._waiting.popleft())

    def finish(self) -> None:
        """Wait until all has been run."""
        while self._waiting or self._running:
            self.tend()
            time.sleep(_LOOK_S if self._running else 0)

    def give_up(self) -> None:
        """Begin no more of them; wait for those that run, which Ctrl-C has reached too."""
        if self._waiting:
            self._say(f"{len(self._waiting)} events still waited for their program: given up")
        self._waiting.clear()
        self.finish()

    def _start(self, event: Seen) -> None:
        # A file, not a pipe: nobody waits for a program that doesn't read.
        with tempfile.TemporaryFile() as body:
            body.write(event.body + b"\n")
            body.seek(0)
            environment = os.environ | variables(event)
            try:
                process = subprocess.Popen(self._command, stdin=body, env=environment)
            except OSError as error:
                what = f"{self._command[0]} for {event.kind} {event.seq}"
                self._say(f"{what}: can't be run: {error.strerror}")
                return
        self._running[process] = event


def variables(event: Seen) -> dict[str, str]:
    """An event's fields as environment variables; a list or an object is JSON."""
    fields: dict[str, Any] = msgspec.json.decode(event.body)
    values = {f"WAKEFUL_{key.upper()}": _text(value) for key, value in fields.items()}
    values["WAKEFUL_JSON"] = event.body.decode()
    return {k: v for k, v in values.items() if len(v.encode()) <= _LONGEST_VALUE_BYTES}


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text.replace("\0", "")  # which ends a variable


def _ending(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    return f"ended with code {code}" if code > 0 else f"was ended by signal {-code}"
