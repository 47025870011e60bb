"""Signals for a loop that mostly waits: a wait is broken off at once, work between waits never."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupted(BaseException):
    """A signal asked for the end while the loop was waiting."""


class Signals:
    """SIGINT and SIGTERM ask for the end; a second one ends the process as if we weren't here.

    With `hangups`, SIGHUP is counted instead of ending the process.
    """

    def __init__(self, hangups: bool = False) -> None:
        self.stopped_by = ""
        """The name of the signal that asked for the end."""
        self.hangups = 0
        """How often SIGHUP came."""
        self._counts_hangups = hangups
        self._waiting = False

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Ours within, as before it afterwards."""
        known = [signal.SIGINT, signal.SIGTERM]
        before = {number: signal.getsignal(number) for number in known}
        hangup = signal.getsignal(signal.SIGHUP)
        self._before = before
        for number in known:
            signal.signal(number, self._stop)
        if self._counts_hangups:
            signal.signal(signal.SIGHUP, self._hang_up)
        try:
            yield
        finally:
            for number, handler in {**before, signal.SIGHUP: hangup}.items():
                signal.signal(number, handler)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """A stop that comes while we wait here, or came before, ends the wait: `Interrupted`."""
        self._waiting = True
        try:
            if self.stopped_by:
                raise Interrupted
            yield
        finally:
            self._waiting = False

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        for known, handler in self._before.items():
            signal.signal(known, handler)
        self.stopped_by = signal.Signals(number).name
        if self._waiting:
            raise Interrupted

    def _hang_up(self, _number: int, _frame: FrameType | None) -> None:
        self.hangups += 1
