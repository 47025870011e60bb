"""Batch features: the old systems' shapes and scaling, levels as shifts, finite silence."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import mlab
from wakeful.models import features as f
from wakeful.models.features import (
    DIGITS_MEL,
    LINEAR_161,
    LOG_MEL_80,
    TRIGGER_CLASSIC,
    FeatureError,
    LinearSpectrogram,
    MelSpectrogram,
)
from wakeful.models.mel import MelError, mel_filters

KINDS: list[LinearSpectrogram | MelSpectrogram] = [
    LINEAR_161,
    TRIGGER_CLASSIC,
    LOG_MEL_80,
    DIGITS_MEL,
]
kinds = pytest.mark.parametrize("kind", KINDS, ids=["linear", "classic", "mel", "digits"])


def noise(length, seed=0, scale=3_000.0):
    """16-bit noise."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=length) * scale).clip(-32_768, 32_767).astype(np.int16)


def tone(hz, rate_hz, duration_s=0.5):
    """A sine of half of full scale, as floats."""
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(round(rate_hz * duration_s)) / rate_hz)


def test_the_classic_trigger_gets_what_matplotlib_gave():
    """Ten seconds of stereo at 44.1 kHz: [5511, 101], the first channel's density."""
    stereo = np.stack([noise(441_000), noise(441_000, seed=1)], axis=1)
    ours = TRIGGER_CLASSIC.whole(stereo)
    theirs, hz, _ = mlab.specgram(stereo[:, 0], NFFT=200, Fs=8_000, noverlap=120)
    assert ours.shape == (5_511, 101)
    assert np.max(hz) == 4_000
    np.testing.assert_allclose(ours, np.transpose(theirs), rtol=1e-5)


