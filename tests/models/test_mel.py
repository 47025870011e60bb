"""The mel filter bank: even in mel, summing to one, deaf nowhere."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from wakeful.models.mel import MelError, hz_to_mel, mel_filters, mel_to_hz

banks = st.tuples(
    st.sampled_from([256, 512, 1_024, 2_048]),
    st.sampled_from([8_000, 16_000, 22_050, 44_100]),
    st.integers(1, 128),
    st.floats(0, 1_000),
    st.floats(2_000, 4_000),
)


def bins_hz(n_fft, rate_hz):
    """The frequency of every bin."""
    return np.arange(n_fft // 2 + 1) * rate_hz / n_fft


def edges_hz(bands, low_hz, high_hz):
    """Where triangles begin, peak and end."""
    return mel_to_hz(np.linspace(hz_to_mel(low_hz), hz_to_mel(high_hz), bands + 2))


def test_the_scale_is_htk():
    """Its fixed points: 0 Hz is 0 mel, and 1 kHz is 1000 mel within its rounding."""
    assert hz_to_mel(0) == 0
    assert hz_to_mel(1_000) == pytest.approx(1_000, abs=0.02)
    assert hz_to_mel(700) == pytest.approx(2_595 * np.log10(2))


@given(st.floats(0, 100_000))
def test_the_scale_goes_back(hz):
    """There and back is where one was."""
    assert mel_to_hz(hz_to_mel(hz)) == pytest.approx(hz, rel=1e-9, abs=1e-9)


@given(banks)
def test_every_band_hears_something_and_none_more_than_all(bank):
    """Weights lie in 0..1 and every band has a bin, however narrow it is."""
    n_fft, _, bands, *_ = bank
    filters = mel_filters(*bank)
    assert filters.shape == (n_fft // 2 + 1, bands)
    assert filters.dtype == np.float32
    assert filters.min() >= 0
    assert filters.max() <= 1
    assert (filters.max(axis=0) > 0).all()


@given(banks)
def test_bands_rise(bank):
    """The centre of gravity of each band lies above that of the one before it, or in one bin."""
    n_fft, rate_hz, *_ = bank
    filters = mel_filters(*bank).astype(np.float64)
    centres = bins_hz(n_fft, rate_hz) @ filters / filters.sum(axis=0)
    assert (np.diff(centres) >= -1e-3).all()


@given(banks)
def test_between_the_first_and_the_last_centre_they_sum_to_one(bank):
    """What one band loses its neighbour gains, wherever no band had to be given a bin."""
    n_fft, rate_hz, bands, low_hz, high_hz = bank
    hz, edges = bins_hz(n_fft, rate_hz), edges_hz(bands, low_hz, high_hz)
    inside = (hz >= edges[1]) & (hz <= edges[-2])
    heard = (hz > edges[:-2, np.newaxis]) & (hz < edges[2:, np.newaxis])
    assume(heard.any(axis=1).all())
    filters = mel_filters(*bank)
    assert filters[inside].sum(axis=1) == pytest.approx(np.ones(inside.sum()), abs=1e-5)
    assert not filters[(hz < low_hz) | (hz > high_hz)].any()


def test_a_band_between_two_bins_takes_the_nearest():
    """With bins at 125 and 250 Hz, neither of two bands from 140 to 220 Hz has one of its own."""
    filters = mel_filters(64, 8_000, 2, 140, 220)
    assert np.argwhere(filters).tolist() == [[1, 0], [2, 1]]
    assert filters[1, 0] == filters[2, 1] == 1


@pytest.mark.parametrize(
    ("bands", "low_hz", "high_hz"),
    [(0, 0, 4_000), (10, -1, 4_000), (10, 500, 500), (10, 500, 400), (10, 0, 8_001)],
)
def test_impossible_banks_are_refused(bands, low_hz, high_hz):
    """The error names the bounds, and it is one line."""
    with pytest.raises(MelError, match=rf"{bands} bands from {low_hz:g} to {high_hz:g} Hz") as e:
        mel_filters(512, 16_000, bands, low_hz, high_hz)
    assert "\n" not in str(e.value)
