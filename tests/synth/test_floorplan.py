"""Floors: what lies inside an outline, how near its walls, and who sees whom."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth.floorplan import (
    SHAPES,
    Outline,
    area_m2,
    clearance_m,
    draw_outline,
    in_sight,
    perimeter_m,
)

SQUARE: Outline = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0))
CORNER: Outline = ((0.0, 0.0), (4.0, 0.0), (4.0, 2.0), (2.0, 2.0), (2.0, 4.0), (0.0, 4.0))


@given(st.floats(-1, 5), st.floats(-1, 5))
def test_clearance_in_a_square_is_the_distance_to_its_nearest_side(x: float, y: float) -> None:
    """And the distance from outside counts below nothing, round the corners too."""
    inside = min(x, y, 4 - x, 4 - y)
    outside = np.hypot(max(-x, 0, x - 4), max(-y, 0, y - 4))
    expected = inside if inside > 0 else -outside
    assert clearance_m(SQUARE, np.array([[x, y]]))[0] == pytest.approx(expected, abs=1e-9)


def test_what_a_room_lacks_is_outside_it() -> None:
    """The corner that an L has not is no place to stand; a metre beside it is."""
    places = np.array([[3.0, 3.0], [1.0, 3.0], [3.0, 1.0], [1.5, 1.5]])
    np.testing.assert_allclose(clearance_m(CORNER, places), [-1.0, 1.0, 1.0, np.hypot(0.5, 0.5)])


def test_areas_and_walls_add_up() -> None:
    """An L of 4 by 4 m that lacks 2 by 2 has three quarters of the floor and all of the wall."""
    assert (area_m2(SQUARE), area_m2(CORNER)) == (16.0, 12.0)
    assert perimeter_m(SQUARE) == perimeter_m(CORNER) == 16.0
    assert area_m2(SQUARE[::-1]) == -16.0


def test_nobody_sees_round_a_corner() -> None:
    """Two in the arms of an L don't see each other; two in one arm do."""
    assert not in_sight(CORNER, (1.0, 3.5), (3.5, 1.0))
    assert in_sight(CORNER, (1.0, 3.5), (1.0, 0.5))
    assert in_sight(SQUARE, (1.0, 3.5), (3.5, 1.0))


@given(st.sampled_from(SHAPES), st.integers(0, 2**32))
def test_a_drawn_floor_is_large_enough_and_goes_round_the_left(shape, seed) -> None:
    """No wall crosses another: the corners turn left, but for the one of an L."""
    outline = draw_outline(shape, np.random.default_rng(seed))
    assert area_m2(outline) > 2.0
    along = np.roll(outline, -1, axis=0) - np.array(outline)
    after = np.roll(along, -1, axis=0)
    right = int((along[:, 0] * after[:, 1] - along[:, 1] * after[:, 0] < 0).sum())
    assert right == (1 if shape == "corner" else 0)


def test_a_skew_room_has_no_two_parallel_walls() -> None:
    """So that it rings otherwise than a box."""
    for seed in range(50):
        outline = draw_outline("skew", np.random.default_rng(seed))
        along = np.roll(outline, -1, axis=0) - np.array(outline)
        angles = np.arctan2(along[:, 1], along[:, 0]) % np.pi
        apart = np.abs(angles[:, None] - angles)[np.triu_indices(4, 1)]
        assert np.minimum(apart, np.pi - apart).min() > 1e-3
