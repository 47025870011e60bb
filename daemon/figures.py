"""What has happened, in plain numbers: counted by the loop, read by whoever tells them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from .companion import Silent
from .events import Answer, AudioLost, AudioRestored, Event, Muted, Overflow, Wake, WorkerDied
from .pipeline import Pipeline

WAKE_BOUNDS_S = (0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0)
ANSWER_BOUNDS_S = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0)


class Histogram:
    """How many values lie at or below each bound, and their sum."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def take(self, value: float) -> None:
        """One more."""
        place = sum(value > bound for bound in self._bounds)
        self._counts[place] += 1
        self.sum += value

    @property
    def buckets(self) -> list[tuple[str, float]]:
        """As Prometheus has them: each bound with all that lies below it, the last of them +Inf."""
        total, rows = 0, []
        for bound, count in zip((*self._bounds, "+Inf"), self._counts, strict=True):
            total += count
            rows.append((str(bound), float(total)))
        return rows


class Figures(Silent):
    """The companion: what has happened, in numbers; `now` can be replaced in tests."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._position = 0
        self._is_live = False
        self.heard_samples = self.open_samples = 0
        self.lost_samples = self.losses = 0
        self.is_lost = self.is_muted = False
        self.wakes: Counter[str] = Counter()
        self.events: Counter[str] = Counter()
        self.restarts: Counter[str] = Counter()
        self.answers: dict[str, Histogram] = {}
        self.wake_latency_s = Histogram(WAKE_BOUNDS_S)

    def heard(self, pipeline: Pipeline) -> None:
        """How much, and how much of it behind an open gate."""
        new, self._position = pipeline.samples - self._position, pipeline.samples
        self.heard_samples += new
        if pipeline.gate.is_open:
            self.open_samples += new

    def event(self, event: Event) -> None:
        """Count it."""
        self.events[str(event.__struct_config__.tag)] += 1
        self._is_live = event.source.startswith("mic:")
        match event:
            case Wake():
                self._wake(event)
            case Answer():
                known = self.answers.setdefault(event.recognizer, Histogram(ANSWER_BOUNDS_S))
                known.take(event.took_ms / 1000)
            case Overflow():
                self.lost_samples += event.lost_samples
            case AudioLost():
                self.losses += 1
                self.is_lost = True
            case AudioRestored():
                self.is_lost = False
            case WorkerDied():
                self.restarts[event.recognizer] += 1
            case Muted():
                self.is_muted = event.muted
            case _:
                pass

    def _wake(self, event: Wake) -> None:
        self.wakes[event.model] += 1
        # A recording's samples stand for no wall time that has to do with now.
        if self._is_live:
            self.wake_latency_s.take(max(0.0, self._now() - event.time))
