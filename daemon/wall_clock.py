"""Keeps the wall time of events true over months: sound cards drift, and clocks are set.

A microphone's sound comes late, at times by seconds, and never early. So the least that it was late
in some stretch is how far the time that its samples stand for is off, whatever the machine was busy
with meanwhile. The sample clock itself is never touched.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from .companion import Silent
from .events import Stamp
from .pipeline import Pipeline
from .source import SAMPLE_RATE_HZ

_STRETCH_SAMPLES = 10 * SAMPLE_RATE_HZ
_OFF_S = 0.1
"""Less than this is what sound takes on its way in, and not worth a step in time."""


class WallClock(Silent):
    """A companion for live sound; `now` can be replaced in tests."""

    def __init__(self, stamp: Stamp, now: Callable[[], float] = time.time) -> None:
        self._stamp, self._now = stamp, now
        self._least_s, self._until = math.inf, _STRETCH_SAMPLES

    def heard(self, pipeline: Pipeline) -> None:
        """How late this sound came; at the end of a stretch, mend."""
        heard_at = self._stamp.opened_at + pipeline.samples / SAMPLE_RATE_HZ
        self._least_s = min(self._least_s, self._now() - heard_at)
        if pipeline.samples < self._until:
            return
        if abs(self._least_s) > _OFF_S:
            self._stamp.opened_at += self._least_s
        self._least_s, self._until = math.inf, pipeline.samples + _STRETCH_SAMPLES
