"""Recorded impulse responses: any rate, any lead; what is none is refused in one line."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from wakeful.synth.impulse import ImpulseError, from_direct, read_impulse, read_impulses


def recorded(lead: int, rate_hz: int = 16_000, size: float = 0.4) -> np.ndarray:
    """Silence, a direct sound, one reflection 20 ms later, and a tail."""
    rng = np.random.default_rng(1)
    sound = np.zeros(lead + rate_hz // 2)
    tail = rng.standard_normal(rate_hz // 2) * np.exp(-np.arange(rate_hz // 2) / rate_hz * 12)
    sound[lead:] = 0.02 * tail
    sound[lead] = 1.0
    sound[lead + rate_hz // 50] = -0.5
    return (size * sound).astype(np.float32)


@given(st.integers(0, 9_000), st.floats(0.001, 1.0))
@examples(max_examples=25, deadline=None)
def test_the_direct_sound_is_found_wherever_it_is_and_however_loud(lead: int, size: float) -> None:
    """Then it is 1, and the reflection is as far behind it as it was."""
    response = from_direct(recorded(lead, size=size), "x")
    assert response[0] == 1.0
    assert response[320] == pytest.approx(-0.5, abs=0.05)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_any_rate_is_read(tmp_path: Path, rate_hz: int) -> None:
    """A reflection 20 ms after the direct sound stays there."""
    path = tmp_path / "hall.wav"
    soundfile.write(path, recorded(rate_hz // 10, rate_hz), rate_hz, "PCM_24")
    response = read_impulse(path)
    assert response[0] == 1.0
    assert abs(int(np.argmin(response)) - 320) <= 1


def test_a_louder_wall_is_not_taken_for_the_direct_sound() -> None:
    """The first peak within 10 dB of the largest is what comes straight."""
    sound = np.zeros(4_000, np.float32)
    sound[500], sound[900] = 0.4, 1.0
    response = from_direct(sound, "x")
    assert response[0] == 1.0
    assert response[400] == pytest.approx(2.5)


def test_of_two_channels_the_first_is_heard(tmp_path: Path) -> None:
    """Their sum would be a comb."""
    both = np.stack([recorded(100), np.roll(recorded(100), 7)], axis=1)
    soundfile.write(tmp_path / "two.wav", both, 16_000, "FLOAT")
    np.testing.assert_allclose(read_impulse(tmp_path / "two.wav"), from_direct(both[:, 0], "x"))


def silent(path: Path) -> None:
    """A response of nothing."""
    soundfile.write(path, np.zeros(4_000), 16_000)


def much_too_long(path: Path) -> None:
    """A minute: somebody's song."""
    soundfile.write(path, np.zeros(60 * 8_000), 8_000)


def corrupt(path: Path) -> None:
    """The beginning of a file, then something else."""
    path.write_bytes(b"RIFF\x10\x00\x00\x00WAVEjunk and no more")


def empty(path: Path) -> None:
    """A header and no sample."""
    soundfile.write(path, np.zeros(0), 16_000)


def no_numbers(path: Path) -> None:
    """Float samples of which one is not a number."""
    soundfile.write(path, np.array([1.0, np.nan, 0.5]), 16_000, "FLOAT")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (silent, "silent"),
        (much_too_long, "60 s is no impulse response"),
        (corrupt, "not readable"),
        (empty, "silent"),
        (no_numbers, "no numbers"),
    ],
)
def test_what_is_no_response_is_named_in_one_line(tmp_path: Path, make, said: str) -> None:
    """With its path and what to do."""
    path = tmp_path / "bad.wav"
    make(path)
    with pytest.raises(ImpulseError, match=said) as caught:
        read_impulses(tmp_path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "take it away" in str(caught.value)


def test_a_folder_without_responses_is_an_error(tmp_path: Path) -> None:
    """Missing and empty are told apart."""
    with pytest.raises(ImpulseError, match="holds no"):
        read_impulses(tmp_path)
    with pytest.raises(ImpulseError, match="no such folder"):
        read_impulses(tmp_path / "gone")
