"""Gaps that no device reports: a sleeping machine, a stopped process, sound that was dropped."""

from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon.continuity import Continuity

RATE_HZ = 16_000


class Clocks:
    """Two clocks, and a device whose sound a test brings late, drops, or lets sleep."""

    def __init__(self):
        self.now_s, self.asleep_s, self.frames = 5_000.0, 77.0, 0
        self.continuity = Continuity(RATE_HZ, lambda: self.now_s, self.boot)
        self.found = []

    def boot(self):
        """The clock that goes on in sleep."""
        return self.now_s + self.asleep_s

    def run(self, seconds, speed=1.0, block_s=0.01):
        """Sound comes block by block, of a device whose clock is this fast."""
        for _ in range(round(seconds / block_s)):
            self.now_s += block_s
            self.bring(block_s * speed)

    def bring(self, seconds):
        """Some sound comes now."""
        self.frames += round(seconds * RATE_HZ)
        if why := self.continuity.check(self.frames):
            self.found.append(why)

    def stall(self, seconds, kept_s):
        """Nothing for so long, then what was kept of it at once."""
        self.now_s += seconds
        if kept_s:
            self.bring(kept_s)


def test_sleep_is_noticed_with_the_first_sound_after_it():
    """The machine slept for a minute: told at once, with how long."""
    clocks = Clocks()
    clocks.run(5)
    clocks.asleep_s += 60
    clocks.bring(0.01)
    assert clocks.found == ["the machine was asleep for 60 s"]


@given(st.floats(0.7, 60), st.floats(0, 1))
def test_missing_sound_is_noticed_within_two_seconds(stall_s, kept_share):
    """What a stall has swallowed is told as soon as it is sure, late sound is not."""
    clocks = Clocks()
    clocks.run(3)
    kept_s = stall_s * kept_share
    clocks.stall(stall_s, kept_s)
    clocks.run(2)
    missing_s = stall_s - kept_s
    if missing_s > 0.55:
        assert len(clocks.found) == 1
        assert "of its sound are missing" in clocks.found[0]
    elif missing_s < 0.45:
        assert clocks.found == []


@given(st.lists(st.floats(0.02, 1.8), min_size=1, max_size=30))
def test_bursts_of_a_busy_machine_are_no_gap(stalls):
    """However late and bunched the sound comes: if all of it comes, nothing is told."""
    clocks = Clocks()
    clocks.run(2)
    for stall_s in stalls:
        clocks.stall(stall_s, stall_s)
        clocks.run(0.2)
    clocks.run(3)
    assert clocks.found == []


@given(st.sampled_from([0.999, 0.9999, 1.0001, 1.001]))
def test_a_clock_that_drifts_is_no_gap(speed):
    """The worst of sound cards, for two minutes."""
    clocks = Clocks()
    clocks.run(120, speed, block_s=0.1)
    assert clocks.found == []
