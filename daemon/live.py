"""What every microphone has in common, whoever brings its sound: ring, bell, and signs of life.

Where a device has a thread, that copies sound into a preallocated ring and rings a bell, nothing
else. The reader's thread waits, mixes and resamples, and says when what comes is no live sound any
more.
"""

from __future__ import annotations

import math
import threading
import time
from abc import ABC, abstractmethod

import numpy as np

from .continuity import Continuity
from .devices import DeviceError
from .resample import Resampler
from .ring import Ring
from .source import SAMPLE_RATE_HZ, Samples
from .stillness import Stillness

BLOCK_S = 0.03
"""Half of the pipeline's blocks, with which it keeps step. Shorter ones cost more than all the rest
of listening; those of 60 ms come 40 ms later, since sound servers hold back one of them whole.
"""

RING_S = 4.0
_OVERDUE_S = 0.25
"""What was wanted and has not come in this time more than it takes is not waited for."""

_SILENT_S = 1.9
"""A device that gives no sound for this long is gone, whatever it says."""

_FIRST_SOUND_S = 6.0
"""A sound server may take longer over the first sound: PulseAudio's sinks work 2 s ahead."""


class LiveSource(ABC):
    """A `Source` over one device that is heard as it sounds.

    Whoever derives from it opens the device, has its thread call `_came` (or, where there is none,
    fetches its sound in `_await_enough`), and awaits the first sound. `read` raises `DeviceError`
    when sound stops coming, has a gap, or is stuck at one number: nothing from before belongs to
    what follows.
    """

    def __init__(self, device_name: str, rate_hz: int, channels: int) -> None:
        self.name = f"mic:{device_name}"
        self.rate_hz, self.channels = rate_hz, channels
        self.opened_at = 0.0
        self._called = f"microphone {device_name!r}"
        self._resampler = Resampler(rate_hz, channels)
        self._ring = Ring(round(RING_S * rate_hz) * channels)
        self._reader = self._ring.reader()
        self._bell = threading.Event()
        self._enough = 1
        """The reader sleeps until so much is in the ring, in the device's samples."""
        self._missing = 0
        self._end = ""
        self._ready: Samples = np.zeros(0, np.int16)
        self._stillness = Stillness()

    def _came(self, sound: Samples, missing_frames: int = 0) -> None:
        """In the device's thread: copy, count what the device has lost, ring if that is enough."""
        self._copy(sound, missing_frames)
        if self._reader.available >= self._enough:
            self._bell.set()

    def _copy(self, sound: Samples, missing_frames: int = 0) -> None:
        """The same without ringing."""
        self._ring.write(sound)
        self._missing += missing_frames

    def _ended(self, reason: str) -> None:
        """In the device's thread: no more comes, and why."""
        self._end = reason
        self._bell.set()

    def _await_first_sound(self) -> None:
        """Raises `DeviceError` when there is none: it is not open before."""
        self._wait(_FIRST_SOUND_S)
        # What has come by now was heard before now.
        self.opened_at = time.time() - self._reader.available / self.channels / self.rate_hz
        self._continuity = Continuity(self.rate_hz)

    @property
    def lost_samples(self) -> int:
        """What the reader came too late for, and what the device itself has lost."""
        frames = self._reader.lost // self.channels + self._missing
        return round(frames * SAMPLE_RATE_HZ / self.rate_hz)

    def want(self, samples: int) -> None:
        """From now on `read` returns when so many have come, rather than the first of them.

        Each time that a thread wakes up costs more than what it then does with a few milliseconds.
        """
        frames = math.ceil(samples * self.rate_hz / SAMPLE_RATE_HZ)
        self._enough = min(max(1, frames) * self.channels, self._ring.capacity // 2)

    @property
    def _missing_s(self) -> float:
        """How much sound is still to come until there is enough."""
        missing = self._enough - self._reader.available
        return max(0, missing) / self.channels / self.rate_hz

    def read(self, max_samples: int) -> Samples:
        """At most so many samples, as soon as some are there; never empty.

        Raises `DeviceError` when the device has given nothing, or nothing live, for two seconds,
        and when some of its sound is missing.
        """
        while not len(self._ready):
            self._wait(_SILENT_S)
            frames = self._reader.read(self._ring.capacity).reshape(-1, self.channels)
            self._ready = self._resampler.feed(frames)
            self._check()
        samples, self._ready = self._ready[:max_samples], self._ready[max_samples:]
        return samples

    def _check(self) -> None:
        """What has just come: is it live, and does it follow on what came before?"""
        self._stillness.feed(self._ready)
        broken = self._continuity.check(self._ring.written // self.channels)
        if self._stillness.is_stuck:
            broken = f"it is stuck: each sample is {self._stillness.value}"
        if broken:
            raise DeviceError(f"{self._called}: {broken}; opening it anew")

    def _wait(self, patience_s: float) -> None:
        if not self._await_enough(self._missing_s + _OVERDUE_S) and not self._reader.available:
            self._enough = 1
            self._await_enough(patience_s - _OVERDUE_S)
        if not (self._reader.available or self._end):
            raise DeviceError(
                f"{self._called} has given no sound for {patience_s:.0f} s; "
                "it may be unplugged, or its sound server gone"
            )
        if self._end and not self._reader.available:
            raise DeviceError(f"{self._called}: {self._end}; opening it anew")

    @property
    def _has_enough(self) -> bool:
        """Or nothing more is to come."""
        return self._reader.available >= self._enough or bool(self._end)

    def _await_enough(self, patience_s: float) -> bool:
        """Whether there is enough within this time, or has been an end.

        The device's thread may ring for what has been read meanwhile: the bell alone says nothing.
        """
        until_s = time.monotonic() + patience_s
        while not self._has_enough and (left_s := until_s - time.monotonic()) > 0:
            self._bell.clear()
            # What came before the bell was cleared has to be seen here.
            if not self._has_enough:
                self._bell.wait(left_s)
        return self._has_enough

    @abstractmethod
    def close(self) -> None:
        """Give the device back; a second call does nothing."""
