"""Cepstra and slopes: against their definitions, since nobody else's is at hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.models.features import FeatureError, MelSpectrogram
from wakeful.models.mfcc import MFCC_13, Mfcc, dct_ii, deltas


def noise(length, seed=0):
    """Floats at about -20 dBFS."""
    return np.random.default_rng(seed).normal(size=length) * 0.1


def definition(x):
    """DCT-II as textbooks write it, one term at a time, then made orthonormal."""
    size = len(x)
    terms = [
        sum(v * math.cos(math.pi * k * (n + 0.5) / size) for n, v in enumerate(x))
        for k in range(size)
    ]
    return [t * math.sqrt((2 if k else 1) / size) for k, t in enumerate(terms)]


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=40))
def test_the_transform_is_its_definition(x):
    """Whatever the length and the values."""
    np.testing.assert_allclose(dct_ii(len(x)) @ x, definition(x), atol=1e-9)


@given(st.integers(1, 128))
def test_the_transform_keeps_lengths(size):
    """Orthonormal: its transpose undoes it."""
    table = dct_ii(size)
    np.testing.assert_allclose(table @ table.T, np.eye(size), atol=1e-12)


def test_a_known_transform():
    """Of 1, 2, 3, 4: the mean's share, then what Makhoul's formula gives by hand."""
    by_hand = [5.0, -2.230442497, 0.0, -0.158512668]
    np.testing.assert_allclose(dct_ii(4) @ [1, 2, 3, 4], by_hand, atol=1e-9)


def test_thirteen_coefficients_of_the_log_mel_bands():
    """The matrix is what stands between the bands and the cepstra."""
    sound = noise(16_000)
    frames = MFCC_13.whole(sound)
    assert frames.shape == (98, 13)
    assert frames.dtype == np.float32
    expected = [definition(row)[:13] for row in MFCC_13.mel.whole(sound)[:5]]
    np.testing.assert_allclose(frames[:5], expected, rtol=1e-4, atol=1e-4)


@settings(deadline=None)
@given(st.floats(-30, 20))
def test_level_lives_in_the_first_coefficient_alone(gain_db):
    """g dB more move coefficient 0 by g × ln 10 / 10 × sqrt(bands), and no other."""
    sound = noise(2_000)
    moved = MFCC_13.whole(sound * 10 ** (gain_db / 20)) - MFCC_13.whole(sound)
    np.testing.assert_allclose(moved[:, 0], gain_db * np.log(10) / 10 * np.sqrt(26), atol=1e-3)
    np.testing.assert_allclose(moved[:, 1:], 0, atol=1e-3)


@pytest.mark.parametrize("slopes", [0, 1, 2])
@pytest.mark.parametrize("length", [0, 399, 400, 4_000])
def test_slopes_stand_beside_what_they_are_of(slopes, length):
    """Coefficients, deltas, deltas' deltas; also of no frame and of one."""
    sound = noise(length)
    kind = Mfcc(slopes=slopes)
    plain = MFCC_13.whole(sound)
    blocks = [plain, deltas(plain), deltas(deltas(plain))][: 1 + slopes]
    assert kind.bands == 13 * (1 + slopes)
    np.testing.assert_array_equal(kind.whole(sound), np.concatenate(blocks, axis=1))


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(1, 5), st.integers(0, 10))
def test_deltas_are_the_fitted_line(frames, reach, seed):
    """Least squares over each neighbourhood, its ends held on."""
    rows = np.random.default_rng(seed).normal(size=(frames, 3)).astype(np.float32)
    held = np.pad(rows, ((reach, reach), (0, 0)), mode="edge")
    x = np.arange(-reach, reach + 1)
    fits = [np.polyfit(x, held[t : t + 2 * reach + 1], 1)[0] for t in range(frames)]
    np.testing.assert_allclose(deltas(rows, reach), fits, atol=1e-5)


def test_deltas_of_a_ramp_and_of_a_parabola():
    """A slope of 3 is 3; the second differences of t² are 2, away from the ends."""
    t = np.arange(20, dtype=np.float32)[:, np.newaxis]
    np.testing.assert_allclose(deltas(3 * t)[2:-2], 3, rtol=1e-6)
    np.testing.assert_allclose(deltas(deltas(t**2))[4:-4], 2, rtol=1e-5)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Mfcc(coefficients=27), "27 coefficients of 26"),
        (lambda: Mfcc(coefficients=0), "0 coefficients"),
        (lambda: Mfcc(mel=MelSpectrogram(scale="power")), "log scale"),
        (lambda: Mfcc(slopes=3), "slopes 3"),  # type: ignore[arg-type]
        (lambda: Mfcc(reach=0), "reach 0"),
        (lambda: deltas(np.zeros((4, 2), np.float32), 0), "reach 0"),
    ],
)
def test_impossible_parameters_are_refused_at_once(make, said):
    """The error names the value."""
    with pytest.raises(FeatureError, match=said):
        make()
