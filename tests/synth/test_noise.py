"""The five colours have the slopes they are named for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth.noise import COLOURS, SLOPE_DB_PER_OCTAVE, Colour, coloured


@pytest.mark.parametrize("colour", COLOURS)
def test_the_spectrum_falls_or_rises_as_named(colour: Colour) -> None:
    """Power per hertz, octave by octave from 125 Hz to 8 kHz, is a straight line of that slope."""
    sound = coloured(colour, 1 << 18, np.random.default_rng(1))
    power = np.abs(np.fft.rfft(sound)) ** 2
    hz = np.arange(len(power)) * 16_000 / len(sound)
    edges = [125 * 2**k for k in range(7)]
    bands = [power[(hz >= a) & (hz < 2 * a)].mean() for a in edges[:-1]]
    steps_db = np.diff(10 * np.log10(bands))
    np.testing.assert_allclose(steps_db, SLOPE_DB_PER_OCTAVE[colour], atol=0.25)


@given(st.sampled_from(COLOURS), st.integers(2, 5_000), st.integers(0, 2**32))
def test_any_length_has_unit_power_and_no_offset(colour: Colour, length: int, seed: int) -> None:
    """A ratio to the noise can be set without looking at the noise."""
    sound = coloured(colour, length, np.random.default_rng(seed))
    assert sound.shape == (length,)
    assert sound.dtype == np.float32
    assert np.sqrt(np.mean(sound**2)) == pytest.approx(1.0, abs=1e-3)
    assert abs(float(sound.mean())) < 1e-3


def test_the_same_generator_gives_the_same_noise() -> None:
    """Nothing is drawn from anywhere else."""
    one, two = (coloured("pink", 999, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_no_length_is_no_sound() -> None:
    """An empty stretch is no error."""
    assert len(coloured("white", 0, np.random.default_rng(0))) == 0
