"""The ring: the clock is absolute, what is handed out is what was written, what is gone is told."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon.ring import Overrun, Ring

pieces = st.lists(st.integers(0, 40), max_size=30)


def ramp(start, count):
    """Samples that say their own index."""
    return (np.arange(start, start + count) % 30_000).astype(np.int16)


def filled(capacity, lengths):
    """A ring with pieces of a ramp written into it."""
    ring = Ring(capacity)
    for length in lengths:
        ring.write(ramp(ring.written, length))
    return ring


@given(st.integers(1, 60), pieces, st.data())
def test_it_holds_the_last_of_what_was_written(capacity, lengths, data):
    """Any range that is still there reads and views as it was written, wherever it wraps."""
    ring = filled(capacity, lengths)
    assert ring.written == sum(lengths)
    assert ring.oldest == max(0, ring.written - capacity)
    start = data.draw(st.integers(ring.oldest, ring.written))
    count = data.draw(st.integers(0, ring.written - start))
    assert np.array_equal(ring.read(start, count), ramp(start, count))
    assert np.array_equal(ring.view(start, count), ramp(start, count))


@given(st.integers(1, 60), pieces, st.integers(-5, 1_300), st.integers(1, 80))
def test_what_is_not_there_is_told(capacity, lengths, start, count):
    """Written over: `Overrun` with how much is lost. Not yet written: an error of its own."""
    ring = filled(capacity, lengths)
    if start < 0 or start + count > ring.written:
        with pytest.raises(ValueError, match="is not within"):
            ring.read(start, count)
    elif start < ring.oldest:
        with pytest.raises(Overrun) as error:
            ring.read(start, count)
        assert error.value.lost == min(count, ring.oldest - start)


def test_a_view_cannot_be_written():
    """A reader can't change what others hear."""
    ring = filled(10, [8])
    with pytest.raises(ValueError, match="read-only"):
        ring.view(0, 4)[0] = 1


def test_a_piece_in_one_lies_in_the_ring_uncopied():
    """A view that doesn't wrap shares the ring's memory; a copy does not."""
    ring = filled(10, [8])
    assert np.shares_memory(ring.view(2, 4), ring.view(3, 4))
    assert not np.shares_memory(ring.read(2, 4), ring.view(2, 4))


@given(pieces, pieces)
def test_a_reader_gets_everything_or_counts_it(lengths, reads):
    """What a reader got and what it lost add up to what was written since it began."""
    ring = filled(50, lengths)
    reader = ring.reader()
    began, got = ring.written, 0
    for length, most in zip(lengths, reads, strict=False):
        ring.write(ramp(ring.written, length))
        before = reader.position + max(0, ring.oldest - reader.position)
        samples = reader.read(most)
        assert np.array_equal(samples, ramp(before, len(samples)))
        got += len(samples)
    got += len(reader.read(10**6))
    assert got + reader.lost == ring.written - began
    assert reader.available == 0


class Peeking:
    """Samples whose copying into the ring is interrupted by a reader of it."""

    def __init__(self, samples, reader, seen):
        self.samples, self.reader, self.seen = samples, reader, seen

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, part):
        return Peeking(self.samples[part], self.reader, self.seen)

    def __array__(self, dtype=None, copy=None):
        self.seen.append(self.reader.read(10**6))
        return self.samples


@given(st.integers(1, 60), st.integers(0, 100), st.integers(1, 100))
def test_what_is_being_written_over_is_not_handed_out(capacity, before, length):
    """In the middle of a write, a reader gets what will stay and counts what is about to go."""
    ring, seen = Ring(capacity), []
    reader = ring.reader()
    ring.write(ramp(0, before))
    ring.write(Peeking(ramp(before, length), reader, seen))  # type: ignore[arg-type]
    staying = min(before, max(0, capacity - length))
    assert np.array_equal(seen[0], ramp(before - staying, staying))
    assert not any(len(later) for later in seen[1:])
    assert reader.lost == before - staying
    last = min(length, capacity)
    assert np.array_equal(reader.read(10**6), ramp(before + length - last, last))
    assert reader.lost == before - staying + length - last


def test_a_capacity_of_nothing_is_refused():
    """A ring that holds nothing is a mistake of the caller's."""
    with pytest.raises(ValueError, match="holds nothing"):
        Ring(0)


def test_threads():
    """A reader beside a fast writer gets each sample once, in order, or counts it as lost."""
    ring = Ring(3_000)
    reader, total = ring.reader(), 400_000
    done = threading.Event()

    def write():
        for start in range(0, total, 160):
            ring.write(ramp(start, 160))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    got = 0
    while not (done.is_set() and reader.available == 0):
        end_before = reader.position
        samples = reader.read(1_000)
        start = reader.position - len(samples)
        assert start >= end_before
        assert np.array_equal(samples, ramp(start, len(samples)))
        got += len(samples)
    writer.join()
    assert got + reader.lost == total
