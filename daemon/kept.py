"""The last events, so that who missed some can have them again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice


@dataclass(frozen=True)
class Page:
    """Some of them, in order, and the number from which to ask on."""

    bodies: list[bytes]
    next: int


class KeptEvents:
    """At most `capacity` of them, encoded, by their gapless numbers."""

    def __init__(self, capacity: int) -> None:
        self._bodies: deque[bytes] = deque(maxlen=capacity)
        self.last = -1
        """The number of the latest."""

    @property
    def first(self) -> int:
        """The number of the oldest that is still there; `last` + 1 if none is."""
        return self.last + 1 - len(self._bodies)

    def add(self, seq: int, body: bytes) -> None:
        """The next one; where a number was left out, what came before can't be counted any more."""
        if seq != self.last + 1:
            self._bodies.clear()
        self._bodies.append(body)
        self.last = seq

    def since(self, seq: int, most: int) -> Page:
        """Those from number `seq` on, as far as they are there, `most` at once."""
        start = min(max(seq, self.first), self.last + 1)
        bodies = list(islice(self._bodies, start - self.first, start - self.first + most))
        return Page(bodies, start + len(bodies))
