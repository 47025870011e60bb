"""What is measured of one recording: levels, quiet ends, speech, and how it sounds."""

from pathlib import Path

import numpy as np
import pytest
import recorded
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.training.explore_measure import (
    SHAPE,
    UNREADABLE,
    measure,
    shape,
    sounding,
    spectrum_db,
    why_not,
)
from wakeful.training.explore_pass import tried
from wakeful.training.explore_voice import MARGIN_S, VoiceFinder, spans_of, trimmed_s

RATE_HZ = 16_000
TONE = (8_000 * np.sin(2 * np.pi * 1_000 * np.arange(4_000) / RATE_HZ)).astype(np.int16)


def test_figures_are_those_of_the_file(tmp_path: Path) -> None:
    """0.2 s of silence, 0.25 s of a tone, 0.3 s of silence, at a rate and level that are known."""
    sound = np.concatenate([np.zeros(3_200), TONE, np.zeros(4_800)]).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", sound, RATE_HZ)
    found = measure(tmp_path / "a.wav")
    assert (found.seconds, found.rate_hz, found.channels) == (0.75, RATE_HZ, 1)
    assert found.before_s == pytest.approx(0.2, abs=0.011)
    assert found.after_s == pytest.approx(0.3, abs=0.011)
    assert found.peak_dbfs == pytest.approx(20 * np.log10(8_000 / 32_768), abs=0.01)
    assert found.spectrum.argmax() == 20  # 1 kHz in bins of 50 Hz
    assert found.clipped_share == 0


def test_clipping_and_an_offset_are_seen(tmp_path: Path) -> None:
    """A quarter at full scale; a mean of a tenth of it."""
    sound = np.where(np.arange(4_000) % 4, 3_277, 32_767).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", sound, RATE_HZ)
    found = measure(tmp_path / "a.wav")
    assert found.clipped_share == pytest.approx(0.25)
    assert found.dc == pytest.approx((0.1 * 3 + 1) / 4, abs=0.001)


@pytest.mark.parametrize("samples", [1, 50, 159, 400])
def test_the_shortest_recordings_are_measured(tmp_path: Path, samples: int) -> None:
    """A single sample has a length, too."""
    soundfile.write(tmp_path / "a.wav", np.full(samples, 9, np.int16), RATE_HZ)
    found = measure(tmp_path / "a.wav")
    assert found.seconds == samples / RATE_HZ
    assert found.shape.shape == (SHAPE,)
    assert np.isfinite(found.shape).all()
    assert np.isfinite(found.spectrum).all()


def test_digital_silence_sounds_like_nothing(tmp_path: Path) -> None:
    """No shape, no speech, and quiet from end to end."""
    soundfile.write(tmp_path / "a.wav", np.zeros(RATE_HZ, np.int16), RATE_HZ)
    found = measure(tmp_path / "a.wav")
    assert not found.shape.any()
    assert (found.voiced_s, found.voice_start_s, found.before_s) == (0, None, 1)


def test_what_is_no_sound_says_why_without_its_name(tmp_path: Path) -> None:
    """For thousands of them are counted by reason."""
    contents = {"a.wav": b"no sound at all", "b.flac": b"", "c.wav": b"RIFF\x10\x00\x00\x00WAVE"}
    for name, content in contents.items():
        path = tmp_path / name
        path.write_bytes(content)
        reason = tried(path)
        assert isinstance(reason, str)
        assert reason
        assert str(tmp_path) not in reason
        with pytest.raises(UNREADABLE) as error:
            measure(path)
        assert why_not(path, error.value) == reason


@given(st.lists(st.floats(0, 1e6), max_size=30))
def test_what_sounds_begins_and_ends_within_42_db_of_the_loudest(powers: list[float]) -> None:
    """Nothing before the first and nothing after the last comes so near."""
    first, last = sounding(np.array(powers))
    limit = max(powers, default=0) * 10**-4.2
    if not powers or max(powers) <= 0:
        assert (first, last) == (len(powers), len(powers))
    else:
        assert powers[first] >= limit
        assert powers[last - 1] >= limit
        assert all(p < limit for p in powers[:first] + powers[last:])


@settings(max_examples=20)
@given(st.floats(0.02, 1.0), st.integers(0, 3))
def test_loudness_does_not_change_how_it_sounds(gain: float, label: int) -> None:
    """Shape and spectrum of a recording turned down are its own, but for rounding."""
    sound = recorded.word(label, 1, 1)
    softer = np.rint(sound * gain).astype(np.int16)
    assert np.linalg.norm(shape(sound) - shape(softer)) < 0.2
    assert np.abs(spectrum_db(sound) - spectrum_db(softer))[2:60].max() < 3


def test_shapes_have_mean_0_and_length_1() -> None:
    """So that they can be compared by their distance."""
    found = shape(recorded.word(2, 0, 0))
    assert found.mean() == pytest.approx(0, abs=1e-6)
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-6)


@given(st.lists(st.integers(0, 20_000), max_size=8))
def test_speech_is_the_same_however_it_is_cut(cuts: list[int]) -> None:
    """Piece by piece, or all at once."""
    sound = recorded.word(0, 0, 0)
    finder = VoiceFinder()
    for piece in np.split(sound, sorted(c % len(sound) for c in cuts)):
        finder.feed(piece)
    assert finder.spans() == spans_of(sound)


def test_speech_is_found_where_somebody_speaks(voice) -> None:
    """Not in the hiss before and after it, which webrtcvad alone takes for speech at first."""
    rng = np.random.default_rng(3)
    hiss = (rng.normal(size=2 * RATE_HZ) * 30).round().astype(np.int16)
    spans = spans_of(np.concatenate([hiss, voice, hiss]))
    assert spans
    assert spans[0][0] > 1.9
    assert spans[-1][1] < 2 + len(voice) / RATE_HZ + 0.3
    assert not spans_of(hiss)


@given(st.floats(0.1, 10), st.floats(0, 1), st.floats(0, 1))
def test_trimming_leaves_speech_with_its_margins_and_no_more(
    seconds: float, a: float, b: float
) -> None:
    """Never more than there was; all of what holds no speech."""
    start, end = sorted((a * seconds, b * seconds))
    left = trimmed_s(seconds, start, end)
    assert end - start - 1e-9 <= left <= min(seconds, end - start + 2 * MARGIN_S) + 1e-9
    assert trimmed_s(seconds, None, None) == seconds
