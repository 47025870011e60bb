"""What every microphone promises of its sound, from a device that the test plays by hand."""

import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon import live
from wakeful.daemon.devices import DeviceError
from wakeful.daemon.live import LiveSource

RATE_HZ = 16_000


class Played(LiveSource):
    """Open at once; `come` is the device's thread."""

    def __init__(self) -> None:
        super().__init__("Played", RATE_HZ, 1)
        self.come, self.end = self._came, self._ended
        self.come(np.zeros(1, np.int16))
        self._await_first_sound()

    def close(self) -> None:
        """There is no device."""


def counted(start: int, count: int) -> np.ndarray:
    """Samples that say which they are."""
    return (np.arange(start, start + count) % 30_011).astype(np.int16)


pieces = st.lists(
    st.tuples(st.integers(0, 40_000), st.integers(0, 500), st.integers(0, 60_000)),
    min_size=1,
    max_size=12,
)
"""So much sound comes, so much of it the device has lost, so much is read."""


@given(pieces)
def test_what_is_not_heard_is_counted(drawn):
    """Heard and lost make up what came, in order, however late the reader is."""
    source = Played()
    came, missing, heard = 1, 0, 0
    for count, lost, wanted in drawn:
        source.come(counted(came, count), lost)
        came, missing = came + count, missing + lost
        if wanted and heard + source.lost_samples - missing < came:
            heard += len(samples := source.read(wanted))
            last = heard + source.lost_samples - missing - 1
            assert len(source._ready) or samples[-1] == counted(last, 1)[0] * (last > 0)
    while heard + source.lost_samples - missing < came:
        heard += len(source.read(RATE_HZ))
    assert heard + source.lost_samples == came + missing
    assert heard >= min(came, round(live.RING_S * RATE_HZ))


def test_what_came_before_the_end_is_heard():
    """The device ends: its last sound first, then why, at once and each time that it is asked."""
    source = Played()
    source.come(counted(1, 100))
    source.end("it was pulled out")
    assert len(source.read(RATE_HZ)) == 101
    for _ in range(2):
        with pytest.raises(DeviceError, match="'Played': it was pulled out; opening it anew"):
            source.read(RATE_HZ)


def test_an_end_wakes_who_waits():
    """Nobody waits two seconds for what is known not to come."""
    source = Played()
    source.read(1)
    ending = threading.Timer(0.1, source.end, ["gone"])
    ending.start()
    with pytest.raises(DeviceError, match="gone"):
        source.read(1)
    ending.join()


def test_a_bell_for_what_has_been_read_is_no_end():
    """The device's thread rings after its sound was taken: the reader goes on waiting for more."""
    source = Played()
    source.read(1)
    late = [threading.Timer(s, source._bell.set) for s in (0.02, 0.05, 0.08)]
    more = threading.Timer(0.15, source.come, [counted(1, 100)])
    for timer in (*late, more):
        timer.start()
    assert len(source.read(RATE_HZ)) == 100
    more.join()


def test_a_stuck_number_is_no_sound():
    """A device that gives one number for two seconds is opened anew."""
    source = Played()
    source.come(np.full(2 * RATE_HZ, 1_234, np.int16))
    with pytest.raises(DeviceError, match="stuck: each sample is 1234"):
        source.read(RATE_HZ)


@given(st.integers(1, 4_000), st.lists(st.integers(1, 1_500), min_size=1, max_size=8))
def test_the_reader_sleeps_until_there_is_enough(wanted, parts):
    """Woken by the part that makes it enough, and by none before; it then gets all there is."""
    source = Played()
    source.read(1)
    source.want(wanted)
    came = 0
    for count in parts:
        source._bell.clear()
        source.come(counted(came, count))
        came += count
        if came >= wanted:
            assert source._bell.is_set()
            assert len(source.read(RATE_HZ)) == came
            return
    assert not source._bell.is_set()


def test_what_is_wanted_and_does_not_come_is_not_waited_for():
    """A part of it is handed on, long before the device is given up."""
    source = Played()
    source.read(1)
    source.want(4_000)
    source.come(counted(1, 100))
    began = time.monotonic()
    assert len(source.read(RATE_HZ)) == 100
    assert time.monotonic() - began >= 0.25
    with pytest.raises(DeviceError, match="no sound for 2 s"):
        source.read(RATE_HZ)


def test_an_end_is_not_waited_for_either():
    """However much was wanted: the rest comes at once, then the reason."""
    source = Played()
    source.want(1 << 40)
    source.come(counted(1, 100))
    source.end("gone")
    assert len(source.read(RATE_HZ)) == 101
    with pytest.raises(DeviceError, match="gone"):
        source.read(RATE_HZ)
