"""Levels: decibels mean what they say, and the way to 16 bits clips as a converter does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth.levels import (
    SILENT_DBFS,
    active_dbfs,
    gain,
    peak_dbfs,
    rms_dbfs,
    to_float,
    to_int16,
)

SINE = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000).astype(np.float32)


def test_a_full_sine_is_three_decibels_below_full_scale() -> None:
    """RMS counts against full scale, not against a full sine."""
    assert rms_dbfs(SINE) == pytest.approx(-3.01, abs=0.01)
    assert peak_dbfs(SINE) == pytest.approx(0.0, abs=0.01)


@given(st.floats(-90, -1))
def test_a_gain_moves_every_level_by_itself(db: float) -> None:
    """Levels and gains are inverse to each other."""
    quieter = SINE * np.float32(gain(db))
    for level in (rms_dbfs, peak_dbfs, active_dbfs):
        assert level(quieter) - level(SINE) == pytest.approx(db, abs=0.01)


@pytest.mark.parametrize("length", [0, 1, 319, 320, 16_000])
def test_silence_has_a_finite_level(length: int) -> None:
    """No logarithm of zero leaves the module, whatever the length."""
    silence = np.zeros(length, np.float32)
    assert {rms_dbfs(silence), peak_dbfs(silence), active_dbfs(silence)} == {SILENT_DBFS}


@given(st.integers(0, 20))
def test_a_pause_does_not_make_a_word_quieter(pause_frames: int) -> None:
    """The active level is that of what sounds; RMS falls with the pause."""
    with_pause = np.concatenate([SINE, np.zeros(320 * pause_frames, np.float32)])
    assert active_dbfs(with_pause) == pytest.approx(active_dbfs(SINE), abs=0.01)


@given(st.lists(st.integers(-32_768, 32_767), max_size=50))
def test_sixteen_bits_survive_the_round_trip(values: list[int]) -> None:
    """int16 to float and back is the same sound."""
    samples = np.array(values, np.int16)
    np.testing.assert_array_equal(to_int16(to_float(samples)), samples)


def test_what_is_too_loud_is_clipped_not_wrapped() -> None:
    """Twice full scale is full scale, on both sides."""
    np.testing.assert_array_equal(to_int16(np.array([2, -2], np.float32)), [32_767, -32_768])
