"""Clipping and compression: loud becomes less loud by as much as was asked, quiet stays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from wakeful.synth.dynamics import Clipping, Compressor, draw_clipping, draw_compressor
from wakeful.synth.levels import rms_dbfs


def sine(level_dbfs: float, length: int = 16_000) -> np.ndarray:
    """400 Hz at an RMS level."""
    size = 10 ** (level_dbfs / 20) * np.sqrt(2)
    return (size * np.sin(2 * np.pi * np.arange(length) / 40)).astype(np.float32)


@given(st.floats(-40, 0), st.booleans(), st.integers(0, 2**32))
@examples(deadline=None)
def test_nothing_passes_the_ceiling_and_signs_stay(ceiling_dbfs, soft, seed) -> None:
    """Hard or soft, whatever comes in."""
    sound = np.random.default_rng(seed).standard_normal(500).astype(np.float32)
    heard = Clipping(ceiling_dbfs, soft).apply(sound)
    assert np.abs(heard).max() <= 10 ** (ceiling_dbfs / 20) * (1 + 1e-6)
    assert (np.sign(heard) == np.sign(sound)).all()
    assert (np.abs(heard) <= np.abs(sound) * (1 + 1e-6)).all()


def test_below_the_ceiling_hard_clipping_changes_nothing() -> None:
    """And soft clipping next to nothing."""
    quiet = sine(-40)
    np.testing.assert_array_equal(Clipping(-6.0).apply(quiet), quiet)
    np.testing.assert_allclose(Clipping(-6.0, soft=True).apply(quiet), quiet, atol=1e-5)


@pytest.mark.parametrize("ratio", [1.5, 4.0, 10.0])
@pytest.mark.parametrize("over_db", [6.0, 18.0])
def test_what_is_above_the_threshold_comes_out_by_the_ratio(ratio: float, over_db: float) -> None:
    """Measured when the attack is over."""
    heard = Compressor(-30.0, ratio).apply(sine(-30.0 + over_db))
    assert rms_dbfs(heard[8_000:]) == pytest.approx(-30.0 + over_db / ratio, abs=0.1)


def test_what_is_below_the_threshold_gets_the_makeup_alone() -> None:
    """No decibel is taken from a whisper."""
    heard = Compressor(-20.0, 8.0, makeup_db=6.0).apply(sine(-40.0))
    assert rms_dbfs(heard) == pytest.approx(-34.0, abs=0.01)


def test_the_gain_comes_down_faster_than_it_goes_up() -> None:
    """After one time constant 63 % of the way is done: 10 ms down, 200 ms up."""
    sound = np.concatenate([sine(-50, 8_000), sine(-10, 8_000), sine(-50, 16_000)])
    heard = Compressor(-30.0, 1e6, attack_ms=10.0, release_ms=200.0).apply(sound)
    with np.errstate(divide="ignore", invalid="ignore"):
        reduced_db = -20 * np.log10(heard / sound)
    at_10_ms = np.nanmedian(reduced_db[8_000 + 140 : 8_000 + 180])
    at_200_ms = np.nanmedian(reduced_db[16_000 + 3_180 : 16_000 + 3_220])
    assert at_10_ms == pytest.approx(20 * 0.63, abs=3.0)
    assert at_200_ms == pytest.approx(20 * 0.37, abs=1.0)


@given(st.integers(0, 2**32), st.integers(0, 2_000), st.floats(-60, 0))
@examples(deadline=None)
def test_whatever_is_drawn_is_finite_bounded_and_as_long(seed, length, level_dbfs) -> None:
    """No more than the makeup comes on top; silence stays silent."""
    rng = np.random.default_rng(seed)
    compressor, clipping = draw_compressor(rng, level_dbfs), draw_clipping(rng, level_dbfs)
    sound = rng.standard_normal(length).astype(np.float32)
    heard = compressor.apply(sound)
    assert heard.shape == sound.shape
    assert heard.dtype == np.float32
    most = 10 ** (compressor.makeup_db / 20) * np.abs(sound) * (1 + 1e-5)
    assert (np.abs(heard) <= most).all()
    assert clipping.ceiling_dbfs <= 0.0
    assert not compressor.apply(np.zeros(length, np.float32)).any()
