"""Sound in memory that two processes share: what is in a slot stays there until it is freed."""

import fcntl
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon.sound_slots import SharedSound, SlotsFull, SoundSlots


@given(
    count=st.integers(1, 5),
    size=st.integers(1, 9),
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 99)), max_size=40),
)
def test_slots_keep_what_is_in_them(count, size, steps):
    """However they are filled and freed, the reader sees each slot's own sound, and no other's."""
    slots = SoundSlots(count, size)
    sound = SharedSound(os.dup(slots.fileno()), size)
    kept = {}
    for number, (fill, draw) in enumerate(steps):
        if not fill and kept:
            slot = sorted(kept)[draw % len(kept)]
            del kept[slot]
            slots.free(slot)
        elif len(kept) < count:
            samples = np.full(draw % (size + 1), number, np.int16)
            slot = slots.put(samples)
            assert slot not in kept
            kept[slot] = samples
        else:
            with pytest.raises(SlotsFull):
                slots.put(np.zeros(size, np.int16))
        for slot, samples in kept.items():
            assert np.array_equal(sound.read(slot, len(samples)), samples)
    slots.close()


def test_another_process_reads_it():
    """Through nothing but an inherited descriptor; nobody else can name it."""
    slots = SoundSlots(2, 48_000)
    slots.put(np.zeros(1, np.int16))
    slot = slots.put(np.arange(30_000, dtype=np.int16))
    fd = slots.fileno()
    read = (
        "from wakeful.daemon.sound_slots import SharedSound;"
        f"print(SharedSound({fd}, 48_000).read({slot}, 30_000).sum(dtype='int64'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", read], pass_fds=[fd], capture_output=True, check=True
    )
    assert int(done.stdout) == sum(range(30_000))
    slots.close()


def test_too_much_for_a_slot():
    """It would run into the next one."""
    slots = SoundSlots(2, 10)
    with pytest.raises(ValueError, match="11 samples in a slot of 10"):
        slots.put(np.zeros(11, np.int16))
    slots.close()


def test_the_reader_can_neither_write_nor_shrink():
    """What a recognizer does to the memory can't end the daemon."""
    slots = SoundSlots(1, 10)
    sound = SharedSound(os.dup(slots.fileno()), 10)
    with pytest.raises(ValueError, match="read-only"):
        sound.read(0, 10)[0] = 1
    with pytest.raises(PermissionError):
        os.ftruncate(slots.fileno(), 0)
    with pytest.raises(PermissionError):
        fcntl.fcntl(slots.fileno(), fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)
    slots.close()
    slots.close()
