"""Where to fire for somebody: not above what ships, not below the floor, all heard if allowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon.threshold_rule import (
    MARGIN,
    Point,
    advise,
    cost_per_hour,
    lowest_allowed,
    measured_points,
    suggested,
)
from wakeful.models.bundle import load_bundle

probabilities = st.floats(0, 1)
shares = st.floats(0.05, 0.99)
all_takes = st.lists(probabilities, min_size=1, max_size=20)
measured = st.lists(st.builds(Point, shares, st.floats(0, 20)), max_size=12).map(
    lambda points: sorted(points, key=lambda p: (-p.threshold, p.per_hour))
)


@given(all_takes, shares, measured, st.floats(0.01, 20))
def test_it_stays_between_the_floor_and_what_ships(scores, shipped, points, most):
    """Whatever the takes and the points, and the floor itself is never above what ships."""
    floor = lowest_allowed(shipped, points, most)
    assert floor <= suggested(scores, shipped, floor) <= shipped


@given(all_takes, shares, measured, st.floats(0.01, 20))
def test_every_take_within_reach_is_heard(scores, shipped, points, most):
    """And with the margin, unless the floor is in its way."""
    floor = lowest_allowed(shipped, points, most)
    found = suggested(scores, shipped, floor)
    reached = [score for score in scores if score >= floor]
    assert all(score >= found for score in reached)
    if reached and found > floor:
        assert min(reached) - found >= MARGIN - 1e-4


@given(all_takes, shares, measured, st.floats(0.01, 20), st.floats(0, 20))
def test_a_wider_limit_never_raises_it_nor_hears_less(scores, shipped, points, most, more):
    """To be allowed more false accepts can only lower it."""
    narrow = suggested(scores, shipped, lowest_allowed(shipped, points, most))
    wide = suggested(scores, shipped, lowest_allowed(shipped, points, most + more))
    assert wide <= narrow
    assert sum(s >= wide for s in scores) >= sum(s >= narrow for s in scores)


@given(all_takes, shares, shares)
def test_hopeless_takes_cost_nothing(scores, shipped, floor):
    """A mumbled take beside good ones changes nothing: it would be lost at the floor, too."""
    floor = min(floor, shipped)
    assert suggested([*scores, floor - 0.01], shipped, floor) == suggested(scores, shipped, floor)


@given(shares, measured, st.floats(0.01, 20))
def test_the_floor_was_measured_to_keep_to_the_limit(shipped, points, most):
    """No threshold between it and what ships was measured to cost more."""
    floor = lowest_allowed(shipped, points, most)
    if points and floor < shipped:
        between = [p.per_hour for p in points if floor < p.threshold <= shipped]
        assert all(per_hour <= most for per_hour in between)


def test_the_cost_is_drawn_between_points():
    """Half-way is the mean; above all points the highest's; below all nobody knows."""
    points = [Point(0.8, 0.2), Point(0.6, 1.0)]
    assert cost_per_hour(0.7, points) == pytest.approx(0.6)
    assert cost_per_hour(0.9, points) == 0.2
    assert cost_per_hour(0.5, points) is None
    assert cost_per_hour(0.5, []) is None


def test_the_shipped_model_says_what_a_lower_threshold_costs():
    """The manifest's points bound it, and the line says what changes and what that costs."""
    manifest = load_bundle("activate").manifest
    shipped = manifest.detector.threshold
    points = measured_points(manifest)
    floor = lowest_allowed(shipped, points, 1.0)
    assert 0.2 <= floor < shipped
    advice = advise([floor + 0.01, 0.99, 0.97], manifest, shipped, 1.0)
    assert (advice.heard_before, advice.heard_after) == (2, 3)
    assert "hears 3 of 3 takes instead of 2; about" in str(advice)
    stays = advise([0.99, 0.98, 0.97], manifest, shipped, 1.0)
    assert stays.after == shipped
    assert "stays at" in str(stays)


def test_a_model_without_figures_may_fall_a_little_only():
    """Where nobody measured, a tenth is all, and the line says that the cost is unknown."""
    assert lowest_allowed(0.8, [], 1.0) == 0.7
    manifest = load_bundle("activate").manifest
    manifest.measured.clear()
    assert "not measured" in str(advise([0.72, 0.9, 0.9], manifest, 0.8, 1.0))
