"""Sound in memory that two processes share, cut into slots of one size.

The memory has no name: a descriptor stands for it, which the other process is started with. Once
both have ended, however they did, the kernel has it back, and nothing is left in ``/dev/shm``.
"""

from __future__ import annotations

import fcntl
import mmap
import os

import numpy as np

from .source import Samples

_BYTES = np.dtype(np.int16).itemsize


class SlotsFull(Exception):  # noqa: N818
    """Every slot is in use: free one first."""


class SoundSlots:
    """The writer's end: who puts sound into a slot keeps it until `free`."""

    def __init__(self, count: int, slot_samples: int) -> None:
        self.slot_samples = slot_samples
        size = count * slot_samples * _BYTES
        self._fd = _nameless(size)
        self._map = mmap.mmap(self._fd, size)
        self._sound: Samples | None = np.frombuffer(self._map, np.int16)
        self._free = list(range(count))

    def fileno(self) -> int:
        """What the other process is to inherit."""
        return self._fd

    @property
    def free_count(self) -> int:
        """How many slots nobody uses."""
        return len(self._free)

    def put(self, samples: Samples) -> int:
        """Copy some sound into a free slot; returns its number.

        Raises `SlotsFull`, and `ValueError` for more than a slot holds.
        """
        if len(samples) > self.slot_samples:
            raise ValueError(f"{len(samples)} samples in a slot of {self.slot_samples}")
        if not self._free:
            raise SlotsFull
        assert self._sound is not None
        slot = self._free.pop()
        at = slot * self.slot_samples
        self._sound[at : at + len(samples)] = samples
        return slot

    def free(self, slot: int) -> None:
        """Nobody needs what is in it any more."""
        assert slot not in self._free
        self._free.append(slot)

    def close(self) -> None:
        """Give the memory back; a second call does nothing."""
        if self._sound is not None:
            self._sound = None
            self._map.close()
            os.close(self._fd)


class SharedSound:
    """The reader's end, in the process that was started with the descriptor."""

    def __init__(self, fd: int, slot_samples: int) -> None:
        self._map = mmap.mmap(fd, 0, prot=mmap.PROT_READ)
        os.close(fd)
        self._sound: Samples = np.frombuffer(self._map, np.int16)
        self._slot_samples = slot_samples

    def read(self, slot: int, samples: int) -> Samples:
        """What is in a slot, without a copy; good for as long as the slot is kept."""
        at = slot * self._slot_samples
        return self._sound[at : at + samples]


def _nameless(size: int) -> int:
    """A descriptor of so many bytes of memory that has no name."""
    fd = os.memfd_create("wakeful-speech", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(fd, size)
    # A process that could shrink it could end the other one: what is mapped must stay there.
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
    return fd