@settings(max_examples=40, deadline=None)
@given(
    window=st.integers(3, 70),
    hop=st.integers(1, 70),
    rate_hz=st.sampled_from([8_000.0, 16_000.0]),
    length=st.integers(71, 900),
)
def test_every_linear_spectrogram_is_matplotlibs(window, hop, rate_hz, length):
    """Odd and even windows, with and without overlap: the same density, bin by bin."""
    hop = min(hop, window)
    samples = noise(length, seed=length)
    kind = LinearSpectrogram(window, hop, rate_hz, "power", integer_scale=1.0)
    theirs, _, _ = mlab.specgram(samples, NFFT=window, Fs=rate_hz, noverlap=window - hop)
    np.testing.assert_allclose(kind.whole(samples), np.transpose(theirs), rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(
    ("kind", "length", "shape"),
    [
        (LINEAR_161, 16_000, (99, 161)),
        (LinearSpectrogram(160, 80, 8_000), 8_000, (99, 81)),
        (LOG_MEL_80, 16_000, (98, 80)),
        (MelSpectrogram(bands=98), 16_000, (98, 98)),
        (DIGITS_MEL, 5_000, (35, 64)),
        (DIGITS_MEL, 17_640, (35, 64)),
        (DIGITS_MEL, 60_000, (35, 64)),
    ],
)
def test_the_older_systems_get_their_shapes(kind, length, shape):
    """One second, or any digit: what their networks were built for."""
    frames = kind.whole(noise(length))
    assert frames.shape == shape
    assert frames.dtype == np.float32


@settings(deadline=None)
@given(
    window=st.integers(3, 600),
    hop=st.integers(1, 600),
    length=st.integers(0, 3_000),
    centred=st.booleans(),
)
def test_as_many_frames_as_whole_windows_fit(window, hop, length, centred):
    """A clip shorter than a window has no frame; a centred one has a frame at sample 0."""
    samples = noise(length)
    fit = max(0, 1 + (length - window) // hop)
    linear = LinearSpectrogram(window, hop)
    mel = MelSpectrogram(window_samples=window, hop_samples=hop, bands=12, centred=centred)
    assert linear.whole(samples).shape == (fit, linear.bands)
    assert mel.whole(samples).shape == (1 + length // hop if centred else fit, 12)


@kinds
def test_silence_and_full_scale_are_finite(kind):
    """The logarithm has a floor, and 16 bits at their loudest don't overflow."""
    loudest = np.tile(np.array([-32_768, 32_767], np.int16), 9_000)
    for samples in (np.zeros(18_000, np.int16), loudest):
        assert np.isfinite(kind.whole(samples)).all()


@settings(max_examples=25, deadline=None)
@given(gain_db=st.floats(-40, 20), kind=st.sampled_from([LINEAR_161, LOG_MEL_80, DIGITS_MEL]))
def test_a_level_is_a_constant_on_the_log_scale(gain_db, kind):
    """Above the floor, sound that is g dB louder is the same picture, g × ln 10 / 10 higher."""
    sound = np.random.default_rng(0).normal(size=18_000) * 0.1
    before, after = kind.whole(sound), kind.whole(sound * 10 ** (gain_db / 20))
    above = (before > np.log(kind.floor) + 0.1) & (after > np.log(kind.floor) + 0.1)
    assert above.mean() > 0.99
    np.testing.assert_allclose((after - before)[above], gain_db * np.log(10) / 10, atol=2e-5)


@pytest.mark.parametrize("kind", [LINEAR_161, LOG_MEL_80])
def test_the_two_scales_say_the_same(kind):
    """The log scale is the logarithm of the power scale, kept above the floor."""
    samples = noise(4_000)
    samples[2_000:] = 0
    power = dataclasses.replace(kind, scale="power").whole(samples)
    expected = np.log(np.maximum(power, kind.floor))
    np.testing.assert_allclose(kind.whole(samples), expected, rtol=1e-5)


@kinds
def test_integers_are_scaled_and_floats_taken_as_they_are(kind):
    """The same sound in either form gives the same frames."""
    samples = noise(18_000)
    np.testing.assert_array_equal(kind.whole(samples), kind.whole(samples / kind.integer_scale))


@kinds
def test_of_many_channels_the_first_counts(kind):
    """What the second channel carries changes nothing."""
    left, right = noise(18_000), noise(18_000, seed=1)
    stereo = kind.whole(np.stack([left, right], axis=1))
    np.testing.assert_array_equal(stereo, kind.whole(left))


@pytest.mark.parametrize("hz", [150, 1_000, 3_350, 7_000])
def test_a_tone_is_loudest_where_it_lies(hz):
    """In the bin of its frequency, and in the mel band whose centre is nearest in mel."""
    sound = tone(hz, 16_000)
    assert (LINEAR_161.whole(sound).argmax(axis=1) == hz / 50).all()
    mel = 2_595 * np.log10(1 + np.array([80, 7_600, hz]) / 700)
    band = (mel[2] - mel[0]) / (mel[1] - mel[0]) * 81 - 1
    assert abs(LOG_MEL_80.whole(sound).argmax(axis=1) - band).max() < 1


@pytest.mark.parametrize("variance", [1e-6, 0.1])
def test_white_noise_is_as_high_in_every_mel_band_as_its_filter_is_wide(variance):
    """Noise of variance v has power v in a bin, so a band has v times the sum of its weights."""
    sound = np.random.default_rng(0).normal(size=160_000) * np.sqrt(variance)
    kind = dataclasses.replace(LOG_MEL_80, scale="power", bands=10)
    width = mel_filters(512, 16_000, 10, 80.0, 7_600.0).sum(axis=0)
    np.testing.assert_allclose(kind.whole(sound).mean(axis=0), variance * width, rtol=0.1)


def test_a_long_clip_is_the_same_as_its_parts(monkeypatch):
    """The transform goes in chunks, and their seams don't show."""
    samples = noise(20_000)
    whole = [kind.whole(samples) for kind in KINDS]
    monkeypatch.setattr(f, "_CHUNK_FRAMES", 7)
    for kind, expected in zip(KINDS, whole, strict=True):
        np.testing.assert_allclose(kind.whole(samples), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: LinearSpectrogram(window_samples=2), "window 2"),
        (lambda: LinearSpectrogram(hop_samples=0), "hop 0"),
        (lambda: LinearSpectrogram(scale="dB"), "'dB'"),  # type: ignore[arg-type]
        (lambda: LinearSpectrogram(floor=0), "floor 0"),
        (lambda: MelSpectrogram(window_samples=1), "window 1"),
        (lambda: MelSpectrogram(floor=-1), "floor -1"),
    ],
)
def test_impossible_parameters_are_refused_at_once(make, said):
    """Not when the first clip comes; the error names the value, in one line."""
    with pytest.raises(FeatureError, match=said) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_a_rate_that_cannot_hold_the_bands_is_refused_at_once():
    """80 bands up to 7600 Hz don't fit telephone sound."""
    with pytest.raises(MelError, match="8000 Hz"):
        MelSpectrogram(sample_rate_hz=8_000)
