"""One stretch of speech after a wake word, on its way to a recognizer and back."""

from __future__ import annotations

from dataclasses import dataclass

from .events import Event, Wake
from .recognizer import About
from .recognizer_messages import Task
from .source import SAMPLE_RATE_HZ


@dataclass(frozen=True)
class Speech:
    """What was said after one wake: samples [start, end), in a wall time that holds at `known`.

    `ended_at` is on the handoff's own clock. What is not over has only paused.
    """

    wake: Wake
    start: int
    end: int
    known: Event
    ended_at: float
    is_over: bool = True

    def is_same(self, other: Speech) -> bool:
        """Whether it is the same sound, by what is known of it."""
        return (self.wake.seq, self.start, self.end) == (other.wake.seq, other.start, other.end)

    def task(self, slot: int, samples: int) -> Task:
        """What the recognizer's process is sent: so many samples lie in that slot."""
        later = self.start - self.known.sample
        about = About(
            source=self.known.source,
            time=round(self.known.time + later / SAMPLE_RATE_HZ, 3),
            start_sample=self.start,
            keyword=self.wake.keyword,
            wake_seq=self.wake.seq,
        )
        return Task(number=self.wake.seq, slot=slot, samples=samples, about=about)
