"""A preallocated ring of sound with an absolute sample clock: one writer, any number of readers.

The writer never waits and never allocates. A reader that fell behind by more than the capacity is
told so; sound that the writer overtook while it was being copied is never handed out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..models.errors import WakefulError

Samples = npt.NDArray[np.int16]


class Overrun(WakefulError):  # noqa: N818
    """The sound asked for is gone: `lost` samples of it have been written over."""

    def __init__(self, start: int, lost: int) -> None:
        super().__init__(
            f"ring: {lost} samples from sample {start} on are gone; "
            "read sooner or raise audio.ring_s"
        )
        self.lost = lost


class Ring:
    """The last `capacity` samples of a stream, addressed by their index since its start."""

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"ring: a capacity of {capacity} samples holds nothing")
        self.capacity = capacity
        self._sound: Samples = np.zeros(capacity, np.int16)
        self._read_only = self._sound.view()
        self._read_only.flags.writeable = False
        self._written = 0
        self._claimed = 0

    @property
    def written(self) -> int:
        """The clock: how many samples have been written since the start."""
        return self._written

    @property
    def oldest(self) -> int:
        """The first sample that is still there and not about to be written over."""
        return min(self._written, max(0, self._claimed - self.capacity))

    def write(self, samples: Samples) -> None:
        """Append; of more than the capacity only the last part stays, but the clock counts all."""
        count, size = len(samples), self.capacity
        # Claimed before the copy, written after it: a reader can tell what may have changed.
        self._claimed = end = self._written + count
        if count > size:
            samples, count = samples[-size:], size
        at = (end - count) % size
        head = size - at
        if count <= head:
            self._sound[at : at + count] = samples
        else:
            self._sound[at:] = samples[:head]
            self._sound[: count - head] = samples[head:]
        self._written = end

    def view(self, start: int, count: int) -> Samples:
        """[start, start + count) without copying where it lies in one piece; read-only.

        For the thread that writes: another's write may change what the view shows.
        """
        self._check(start, count)
        at = start % self.capacity
        if at + count <= self.capacity:
            return self._read_only[at : at + count]
        return self._joined(at, count)

    def read(self, start: int, count: int) -> Samples:
        """A copy of [start, start + count), whole even while another thread writes.

        Raises `Overrun` when part of it is gone, `ValueError` when part has not been written yet.
        """
        self._check(start, count)
        at = start % self.capacity
        if at + count <= self.capacity:
            copy = self._sound[at : at + count].copy()
        else:
            copy = self._joined(at, count)
        self._check(start, count)
        return copy

    def resized(self, capacity: int) -> Ring:
        """One of another capacity, at the same place of the clock, with what is kept and fits."""
        if capacity == self.capacity:
            return self
        ring = Ring(capacity)
        start = max(self.oldest, self._written - capacity)
        ring._written = ring._claimed = start
        ring.write(self.read(start, self._written - start))
        return ring

    def reader(self) -> Reader:
        """A `Reader` that begins with what is written from now on."""
        return Reader(self, self._written)

    def _joined(self, at: int, count: int) -> Samples:
        return np.concatenate([self._sound[at:], self._sound[: at + count - self.capacity]])

    def _check(self, start: int, count: int) -> None:
        if start < 0 or count < 0 or start + count > self._written:
            raise ValueError(
                f"ring: [{start}, {start + count}) is not within the "
                f"{self._written} samples written"
            )
        lost = self._claimed - self.capacity - start
        if lost > 0 and count:
            raise Overrun(start, min(lost, count))


class Reader:
    """A place in a ring; reads on from there and counts what it came too late for."""

    def __init__(self, ring: Ring, position: int) -> None:
        self._ring = ring
        self.position = position
        self.lost = 0

    @property
    def available(self) -> int:
        """How many samples have been written since the position."""
        return self._ring.written - self.position

    def read(self, max_samples: int) -> Samples:
        """At most so many samples, none if none are new; skips what is gone and counts it."""
        while True:
            try:
                samples = self._ring.read(self.position, min(self.available, max_samples))
            except Overrun:
                oldest = self._ring.oldest
                self.lost += oldest - self.position
                self.position = oldest
                continue
            self.position += len(samples)
            return samples
