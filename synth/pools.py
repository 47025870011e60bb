"""Several processes for a long work, which end with the one that the user talks to.

Ctrl-C reaches every process of a terminal, and SIGTERM but one: without what stands here the others
tell of the one with tracebacks of their own, and of the other with broken pipes.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.pool
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from types import FrameType
from typing import Any, Literal

_ENDING = (signal.SIGINT, signal.SIGTERM)
_ENDED_BY_SIGTERM = 128 + signal.SIGTERM


@contextmanager
def pool(
    processes: int,
    begin: Callable[..., object] | None = None,
    arguments: tuple[Any, ...] = (),
    how: Literal["spawn", "fork"] = "spawn",
) -> Iterator[multiprocessing.pool.Pool]:
    """So many workers, each of which calls ``begin(*arguments)`` first.

    Spawned ones start afresh: threads and locks of libraries don't outlive a fork.
    """
    context = multiprocessing.get_context(how)
    if how == "spawn":  # It lets signals through once it is there: not between ours.
        resource_tracker.ensure_running()
    with _tidy_end():
        # A pool that is half made when a signal comes leaves its workers behind, waiting for ever.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        workers = None
        try:
            workers = context.Pool(processes, _begin, (begin, arguments))
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            yield workers
        finally:
            if workers:
                workers.terminate()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def leave_signals() -> None:
    """For a worker: Ctrl-C is for the process that the user talks to, which ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)


def _begin(begin: Callable[..., object] | None, arguments: tuple[Any, ...]) -> None:
    leave_signals()
    if begin:
        begin(*arguments)


@contextmanager
def _tidy_end() -> Iterator[None]:
    """Meanwhile SIGTERM ends this process as Ctrl-C does, the workers first; a second one at once.

    Whoever handles it already goes on doing so, and another thread than the first can't.
    """
    handled = signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    if handled or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    raise SystemExit(_ENDED_BY_SIGTERM)
