"""Nine of one: each as long and as high as its name says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from wakeful.synth.ninefold import HALF_STEPS, STRETCHES, VARIANTS, Variant, nine
from wakeful.synth.world import has_world

pytestmark = pytest.mark.skipif(not has_world(), reason="needs the synth extra")

PITCH_HZ = 140.0


def vowel(seconds: float = 1.0) -> np.ndarray:
    """Harmonics of 140 Hz under a formant at 700 Hz."""
    time_s = np.arange(round(seconds * 16_000)) / 16_000
    hz = PITCH_HZ * np.arange(1, 40)
    size = 0.05 / (1 + ((hz - 700) / 150) ** 2)
    return (size[:, None] * np.sin(2 * np.pi * hz[:, None] * time_s)).sum(axis=0).astype(np.float32)


def power(sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies, and the power of the sound's middle at them."""
    part = sound[len(sound) // 4 : -len(sound) // 4]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 17)) ** 2
    return np.arange(len(spectrum)) * 16_000 / (1 << 17), spectrum


@pytest.fixture(scope="module")
def made() -> dict[str, np.ndarray]:
    """The vowel ninefold."""
    return nine(vowel())


def test_there_are_nine_and_each_has_its_name(made) -> None:
    """Three stretches by three pitches, no two alike."""
    assert set(made) == {v.name for v in VARIANTS}
    assert len(made) == 9
    assert {(v.stretch, v.half_steps) for v in VARIANTS} == {
        (stretch, steps) for stretch in STRETCHES for steps in HALF_STEPS
    }


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_is_as_long_and_as_high_as_its_name_says(made, variant: Variant) -> None:
    """The length to the sample, the pitch to a tenth of a half-step."""
    sound = made[variant.name]
    assert len(sound) == round(16_000 * variant.stretch)
    hz, spectrum = power(sound)
    band = (hz > 110) & (hz < 180)
    found_hz = hz[band][np.argmax(spectrum[band])]
    assert 12 * np.log2(found_hz / PITCH_HZ) == pytest.approx(variant.half_steps, abs=0.1)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_vowel_stays_the_same_vowel(made, variant: Variant) -> None:
    """Its formant doesn't move with the pitch."""
    hz, spectrum = power(made[variant.name])
    near = (hz > 400) & (hz < 1_000)
    assert np.average(hz[near], weights=spectrum[near]) == pytest.approx(700, abs=40)


def test_the_middle_one_is_the_sound_itself(made) -> None:
    """No way through analysis and back."""
    np.testing.assert_array_equal(made["x1.0+0"], vowel())


def test_the_same_sound_gives_the_same_nine(made) -> None:
    """To the bit, breath included."""
    for name, sound in nine(vowel()).items():
        np.testing.assert_array_equal(sound, made[name])


@given(st.integers(0, 3_000), st.floats(0, 1), st.integers(0, 2**32))
@examples(max_examples=15, deadline=None)
def test_any_sound_is_nine_finite_ones(length: int, size: float, seed: int) -> None:
    """No sound at all, silence, and noise without any pitch included."""
    sound = (size * np.random.default_rng(seed).uniform(-1, 1, length)).astype(np.float32)
    for variant, varied in zip(VARIANTS, nine(sound).values(), strict=True):
        assert len(varied) == round(length * variant.stretch)
        assert varied.dtype == np.float32
        assert np.isfinite(varied).all()
        assert np.abs(varied).max(initial=0.0) <= 1e-6 + 8 * np.abs(sound).max(initial=0.0)
