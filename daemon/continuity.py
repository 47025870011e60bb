"""Whether sound has come without a gap: what a device has given, held against two clocks.

The machine may have slept, the process been stopped, the device dropped sound and said nothing.
Then a sample's number stands for another time than it seems to, and half a word from before must
not meet half a word from after.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

_ASLEEP_S = 1.0
_MISSING_S = 0.5
"""Less than this is an overflow, told as one; a sound card's clock drifts less in an hour."""

_WINDOW_S = 1.0
"""Sound comes late and in bursts on a busy machine: only what is missing from a whole window is."""


def boot_clock() -> float:
    """Seconds that go on while the machine sleeps; where no clock does, those that stop with it."""
    number = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(number)


class Continuity:
    """One stream from its first sound on; `check` is asked each time that some has come."""

    def __init__(
        self,
        rate_hz: int,
        clock: Callable[[], float] = time.monotonic,
        boot: Callable[[], float] = boot_clock,
    ) -> None:
        self._rate_hz, self._clock, self._boot = rate_hz, clock, boot
        self._asleep_s = boot() - clock()
        self._lag_s: float | None = None
        self._begin_window(clock())

    def _begin_window(self, now_s: float) -> None:
        self._last_s, self._until_s, self._least_s = now_s, now_s + _WINDOW_S, math.inf

    def check(self, frames: int) -> str:
        """Given how many frames have come since the start: why it is a break, or empty."""
        now_s = self._clock()
        asleep_s = self._boot() - now_s - self._asleep_s
        if asleep_s > _ASLEEP_S:
            return f"the machine was asleep for {asleep_s:.0f} s"
        if now_s - self._last_s > _WINDOW_S / 2:
            # After a pause there comes what was held back: wait for that before judging.
            self._begin_window(now_s)
        self._last_s = now_s
        self._least_s = min(self._least_s, now_s - frames / self._rate_hz)
        return self._judge(now_s) if now_s >= self._until_s else ""

    def _judge(self, now_s: float) -> str:
        before_s, self._lag_s = self._lag_s, self._least_s
        self._begin_window(now_s)
        if before_s is not None and self._lag_s - before_s > _MISSING_S:
            return f"{self._lag_s - before_s:.1f} s of its sound are missing"
        return ""
