"""Cheap rooms: the direct sound comes first, the rest dies away as drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth.room import Room, draw_room


@given(st.integers(0, 2**32))
def test_the_direct_sound_comes_first_and_undelayed(seed: int) -> None:
    """Labels need no correction for the room."""
    room = draw_room(np.random.default_rng(seed))
    response = room.response()
    assert response[0] == 1.0
    silent = max(1, int(room.first_reflection_s * 16_000))
    assert not response[1:silent].any()


@given(st.integers(0, 2**32))
def test_the_direct_sound_has_the_drawn_share_of_the_energy(seed: int) -> None:
    """`direct_db` is what it says, not what the noise happened to give."""
    room = draw_room(np.random.default_rng(seed))
    reflected = room.response()[1:].astype(np.float64)
    assert -10 * np.log10(np.sum(reflected**2)) == pytest.approx(room.direct_db, abs=0.01)


def test_reflections_are_sixty_decibels_down_after_the_decay_time() -> None:
    """The slope of the energy's decay is the drawn one."""
    response = Room(decay_s=0.8, direct_db=0.0, first_reflection_s=0.003, seed=5).response()
    early = np.sum(response[1_600:3_200].astype(np.float64) ** 2)
    late = np.sum(response[8_000:9_600].astype(np.float64) ** 2)
    assert 10 * np.log10(early / late) == pytest.approx(60 * 0.4 / 0.8, abs=2.0)


def test_a_room_is_its_parameters() -> None:
    """The same drawn room sounds the same wherever it is made."""
    room = draw_room(np.random.default_rng(3))
    np.testing.assert_array_equal(room.response(), Room(**vars(room)).response())
