"""`wakeful daemon`, and for each wake a line of when its sound was in hand and its event sent.

The lines go to the file that TIMED_WAKES names, after the event. Nothing else is changed.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
from wakeful.daemon import service
from wakeful.daemon.bus import Bus
from wakeful.daemon.cli import main
from wakeful.daemon.events import Event, Wake
from wakeful.daemon.loop import Loop
from wakeful.daemon.source import Samples


class Timed(msgspec.Struct, frozen=True):
    """One wake; times are monotonic."""

    sample: int
    """What it is about."""

    heard: int
    """How much sound the daemon had when it said so."""

    in_hand_s: float
    sent_s: float


@dataclass
class _InHand:
    """The sound that the loop was last given."""

    since_s: float = 0.0
    heard: int = 0


_in_hand = _InHand()


class TimedLoop(Loop):
    """Remembers when it was last given sound."""

    def _hear(self, samples: Samples) -> None:
        _in_hand.since_s = time.monotonic()
        _in_hand.heard = self.pipeline.samples + len(samples)
        super()._hear(samples)


class TimedBus(Bus):
    """Writes down each wake that it has sent."""

    def event(self, event: Event) -> None:
        """Send it first."""
        super().event(event)
        sent_s = time.monotonic()
        if isinstance(event, Wake):
            timed = Timed(event.sample, _in_hand.heard, _in_hand.since_s, sent_s)
            with Path(os.environ["TIMED_WAKES"]).open("ab") as out:
                out.write(msgspec.json.encode(timed) + b"\n")


if __name__ == "__main__":
    vars(service).update(Loop=TimedLoop, Bus=TimedBus)
    main()
