"""Codecs: G.711 to the bit, no encoder late, and any length comes back as long as it went."""

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from wakeful.synth.codec import (
    CODECS,
    Codec,
    CodecError,
    CodecName,
    a_law,
    draw_codec,
    mu_law,
)

EVERY_SAMPLE = np.arange(-32_768, 32_768).astype(np.int16)


def bursts() -> np.ndarray:
    """Speech-like noise in syllables, between silences: it has edges to be found by."""
    rng = np.random.default_rng(3)
    spectrum = np.fft.rfft(rng.standard_normal(32_000))
    hz = np.arange(len(spectrum)) / 2
    spectrum[(hz < 300) | (hz > 3_000)] = 0
    sound = np.fft.irfft(spectrum, 32_000)
    sound *= 0.1 / sound.std() * (np.sin(np.arange(32_000) / 1_100) > 0)
    return sound.astype(np.float32)


def late_by(heard: np.ndarray, sent: np.ndarray) -> int:
    """By how many samples the two are most alike, of their energies' course."""
    size = 1 << 17
    course = [np.convolve(s**2, np.ones(80) / 80, "same") for s in (heard, sent)]
    one, other = (np.fft.rfft(c - c.mean(), size) for c in course)
    alike = np.fft.irfft(one * np.conj(other), size)
    return int((np.argmax(alike) + size // 2) % size - size // 2)


@pytest.mark.parametrize(("law", "subtype"), [(mu_law, "ULAW"), (a_law, "ALAW")])
def test_g711_is_what_others_make_of_it(law, subtype: str) -> None:
    """Each of the 65,536 samples comes out as libsndfile's own coder gives it."""
    file = io.BytesIO()
    soundfile.write(file, EVERY_SAMPLE, 8_000, subtype, format="WAV")
    file.seek(0)
    expected, _ = soundfile.read(file, dtype="int16")
    np.testing.assert_array_equal(law(EVERY_SAMPLE), expected)


@pytest.mark.parametrize("law", [mu_law, a_law])
def test_g711_knows_256_levels_and_coding_twice_changes_nothing(law) -> None:
    """What was decoded is a level already."""
    once = law(EVERY_SAMPLE)
    assert 250 <= len(np.unique(once)) <= 256
    np.testing.assert_array_equal(law(once), once)


@pytest.mark.parametrize("name", CODECS)
@pytest.mark.parametrize("squeeze", [0.0, 0.9])
def test_no_codec_is_late(name: CodecName, squeeze: float) -> None:
    """What was sent is heard within half a millisecond of where it was."""
    sent = bursts()
    assert abs(late_by(Codec(name, squeeze).apply(sent), sent)) <= 8


@pytest.mark.parametrize("name", ["mu-law", "a-law", "gsm"])
def test_a_telephone_knows_nothing_above_four_kilohertz(name: CodecName) -> None:
    """Of noise up to 8 kHz the upper half is gone, the lower is there."""
    sent = (0.1 * np.random.default_rng(1).standard_normal(32_000)).astype(np.float32)
    power = np.abs(np.fft.rfft(Codec(name).apply(sent))) ** 2
    assert power[9_000:].sum() < 1e-3 * power[1_000:6_000].sum()


@given(st.sampled_from(CODECS), st.integers(0, 3_000), st.floats(0.0, 4.0), st.integers(0, 2**32))
@examples(max_examples=40, deadline=None)
def test_any_sound_comes_back_finite_bounded_and_as_long(name, length, size, seed) -> None:
    """Silence, a single sample and what is four times over full scale included."""
    sent = (size * np.random.default_rng(seed).standard_normal(length)).astype(np.float32)
    heard = Codec(name, 0.8).apply(sent)
    assert heard.shape == sent.shape
    assert heard.dtype == np.float32
    assert np.abs(heard).max(initial=0.0) <= 1.0


@pytest.mark.parametrize("name", CODECS)
def test_the_same_sound_is_coded_the_same(name: CodecName) -> None:
    """A stream's random serial number is not heard."""
    codec = Codec(name, 0.7)
    np.testing.assert_array_equal(codec.apply(bursts()), codec.apply(bursts()))


def test_fewer_bits_are_heard() -> None:
    """A codec squeezed hard is farther from what was sent than one with all the bits it wants."""
    sent = bursts()
    for name in ("opus", "vorbis", "mp3"):
        wide, narrow = (Codec(name, squeeze).apply(sent) for squeeze in (0.1, 0.97))
        assert np.sum((narrow - sent) ** 2) > 3 * np.sum((wide - sent) ** 2)


def test_every_codec_is_drawn_and_most_are_telephones() -> None:
    """Encoders cost thirty times as much as a table."""
    rng = np.random.default_rng(0)
    drawn = [draw_codec(rng).name for _ in range(2_000)]
    assert set(drawn) == set(CODECS)
    telephones = sum(name in ("mu-law", "a-law") for name in drawn) / 2_000
    assert telephones == pytest.approx(0.8, abs=0.04)


def test_an_encoder_that_is_not_there_is_named(monkeypatch) -> None:
    """One line with the codec and what to do."""

    def refuse(*_: object, **__: object) -> None:
        raise soundfile.LibsndfileError(3, "Error opening: ")

    monkeypatch.setattr(soundfile, "write", refuse)
    with pytest.raises(CodecError, match=r"can't code opus .*pip install -U soundfile") as caught:
        Codec("opus").apply(bursts())
    assert "\n" not in str(caught.value)
