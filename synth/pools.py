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
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.synchronize import Barrier
from types import FrameType
from typing import Any, Literal

from ..models.orphan import die_with_parent

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
    with _tidy_end():
        workers = None
        try:
            with _whole(how):
                workers = context.Pool(processes, _begin, (begin, arguments))
            yield workers
        finally:
            if workers:
                workers.terminate()


@contextmanager
def executor(
    processes: int, begin: Callable[..., object] | None = None, arguments: tuple[Any, ...] = ()
) -> Iterator[ProcessPoolExecutor]:
    """Such workers, spawned, of whom it is told by `BrokenProcessPool` that one was killed."""
    context = multiprocessing.get_context("spawn")
    there = context.Barrier(processes)
    workers = ProcessPoolExecutor(processes, context, _begin_together, (there, begin, arguments))
    with _tidy_end():
        try:
            with _whole("spawn"):
                for _ in range(processes):  # Each begins when it is first needed.
                    workers.submit(_nothing)
            yield workers
        except BaseException:
            # Told first that nothing more is to come, it takes their deaths for that. Else it would
            # report a failure to those who asked, of whom some have been told to go already.
            manager = getattr(workers, "_executor_manager_thread", None)  # Or it is forgotten.
            workers.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.terminate()
            if manager is not None:
                manager.join()
            raise
        finally:
            workers.shutdown(cancel_futures=True)


def _leave_signals() -> None:
    """For a worker: Ctrl-C is for the process that the user talks to, which ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)


@contextmanager
def _whole(how: str) -> Iterator[None]:
    """Signals wait until workers are all there: half of them would be left behind, for ever."""
    if how == "spawn":  # What is tracked besides lets signals through as it begins: not here.
        resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _nothing() -> None:
    pass


def _begin(begin: Callable[..., object] | None, arguments: tuple[Any, ...]) -> None:
    _leave_signals()
    die_with_parent()
    if begin:
        begin(*arguments)


def _begin_together(
    there: Barrier, begin: Callable[..., object] | None, arguments: tuple[Any, ...]
) -> None:
    """None of them is free for a second task before the last has begun: no task would need it."""
    _begin(begin, arguments)
    there.wait()


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
