"""When sound will be there: who comes too early waits twice, who comes too late waits too long.

Each waking costs more than what is then done with the sound, so that one is to be enough: at the
time at which the last sample wanted will have come, as others came before it.
"""

from __future__ import annotations

import math
from collections import deque

_GRACE_S = 0.001
"""A little later than it came at its earliest, for it is not always as quick."""

_EARLY_S = 0.003
_LOOK_EVERY = 16
"""Every so often one is there too early, to see sound come: clocks drift, in both directions."""


class Cadence:
    """Of one stream of so many samples a second; the times are of any clock that is not set."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._late_s: deque[float] = deque(maxlen=4)
        """When sound was seen to come, less its own time: a busy machine adds to it."""
        self._unseen = 0

    def saw(self, samples: int, now_s: float) -> None:
        """So many in all have come, the last of them just now."""
        self._late_s.append(now_s - samples / self._rate_hz)
        self._unseen = 0

    def found(self) -> None:
        """What was waited for had come already, who knows when."""
        if self._late_s and self._unseen >= _LOOK_EVERY:
            # Though it was looked for early. When that was is no measure: a busy machine wakes
            # sleepers late, and who believed it would come later each time.
            self._late_s.append(min(self._late_s) - _EARLY_S)
        self._unseen += 1

    def due_s(self, samples: int) -> float:
        """When so many will have come; long ago where nothing is known."""
        if not self._late_s:
            return -math.inf
        aim_s = _GRACE_S if self._unseen < _LOOK_EVERY else -_EARLY_S
        return min(self._late_s) + samples / self._rate_hz + aim_s
