"""How long to wait before a lost microphone is tried again."""

from __future__ import annotations

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 8.0
_LASTED_S = 10.0
"""A microphone that was back for this long was well again: the next loss begins anew."""


class Pauses:
    """Half a second before the first try, doubled before each further one, up to eight.

    They go on growing when the microphone comes back only to go again, as one does that is stuck
    or whose plug is loose: ``lost_after`` is told how much sound it gave.
    """

    def __init__(self) -> None:
        self._next_s = FIRST_PAUSE_S

    def lost_after(self, heard_s: float) -> None:
        """It is gone, after so much sound from it."""
        if heard_s >= _LASTED_S:
            self._next_s = FIRST_PAUSE_S

    def next_s(self) -> float:
        """The pause before the next try."""
        pause_s, self._next_s = self._next_s, min(2 * self._next_s, LONGEST_PAUSE_S)
        return pause_s
