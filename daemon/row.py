"""Events as they come, made one row without gaps: what was missed is asked for.

Publishing loses what a subscriber has no room for, and what happens while they are away. The
numbers show it; the daemon keeps the last events, and its `run` tells a new daemon from the old
one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from .requests import Events


class _Head(msgspec.Struct, frozen=True):
    event: str
    seq: int


_HEADS: msgspec.json.Decoder[_Head] = msgspec.json.Decoder(_Head)


@dataclass(frozen=True)
class Seen:
    """An event, in its order; `body` is its JSON, of whatever version."""

    kind: str
    seq: int
    body: bytes


@dataclass(frozen=True)
class Missed:
    """Events `first` to `last`, both included, happened and can't be had any more."""

    first: int
    last: int


@dataclass(frozen=True)
class Began:
    """What follows is another run's, whose events are numbered from 0."""

    run: str


Item = Seen | Missed | Began


def seen(body: bytes) -> Seen:
    """The event in some JSON; raises `msgspec.DecodeError`."""
    head = _HEADS.decode(body)
    return Seen(head.event, head.seq, body)


class Row:
    """Puts live events and replayed ones in order, each once.

    `ask` is given the number from which events are wanted, or None for where they stand now, and
    returns the daemon's answer, or None if there is none. Without `since` the row begins now.
    """

    def __init__(self, ask: Callable[[int | None], Events | None], since: int | None) -> None:
        self._ask = ask
        self._next = since
        self._run = ""
        self._live = -1
        """The live event that came last: in one run they come in order."""

    def connected(self) -> Iterator[Item]:
        """There is a connection, the first or another: catch up with what happened before it."""
        while page := self._ask(self._next):
            if self._is_of_another_run(page):
                self._next, self._live = 0, -1
                self._run = page.run
                yield Began(page.run)
                continue
            self._run = page.run
            if self._next is None:
                self._next = page.last + 1
            yield from self._taken(page)
            if self._next > page.last:
                return

    def live(self, event: Seen) -> Iterator[Item]:
        """An event has come by itself."""
        if self._next is not None and event.seq != self._next:
            yield from self.connected()
        # What is older than what is expected was in a replay, unless nobody replays: then it is
        # another run's if it is no newer than what came before it.
        if self._next is not None and event.seq <= self._live:
            self._next = event.seq
            yield Began("")
        self._live = event.seq
        if self._next is None or event.seq >= self._next:
            yield from self._up_to(event.seq)
            self._next = event.seq + 1
            yield event

    def _is_of_another_run(self, page: Events) -> bool:
        """A number that nobody has reached yet was counted in a run that has ended."""
        if self._run:
            return page.run != self._run
        return self._next is not None and self._next > page.last + 1

    def _taken(self, page: Events) -> Iterator[Item]:
        yield from self._up_to(page.kept_from)
        for body in page.events:
            event = seen(bytes(body))
            self._next = event.seq + 1
            yield event

    def _up_to(self, seq: int) -> Iterator[Missed]:
        """What lies before `seq` and was expected is gone."""
        if self._next is not None and self._next < seq:
            first, self._next = self._next, seq
            yield Missed(first, seq - 1)
