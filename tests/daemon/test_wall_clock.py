"""The wall time of events, over months in which clocks drift and are set."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon.events import Stamp
from wakeful.daemon.wall_clock import WallClock


class Room:
    """A microphone beside a clock on the wall; every piece is `late_s` old when it comes."""

    def __init__(self, drift=0.0):
        self.stamp, self.samples, self.wall, self.drift = Stamp("mic:x", 1_000.0), 0, 1_000.0, drift
        self.clock = WallClock(self.stamp, lambda: self.wall + self.late_s)
        self.late_s = 0.0

    def pass_s(self, seconds, late_s=lambda _: 0.02):
        """So much time, in pieces of 100 ms."""
        for piece in range(round(seconds * 10)):
            self.samples += 1_600
            self.wall += 0.1 * (1 + self.drift)
            self.late_s = late_s(piece)
            self.clock.heard(cast(Any, SimpleNamespace(samples=self.samples)))

    @property
    def off_s(self):
        """How far the time of an event of now is off."""
        return self.stamp.at(self.samples)["time"] - self.wall


def test_a_steady_clock_is_left_alone():
    """What sound takes on its way is no reason to step."""
    room = Room()
    room.pass_s(60)
    assert room.stamp.opened_at == 1_000.0


@pytest.mark.parametrize("step_s", [-3_600.0, 3_600.0, -1.0, 0.5])
def test_a_clock_that_was_set_is_followed(step_s):
    """Within two stretches events carry the new time; the sample clock never knew."""
    room = Room()
    room.pass_s(33)
    room.wall += step_s
    room.pass_s(21)
    assert room.off_s == pytest.approx(0, abs=0.1)
    assert room.stamp.at(room.samples)["sample"] == (54 * 16_000)


@pytest.mark.parametrize("drift", [200e-6, -200e-6])
def test_a_month_of_drift_does_not_add_up(drift):
    """A sound card that is off by 200 in a million: never off by more than the step."""
    room = Room(drift)
    for _ in range(20):
        room.pass_s(200)
        assert abs(room.off_s) < 0.15


@given(st.lists(st.floats(0, 4), min_size=99, max_size=99))
def test_a_busy_machine_is_no_drift(late_s):
    """Sound that comes late by up to the microphone's ring moves nothing, if some comes in time."""
    room = Room()
    late_s[50] = 0.01
    room.pass_s(30, lambda piece: late_s[piece % 99])
    assert room.stamp.opened_at == pytest.approx(1_000, abs=0.1)
