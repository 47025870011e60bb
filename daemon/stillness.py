"""Whether a microphone that gives sound gives any that can be meant: no line is quite still.

A live input flickers in its last bits even in an empty room. One that gives the same number for two
seconds is muted, if the number is zero or nearly so, and stuck if it is not.
"""

from __future__ import annotations

import numpy as np

from .source import SAMPLE_RATE_HZ, Samples

STILL_S = 1.9
"""As long as a device may give nothing: what is amiss is told within two seconds."""

_MUTED_AT_MOST = 8
"""Cheap converters have an offset: a muted one gives -1 or 3 all the time, never 1000."""


class Stillness:
    """For how long the sound has been one and the same number; cuts can't be seen."""

    def __init__(self, rate_hz: int = SAMPLE_RATE_HZ) -> None:
        self._enough = round(STILL_S * rate_hz)
        self.reset()

    def reset(self) -> None:
        """As before the first sample."""
        self.value: int | None = None
        self.count = 0
        self.has_sounded = False
        """Whether two samples have differed yet."""

    @property
    def is_still(self) -> bool:
        """Whether it has lasted long enough to mean something."""
        return self.count >= self._enough

    @property
    def is_muted(self) -> bool:
        """Still, at nothing, after there had been sound."""
        return self.is_still and self.has_sounded and abs(self.value or 0) <= _MUTED_AT_MOST

    @property
    def is_stuck(self) -> bool:
        """Still, at a number that no silence has."""
        return self.is_still and abs(self.value or 0) > _MUTED_AT_MOST

    def feed(self, samples: Samples) -> None:
        """The next sound. A live room is told from a still one by its ends alone, mostly."""
        if not len(samples):
            return
        last = int(samples[-1])
        if self.value is None:
            self.value, self.count = int(samples[0]), 0
        if last == self.value == samples[0] and (samples == last).all():
            self.count += len(samples)
            return
        self.has_sounded = True
        self.value, self.count = last, _length_at_end(samples)


def _length_at_end(samples: Samples) -> int:
    """How many of the last samples are equal."""
    others = np.flatnonzero(samples != samples[-1])
    return len(samples) - 1 - int(others[-1]) if len(others) else len(samples)
