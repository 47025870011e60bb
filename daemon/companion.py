"""What rides along with the loop: sockets, chimes, recognizers, the watchdog, metrics.

Everything here is called in the loop's own thread, between two pieces of sound, and must not wait:
whatever takes longer than a few milliseconds belongs in a thread or a process of the companion's
own, its result fetched on a later call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .events import Event
from .pipeline import Pipeline


@dataclass(frozen=True)
class Told:
    """An event that a companion wants said: what it is about, and how it is made of its stamp.

    `make` is given what `Stamp.at` gives, by name, as in
    ``Told(end, functools.partial(Digits, text="427", ...))``: only the loop numbers events.
    """

    sample: int
    make: Callable[..., Event]


class Companion(Protocol):
    """One of those that ride along; a call that has nothing to do returns at once."""

    def event(self, event: Event) -> None:
        """An event, stamped: every one, of every companion, in the order of its `seq`."""

    def heard(self, pipeline: Pipeline) -> None:
        """Some sound, 30 to 250 ms of it, has been worked on, and its events have been told."""

    def idle(self) -> None:
        """The same where no sound comes: every 100 ms or so while the microphone is gone."""

    def told(self) -> list[Told]:
        """What it wants said since it was asked last; asked after each `heard` and `idle`."""

    def close(self) -> None:
        """The last call, after `bye`; done within half a second."""


class Silent:
    """A companion that neither asks nor says anything: what most of them are in most calls."""

    def event(self, event: Event) -> None:
        """Nothing to do."""

    def heard(self, pipeline: Pipeline) -> None:
        """Nothing to do."""

    def idle(self) -> None:
        """Nothing to do."""

    def told(self) -> list[Told]:
        """Nothing to say."""
        return []

    def close(self) -> None:
        """Nothing to give back."""
