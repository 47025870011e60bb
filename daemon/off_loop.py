"""A call in a thread of its own: what takes long, or hangs in a driver, and must not stop us."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class OffLoop(Generic[Result]):
    """A call that has been started; whoever asks for its result is told its error too.

    The thread never keeps the process from ending.
    """

    def __init__(self, call: Callable[[], Result]) -> None:
        self._call, self._done = call, threading.Event()
        self._result: list[Result] = []
        self._error: BaseException | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            self._result.append(self._call())
        except BaseException as error:  # it is raised again where the result is asked for
            self._error = error
        self._done.set()

    def wait(self, timeout_s: float | None = 0.0) -> bool:
        """Whether it is done, after waiting for so long at most."""
        return self._done.wait(timeout_s)

    def result(self) -> Result:
        """What it returned, or raised; to be asked once it is done."""
        if self._error:
            raise self._error
        return self._result[0]
