"""Devices: each fault is what it says, and none of them moves or drowns the word."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from wakeful.synth.device import Device, DeviceShares, draw_device, drifted, quantised
from wakeful.synth.levels import active_dbfs

ALL = DeviceShares(1.0, 1.0, 1.0, 1.0, 1.0, 1.0)


def chirp(length: int = 32_000) -> np.ndarray:
    """100 Hz to 6 kHz: every place sounds like no other."""
    time_s = np.arange(length) / 16_000
    return (0.3 * np.sin(2 * np.pi * (100 + 1_475 * time_s) * time_s)).astype(np.float32)


def pulse(at: int, length: int) -> np.ndarray:
    """A smooth pulse of 2 ms, of which the middle can be found between samples."""
    away = (np.arange(length) - at) / 16
    return (0.5 * np.exp(-(away**2))).astype(np.float32)


def middle(sound: np.ndarray) -> float:
    """Where a pulse's energy is."""
    power = sound.astype(np.float64) ** 2
    return float((np.arange(len(sound)) * power).sum() / power.sum())


def test_a_device_without_faults_changes_nothing() -> None:
    """To the bit."""
    np.testing.assert_array_equal(Device().apply(chirp()), chirp())


@given(st.integers(200, 39_800), st.floats(-200, 200))
@examples(max_examples=40, deadline=None)
def test_what_should_stand_still_does(at: int, drift_ppm: float) -> None:
    """Wherever the word ends, a drifting clock leaves it there within half a sample."""
    assert middle(drifted(pulse(at, 40_000), drift_ppm, at)) == pytest.approx(at, abs=0.55)


@pytest.mark.parametrize("drift_ppm", [-200.0, -50.0, 50.0, 200.0])
def test_a_clock_drifts_as_far_as_it_says(drift_ppm: float) -> None:
    """After ten seconds 200 ppm are 32 samples, later where the clock is fast."""
    heard = drifted(pulse(160_000, 161_000), drift_ppm, 0)
    assert middle(heard) - 160_000 == pytest.approx(160_000 * drift_ppm * 1e-6, abs=0.1)


def test_drift_changes_nothing_else() -> None:
    """A sweep that drifted there and back is the sweep, but for the ends."""
    back = drifted(drifted(chirp(), 150.0), -150.0)
    np.testing.assert_allclose(back[200:-200], chirp()[200:-200], atol=2e-3)


@given(st.integers(2, 15), st.integers(0, 2**32))
def test_few_bits_are_few_levels(bits: int, seed: int) -> None:
    """No more than 2 to their number, and none farther than half a step, but where it clips."""
    sound = np.random.default_rng(seed).uniform(-1, 1, 3_000).astype(np.float32)
    heard = quantised(sound, bits)
    assert len(np.unique(heard)) <= 2**bits
    step = 2.0 ** (1 - bits)
    free = sound < 1 - 1.5 * step
    assert np.abs(heard - sound)[free].max(initial=0.0) <= step / 2 + 1e-6
    assert heard.min() >= -1.0
    assert heard.max() <= 1.0 - step + 1e-6


@pytest.mark.parametrize("offset", [-0.02, 0.01])
def test_an_offset_is_added(offset: float) -> None:
    """And nothing else."""
    np.testing.assert_allclose(Device(offset=offset).apply(chirp()) - chirp(), offset, atol=1e-6)


@given(st.integers(0, 2**32), st.integers(0, 3_000), st.floats(0.0, 2.0), st.floats(-48, -2))
@examples(max_examples=40, deadline=None)
def test_whatever_is_drawn_is_finite_bounded_and_as_long(seed, length, size, level) -> None:
    """All faults at once, on silence, on noise over full scale, on no sound at all."""
    rng = np.random.default_rng(seed)
    device = draw_device(rng, level, ALL)
    sound = (size * rng.standard_normal(length)).astype(np.float32)
    heard = device.apply(sound, still_at=length // 2)
    assert heard.shape == sound.shape
    assert np.isfinite(heard).all()
    assert np.abs(heard).max(initial=0.0) <= 1.0
    np.testing.assert_array_equal(heard, device.apply(sound, still_at=length // 2))


@given(st.integers(0, 2**32), st.floats(-48, -12))
@examples(max_examples=30, deadline=None)
def test_no_device_moves_the_end_of_a_word(seed: int, level_dbfs: float) -> None:
    """Where a tone stops, it is 20 dB quieter 10 ms after than it was 10 ms before."""
    end, rng = 20_000, np.random.default_rng(seed)
    sound = np.zeros(40_000, np.float32)
    wave = np.sin(2 * np.pi * 800 * np.arange(12_000) / 16_000)
    sound[end - 12_000 : end] = 10 ** (level_dbfs / 20) * np.sqrt(2) * wave
    heard = draw_device(rng, level_dbfs, ALL).apply(sound, still_at=end)
    during, after = heard[end - 2_000 : end - 160], heard[end + 160 : end + 2_000]
    tone = np.exp(2j * np.pi * 800 * np.arange(len(during)) / 16_000)
    assert abs(during @ tone) > 10 * abs(after @ tone)


@given(st.integers(0, 2**32), st.floats(-48, -6))
@examples(max_examples=30, deadline=None)
def test_no_device_makes_sound_inaudible(seed: int, level_dbfs: float) -> None:
    """Of speech at a level, no more than 15 dB are lost on the way, nor are 15 added."""
    rng = np.random.default_rng(seed)
    sound = chirp() * np.float32(10 ** ((level_dbfs - active_dbfs(chirp())) / 20))
    heard = draw_device(rng, level_dbfs, ALL).apply(sound[:16_000])
    assert abs(active_dbfs(heard - heard.mean()) - level_dbfs) < 15


def test_the_same_generator_draws_the_same_device() -> None:
    """And every fault is drawn, none always."""
    drawn = [draw_device(np.random.default_rng(n), -20.0) for n in range(300)]
    assert drawn == [draw_device(np.random.default_rng(n), -20.0) for n in range(300)]
    for field in fields(Device):
        values = [getattr(device, field.name) for device in drawn]
        assert len(set(values)) > 1
        if field.name != "gain_db":
            faultless = sum(value == field.default for value in values) / 300
            assert 0.4 < faultless < 0.95
