"""When sound is due: learnt from when it came, and followed as clocks drift."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon.cadence import Cadence

RATE_HZ = 16_000
PIECE = 960


class Sleeper:
    """Sleeps until sound is due, then looks; a device whose clock may run fast or slow."""

    def __init__(self, drift=0.0):
        self.cadence, self.drift = Cadence(RATE_HZ), drift
        self.now_s, self.late_s, self.waits = 0.0, [], 0

    def hear(self, total, jitter_s=0.0, overslept_s=0.0):
        """Await so many samples in all, which come a little late, and wake up late."""
        comes_s = 5.0 + total / RATE_HZ * (1 + self.drift) + jitter_s
        self.now_s = max(self.now_s, self.cadence.due_s(total) + overslept_s)
        if self.now_s >= comes_s:
            self.cadence.found()
        else:
            self.now_s = comes_s
            self.waits += 1
            self.cadence.saw(total, comes_s)
        self.late_s.append(self.now_s - comes_s)


@pytest.mark.parametrize("drift", [0.0, 300e-6, -300e-6])
def test_one_waking_is_enough_and_costs_a_millisecond(drift):
    """For ten minutes: seldom there before the sound, never long after it, however clocks drift."""
    sleeper = Sleeper(drift)
    for piece in range(1, 10_000):
        sleeper.hear(piece * PIECE)
    assert sleeper.waits < 0.3 * 10_000
    assert max(sleeper.late_s) < 0.004


@given(st.lists(st.floats(0, 0.05), min_size=8, max_size=200))
def test_sound_that_was_late_is_not_expected_late_for_long(jitters):
    """A busy machine's delays are no rule: once it is quiet, sound is met when it comes."""
    sleeper = Sleeper()
    for piece, jitter_s in enumerate(jitters, 1):
        sleeper.hear(piece * PIECE, jitter_s)
    for piece in range(len(jitters) + 1, len(jitters) + 100):
        sleeper.hear(piece * PIECE)
    assert max(sleeper.late_s[-20:]) < 0.002


@given(st.lists(st.floats(0.005, 0.03), min_size=20, max_size=60))
def test_who_is_woken_late_does_not_aim_later(overslept):
    """On a busy machine a sleeper wakes up late: by that much sound waits, and never by more."""
    sleeper = Sleeper()
    for piece in range(1, 20 * len(overslept)):
        sleeper.hear(piece * PIECE, overslept_s=overslept[piece % len(overslept)])
    assert max(sleeper.late_s) < 0.03 + 0.002


def test_what_is_not_known_is_not_waited_for():
    """The first sound is looked for at once."""
    assert Cadence(RATE_HZ).due_s(10**9) < 0
