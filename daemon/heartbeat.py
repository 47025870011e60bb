"""Still listening: said by the clock of the sound, and by the wall's while there is none."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from .companion import Silent, Told
from .events import Event, Heartbeat, Wake
from .loop import Loop
from .pipeline import Pipeline
from .source import SAMPLE_RATE_HZ


class Heart(Silent):
    """A companion that says `heartbeat`."""

    def __init__(
        self, loop: Loop, every_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._loop, self._every_s, self._clock = loop, every_s, clock
        self._every_samples = round(every_s * SAMPLE_RATE_HZ)
        self._next_sample = self._every_samples
        self._next_s = clock() + every_s
        self._due = False
        self.wakes = 0
        """How often it has been woken."""

    def event(self, event: Event) -> None:
        """Count the wakes."""
        self.wakes += isinstance(event, Wake)

    def heard(self, pipeline: Pipeline) -> None:
        """Due by the sample clock."""
        if pipeline.samples >= self._next_sample:
            self._beat()

    def idle(self) -> None:
        """Due by the clock on the wall."""
        if self._clock() >= self._next_s:
            self._beat()

    def _beat(self) -> None:
        samples = self._loop.pipeline.samples
        self._due = True
        self._next_s = self._clock() + self._every_s
        self._next_sample = samples - samples % self._every_samples + self._every_samples

    def told(self) -> list[Told]:
        """The heartbeat, when it is due."""
        if not self._due:
            return []
        self._due, loop = False, self._loop
        samples = loop.pipeline.samples
        make = partial(
            Heartbeat,
            models=loop.hearing.names,
            muted=loop.muted,
            lost=loop.lost,
            heard_s=round(samples / SAMPLE_RATE_HZ, 3),
            wakes=self.wakes,
        )
        return [Told(samples, make)]
