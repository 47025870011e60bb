"""Letters out of a ROUTER socket, however they were cut: a hostile one costs a bounded time.

A REQ peer sends ``[identity, empty, body]``, a DEALER may leave the empty frame out; both are
letters. A message may have a million frames, and ZeroMQ hands it over frame by frame: those beyond
what a letter has are thrown away, so many in a call.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

_MOST_FRAMES = 3
_FRAMES_AT_ONCE = 200


class Frames(Protocol):
    """Where messages are read frame by frame, as from a `Bound`."""

    renewals: int

    def receive(self) -> tuple[bytes, bool] | None:
        """A frame, and whether it was its message's last; None when there is none."""


@dataclass(frozen=True)
class Letter:
    """What somebody sent; an empty `body` where it made no sense."""

    envelope: tuple[bytes, ...]
    body: bytes

    def answered(self, body: bytes) -> list[bytes]:
        """The frames of an answer to them."""
        return [*self.envelope, body]


class Inbox:
    """Takes messages apart; never waits for the rest of one."""

    def __init__(self, socket: Frames) -> None:
        self._socket = socket
        self._begun: list[bytes] = []
        """The frames of a message whose last one hasn't been looked at."""
        self._renewals = 0

    def letters(self, most: int) -> Iterator[Letter]:
        """At most so many that are there now."""
        if self._socket.renewals != self._renewals:
            self._begun, self._renewals = [], self._socket.renewals
        for _ in range(_FRAMES_AT_ONCE):
            received = self._socket.receive()
            if received is None:
                return
            frame, is_last = received
            if len(self._begun) <= _MOST_FRAMES:
                self._begun.append(frame)
            if is_last:
                frames, self._begun = self._begun, []
                yield opened(frames)
                most -= 1
            if most <= 0:
                return


def opened(frames: list[bytes]) -> Letter:
    """The letter that some frames are, the first of them the sender's identity."""
    match frames:
        case [identity, body]:
            return Letter((identity,), body)
        case [identity, b"", body]:
            return Letter((identity, b""), body)
        case [identity, *_]:
            return Letter((identity,), b"")
    raise AssertionError("ROUTER puts an identity before each message")
