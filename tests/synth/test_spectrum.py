"""Drawn devices: their curve is what was drawn, and nothing is delayed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth.spectrum import Bump, Equaliser, draw_equaliser

LENGTH = 16_000
"""One bin a hertz."""


def in_db(equaliser: Equaliser, hz: int) -> float:
    """The gain at a frequency."""
    return float(20 * np.log10(equaliser.curve(LENGTH)[hz]))


def test_a_device_without_properties_changes_nothing() -> None:
    """The empty equaliser is flat to the bit."""
    np.testing.assert_array_equal(Equaliser().curve(LENGTH), 1.0)


def test_a_tilt_is_so_many_decibels_an_octave_around_1_khz() -> None:
    """1 kHz stays as it is."""
    tilted = Equaliser(tilt_db_per_octave=-3.0)
    assert in_db(tilted, 1_000) == pytest.approx(0.0, abs=1e-3)
    assert in_db(tilted, 4_000) == pytest.approx(-6.0, abs=1e-3)
    assert in_db(tilted, 250) == pytest.approx(6.0, abs=1e-3)


def test_a_bump_has_its_height_at_its_centre_and_half_of_it_at_its_width() -> None:
    """A Gaussian over octaves."""
    bumped = Equaliser(bumps=(Bump(1_000, 1.0, 6.0),))
    assert in_db(bumped, 1_000) == pytest.approx(6.0, abs=1e-3)
    assert in_db(bumped, 2_000) == pytest.approx(3.0, abs=1e-3)


def test_a_telephone_keeps_its_band_alone() -> None:
    """3 dB down at both ends, 24 dB an octave beyond."""
    phone = Equaliser(low_cut_hz=300, high_cut_hz=3_400)
    assert in_db(phone, 300) == pytest.approx(-3.0, abs=0.1)
    assert in_db(phone, 3_400) == pytest.approx(-3.0, abs=0.1)
    assert in_db(phone, 1_000) == pytest.approx(0.0, abs=0.1)
    assert in_db(phone, 75) < -45
    assert in_db(phone, 6_800) < -23


@given(st.integers(0, 2**32), st.integers(2, 3_000))
def test_whatever_is_drawn_is_finite_at_any_length(seed: int, length: int) -> None:
    """No device makes sound that is no number."""
    curve = draw_equaliser(np.random.default_rng(seed)).curve(length)
    assert curve.shape == (length // 2 + 1,)
    assert np.isfinite(curve).all()
    assert (curve >= 0).all()
