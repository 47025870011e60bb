"""A function over many files in several processes, a batch at a time, so that nothing piles up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from ..synth.pools import executor
from ..synth.progress import Show
from .explore_files import ExploreError
from .explore_measure import UNREADABLE, Measured, measure, why_not
from .explore_store import Store

_BATCH, _CHUNK = 512, 8
_WORTH_PROCESSES = 200

Given = TypeVar("Given")
Made = TypeVar("Made")


class Hands:
    """A context: one process for a few files, several for many."""

    def __init__(self, processes: int, files: int) -> None:
        self._close = ExitStack()
        self._pool: ProcessPoolExecutor | None = None
        if processes > 1 and files >= _WORTH_PROCESSES:
            self._pool = self._close.enter_context(executor(processes))

    def __enter__(self) -> Hands:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        reason: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._close.__exit__(kind, reason, where)

    def over(self, function: Callable[[Given], Made], things: Sequence[Given]) -> Iterator[Made]:
        """What the function makes of each, in order; raises `ExploreError` if a process dies."""
        if self._pool is None:
            yield from map(function, things)
            return
        try:
            yield from self._pool.map(function, things, chunksize=_CHUNK)
        except BrokenProcessPool as error:
            raise ExploreError(
                "explore: a process that measured has died, of too little memory perhaps; "
                "try --processes 1, with --keep what was measured is not lost"
            ) from error


def measure_all(store: Store, hands: Hands, total: int, show: Show) -> None:
    """Measure what a store has not yet; what is done is kept after every few hundred."""
    while batch := store.waiting(_BATCH):
        done = total - int(
            store.one("SELECT count(*) FROM clips WHERE seconds IS NULL AND error IS NULL")
        )
        found = []
        for number, result in enumerate(hands.over(tried, [path for _, path in batch]), 1):
            found.append(result)
            show(done + number, total)
        store.put((n, result) for (n, _), result in zip(batch, found, strict=True))


def tried(path: Path) -> Measured | str:
    """What was measured, or why nothing could be."""
    try:
        return measure(path)
    except UNREADABLE as error:
        return why_not(path, error)
