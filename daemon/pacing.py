"""Any source at the speed of real time: what a file would be if it were a microphone."""

from __future__ import annotations

import time
from collections.abc import Callable

from .source import SAMPLE_RATE_HZ, Samples, Source

_AT_ONCE = SAMPLE_RATE_HZ // 20
"""No more than this is held back for its last sample: a microphone gives small pieces too."""


class Paced:
    """Hands on a source's sound no sooner than it would have been heard.

    `clock` and `sleep` can be replaced, so that tests need no patience.
    """

    def __init__(
        self,
        source: Source,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._source, self._clock, self._sleep = source, clock, sleep
        self._began: float | None = None
        self._given = 0

    @property
    def name(self) -> str:
        """The source's own."""
        return self._source.name

    @property
    def opened_at(self) -> float:
        """The source's own."""
        return self._source.opened_at

    @property
    def lost_samples(self) -> int:
        """The source's own."""
        return self._source.lost_samples

    def read(self, max_samples: int) -> Samples:
        """The next samples, once their last would have been heard."""
        samples = self._source.read(min(max_samples, _AT_ONCE))
        if self._began is None:
            self._began = self._clock()
        self._given += len(samples)
        early_s = self._began + self._given / SAMPLE_RATE_HZ - self._clock()
        if early_s > 0 and len(samples):
            self._sleep(early_s)
        return samples

    def close(self) -> None:
        """Close the source."""
        self._source.close()
