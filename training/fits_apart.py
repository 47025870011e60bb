"""Fits that need nothing of each other, side by side: one alone gains little from a second core."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from ..models.errors import WakefulError
from ..synth.pools import executor
from .train_options import Say

Part = TypeVar("Part")
Work = Callable[[Part, Say], object]

_ours: list[tuple[Work[Any], Say]] = []
"""This worker's own."""


class FitsApartError(WakefulError):
    """A process that fitted is gone."""


def apart(work: Work[Part], parts: Sequence[Part], processes: int, say: Say) -> None:
    """Have all parts done, each in some process; what is made of one has to lie in a file.

    `work` goes to each process once, with all that it holds. Raises what `work` raises, and
    `FitsApartError` where a process is killed.
    """
    workers = min(processes, len(parts))
    if workers < 2:
        for part in parts:
            work(part, say)
        return
    lines: SimpleQueue[str | None] = get_context("spawn").SimpleQueue()
    teller = Thread(target=_pass_on, args=(lines, say), daemon=True)
    teller.start()
    try:
        with executor(workers, _begin, (work, lines, processes // workers)) as pool:
            for _ in pool.map(_go_on, parts):
                pass
    except BrokenProcessPool as error:
        raise FitsApartError(
            "a process that fitted has died, of too little memory perhaps; give the command again "
            "with --processes 1: what was done is kept"
        ) from error
    # Only here: who was killed while it told something keeps the others from telling anything.
    lines.put(None)
    teller.join()


def _pass_on(lines: SimpleQueue[str | None], say: Say) -> None:
    while (line := lines.get()) is not None:
        say(line)


def _begin(work: Work[Any], lines: SimpleQueue[str | None], threads: int) -> None:
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(threads)
    _ours[:] = [(work, lines.put)]


def _go_on(part: Any) -> None:
    work, say = _ours[0]
    work(part, say)
