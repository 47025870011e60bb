"""A lost microphone, got back in a thread of its own: closing and opening one may take for ever.

A sound server that hangs answers neither; the loop, which must never wait, only asks `found`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from .devices import DeviceError
from .pauses import Pauses
from .source import Source

_PATIENCE_S = 0.4
"""How long `close` waits for a thread that may be held by a sound server."""


class Lost(Protocol):
    """All that is asked of a source that gives no sound any more."""

    def close(self) -> None:
        """Give the device back."""


class Recovery:
    """One loss: from closing what is lost to the microphone that takes its place.

    `reopen` raises `DeviceError` while there is none; `wait` sleeps for a pause unless told to
    stop, and can be replaced, so that tests need no patience.
    """

    def __init__(
        self,
        lost: Lost,
        reopen: Callable[[], Source],
        pauses: Pauses,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        self._reopen, self._pauses, self._wait = reopen, pauses, wait
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._source: Source | None = None
        self.tries, self.refusal = 0, ""
        # A daemon thread: one that a hung sound server holds must not keep the process alive.
        self._thread = threading.Thread(
            target=self._run, args=(lost,), name="microphone", daemon=True
        )
        self._thread.start()

    def found(self) -> Source | None:
        """The microphone, once, as soon as it is open; never waits."""
        was_alive = self._thread.is_alive()
        with self._lock:
            source, self._source = self._source, None
        if source is None and not was_alive and not self._stop.is_set():
            raise RuntimeError("the thread that looks for the microphone has died")
        if source:
            self._stop.set()
        return source

    def close(self) -> None:
        """Look no further; a microphone that is found all the same is closed by its finder."""
        with self._lock:
            self._stop.set()
            source, self._source = self._source, None
        if source:
            source.close()
        self._thread.join(_PATIENCE_S)

    def _run(self, lost: Lost) -> None:
        lost.close()
        while not self._wait(self._stop, self._pauses.next_s()):
            self.tries += 1
            try:
                source = self._reopen()
            except DeviceError as error:
                self.refusal = str(error)
                continue
            self._hand_over(source)
            return

    def _hand_over(self, source: Source) -> None:
        with self._lock:
            if not self._stop.is_set():
                self._source = source
                return
        with suppress(DeviceError):
            source.close()
