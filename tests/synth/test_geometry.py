"""Rooms with walls: the direct sound comes first, and reflections last as long as they should."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from wakeful.synth.floorplan import clearance_m, in_sight
from wakeful.synth.geometry import (
    LONGEST_S,
    SAMPLE_RATE_HZ,
    Geometry,
    Surfaces,
    draw_geometry,
    trimmed,
)

pytest.importorskip("pyroomacoustics", reason="needs the synth extra")

HALL = Geometry(
    shape="box",
    outline_m=((0.0, 0.0), (6.0, 0.0), (6.0, 4.5), (0.0, 4.5)),
    height_m=2.7,
    surfaces=Surfaces(0.2, 0.2, 0.2, scattering=0.3),
    source_m=(2.0, 2.0, 1.5),
    microphone_m=(2.0 + 70 / 16_000 * 343.0, 2.0, 1.5),
    seed=4,
)
FLOORS = {
    "box": HALL.outline_m,
    "corner": ((0.0, 0.0), (6.0, 0.0), (6.0, 2.7), (3.6, 2.7), (3.6, 4.5), (0.0, 4.5)),
    "skew": ((0.0, 0.0), (6.0, 0.4), (5.5, 4.3), (0.5, 4.8)),
}


@pytest.mark.parametrize("shape", FLOORS)
@pytest.mark.parametrize("kept", [0.12, 0.35])
def test_reflections_last_about_as_long_as_the_walls_let_them(shape: str, kept: float) -> None:
    """The decay time that is measured is Eyring's for those walls, within a third."""
    from pyroomacoustics.experimental import measure_rt60

    room = replace(HALL, outline_m=FLOORS[shape], surfaces=Surfaces(kept, kept, kept))
    measured_s = measure_rt60(room.response(), fs=SAMPLE_RATE_HZ, decay_db=30)
    assert measured_s == pytest.approx(room.decay_s, rel=0.34)


@given(st.integers(0, 2**32))
@examples(max_examples=4, deadline=None)
def test_whatever_is_drawn_begins_with_the_direct_sound(seed: int) -> None:
    """It is 1 at sample 0 and nothing is before it: no label has to be moved."""
    response = draw_geometry(np.random.default_rng(seed)).response()
    assert response[0] == 1.0
    assert response.dtype == np.float32
    assert len(response) <= LONGEST_S * SAMPLE_RATE_HZ
    assert np.isfinite(response).all()
    assert np.abs(response[1:8]).max() < 0.2


def test_the_first_reflection_comes_when_its_way_is_done() -> None:
    """Off a ceiling 1.2 m above: later than the direct sound by the rest of its way."""
    response = HALL.response()
    later_m = np.hypot(HALL.distance_m, 2 * 1.2) - HALL.distance_m
    at = later_m / 343.0 * SAMPLE_RATE_HZ
    assert abs(int(np.argmax(np.abs(response[8:80]))) + 8 - at) <= 1
    assert np.abs(response[8:40]).max() < 0.02


def test_the_same_room_sounds_the_same_and_another_seed_otherwise() -> None:
    """Rays are drawn from the room's own seed."""
    room = replace(HALL, surfaces=Surfaces(0.4, 0.4, 0.4))
    one, two, other = room.response(), room.response(), replace(room, seed=5).response()
    np.testing.assert_array_equal(one, two)
    assert len(one) != len(other) or not np.array_equal(one, other)


def test_nearer_is_drier() -> None:
    """The direct sound's share of the energy falls with the distance."""
    shares = []
    for samples in (10, 40, 140):
        ear = (2.0 + samples / 16_000 * 343.0, 2.0, 1.5)
        shares.append(1 / np.sum(replace(HALL, microphone_m=ear).response() ** 2))
    assert all(near > 2 * far for near, far in pairwise(shares))


@given(st.integers(0, 2**32))
@examples(deadline=None)
def test_mouth_and_microphone_are_inside_and_see_each_other(seed: int) -> None:
    """A whole number of samples apart, and neither in a wall."""
    room = draw_geometry(np.random.default_rng(seed))
    floor = np.array([room.source_m[:2], room.microphone_m[:2]])
    assert (clearance_m(room.outline_m, floor) > 0.1).all()
    assert in_sight(room.outline_m, room.source_m[:2], room.microphone_m[:2])
    assert 0 < room.microphone_m[2] < room.height_m
    samples = room.distance_m / 343.0 * SAMPLE_RATE_HZ
    assert samples == pytest.approx(round(samples), abs=1e-6)
    assert 0.1 < room.distance_m < 5.0


def test_every_shape_is_drawn() -> None:
    """Boxes, rooms that lack a corner, and crooked ones."""
    drawn = {draw_geometry(np.random.default_rng(n)).shape for n in range(40)}
    assert drawn == {"box", "corner", "skew"}


@given(st.integers(1, 40_000), st.floats(0.9, 0.99999))
@examples(deadline=None)
def test_what_is_cut_off_is_a_millionth(length: int, decay: float) -> None:
    """A response keeps its energy, and ends within 1.5 s."""
    response = (decay ** np.arange(length)).astype(np.float32)
    kept = trimmed(response)
    assert 1 <= len(kept) <= min(length, LONGEST_S * SAMPLE_RATE_HZ)
    assert kept[0] == 1.0
    lost = np.sum(response[len(kept) : 24_000].astype(np.float64) ** 2)
    assert lost <= 1.01e-6 * np.sum(response.astype(np.float64) ** 2)
