"""The machine for regressions: a slower tree is seen, a busy machine is not taken for one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quick import _FIGURES, compared, line, ratios


class Machine:
    """A clock that runs as work is done; from round to round the machine is as slow as it likes."""

    def __init__(self, slowness):
        self.now, self._slowness, self._done = 0.0, slowness, 0

    def work(self, cost):
        """A piece of work that costs so much when nothing else goes on."""

        def done():
            # Both kinds are done once to warm up; a round is the fixed work, the piece, the fixed.
            number = max(0, self._done - 2) // 3
            self.now += cost * self._slowness[number % len(self._slowness)]
            self._done += 1

        return done

    def __call__(self):
        """The process clock."""
        return self.now


@given(slowness=st.lists(st.floats(1, 9), min_size=1, max_size=6), cost=st.floats(0.1, 50))
def test_a_machine_busier_in_some_rounds_changes_no_ratio(slowness, cost):
    """Slowness that lasts for a round is in the work and in what it is held against."""
    machine = Machine(slowness)
    found = ratios({"a": machine.work(cost)}, machine.work(1.0), 9, machine)
    assert found == {"a": pytest.approx(cost)}


def test_work_that_got_dearer_is_told():
    """A figure beyond the tolerance is marked, one within it and a cheaper one are not."""
    found = compared({"a": 1.3, "b": 1.2, "c": 0.2, "new": 9.0}, {"a": 1.0, "b": 1.0, "c": 1.0})
    assert [c.is_worse for c in found] == [True, False, False]
    assert [line(c).split()[0] for c in found] == ["SLOWER", "ok", "ok"]


def test_the_last_releases_figures_are_there():
    """The file names its release, and every ratio is a positive number."""
    kept = json.loads(_FIGURES.read_text(encoding="utf-8"))
    assert kept["release"]
    assert len(kept["ratios"]) >= 6
    assert all(ratio > 0 for ratio in kept["ratios"].values())
