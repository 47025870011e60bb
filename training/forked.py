"""Parts of a work in several processes that share what is there already."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from ..synth.pools import pool

Part = TypeVar("Part")
Made = TypeVar("Made")

_workers: list[Callable[[Any], Any]] = []
"""This process's own."""


def forked(
    begin: Callable[[], Callable[[Part], Made]], parts: Sequence[Part], processes: int
) -> Iterator[Made]:
    """What a worker makes of each part, in order; each process begins one worker of its own."""
    if processes == 1:
        yield from map(begin(), parts)
        return
    # Forked: the sound is shared as it lies, not copied into every process.
    with pool(processes, _begin, (begin,), how="fork") as workers:
        yield from workers.imap(_go_on, parts)


def _begin(begin: Callable[[], Callable[[Any], Any]]) -> None:
    _workers[:] = [begin()]


def _go_on(part: Any) -> Any:
    return _workers[0](part)
