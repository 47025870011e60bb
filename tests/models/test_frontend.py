"""The front end: streamed equals whole to the bit, level is taken away, parameters travel."""

import dataclasses
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.models import frontend as frontend_module
from wakeful.models.frontend import NORMALISATIONS, FrontEnd, FrontEndConfig, FrontEndError

CONFIGS = [FrontEndConfig(normalisation=n) for n in NORMALISATIONS]
CONFIGS += [FrontEndConfig(block_frames=1), FrontEndConfig(block_frames=9, bands=20)]
configs = pytest.mark.parametrize("config", CONFIGS, ids=str)
lengths = st.integers(0, 6_000)
cuts = st.lists(st.integers(0, 6_000), max_size=12)


def sound(length, seed=0):
    """Noise with a swelling tone: every frame differs."""
    rng = np.random.default_rng(seed)
    t = np.arange(length)
    wave = 3_000 * np.sin(t * 0.2) * t / 6_000 + rng.normal(size=length) * 300
    return wave.astype(np.int16)


def streamed(frontend, samples, edges):
    """The frames of a clip fed in pieces."""
    state = frontend.new_state()
    bounds = [0, *sorted(min(e, len(samples)) for e in edges), len(samples)]
    parts = [frontend.feed(state, samples[a:b]) for a, b in pairwise(bounds)]
    return np.concatenate([*parts, frontend.flush(state)])


@configs
@settings(max_examples=40)
@given(length=lengths, edges=cuts)
def test_any_cut_gives_the_same(config, length, edges):
    """However a clip is cut, its frames are the same to the bit, and as many as hops fit."""
    frontend, samples = FrontEnd(config), sound(length)
    whole = frontend.whole(samples)
    assert whole.shape == (length // config.hop_samples, config.bands)
    assert np.array_equal(streamed(frontend, samples, edges), whole)


@configs
def test_reset_equals_fresh(config):
    """A state that was reset or flushed gives what a new one gives."""
    frontend, samples = FrontEnd(config), sound(5_000)
    state = frontend.new_state()
    frontend.feed(state, sound(4_321, seed=1))
    state.reset()
    first = frontend.feed(state, samples)
    frontend.flush(state)
    again = frontend.feed(state, samples)
    fresh = frontend.feed(frontend.new_state(), samples)
    assert np.array_equal(first, fresh)
    assert np.array_equal(again, fresh)


@configs
def test_two_streams_do_not_touch(config):
    """Two streams fed in turns over one front end give what each gives alone."""
    frontend, a, b = FrontEnd(config), sound(6_000, 1), sound(6_000, 2)
    states = frontend.new_state(), frontend.new_state()
    turns = [
        (frontend.feed(states[0], a[at : at + 700]), frontend.feed(states[1], b[at : at + 700]))
        for at in range(0, 6_000, 700)
    ]
    for mine, clip in zip(zip(*turns, strict=True), (a, b), strict=True):
        together = np.concatenate(mine)
        assert np.array_equal(together, frontend.whole(clip)[: len(together)])


@pytest.mark.parametrize("normalisation", ["running", "pcen"])
@pytest.mark.parametrize("gain_db", [-30, -15, 6])
def test_level_is_taken_away(voice, normalisation, gain_db):
    """The same sentence 30 dB quieter gives nearly the same features, by design."""
    frontend = FrontEnd(FrontEndConfig(normalisation=normalisation))
    hiss = np.random.default_rng(0).normal(size=len(voice) + 8_000) * 30
    spoken = hiss + np.r_[np.zeros(8_000), voice]
    spoken *= 16_000 / np.abs(spoken).max()
    loud = frontend.whole(spoken.astype(np.int16))
    other = frontend.whole((spoken * 10 ** (gain_db / 20)).astype(np.int16))
    assert np.abs(other - loud).mean() < 0.25 * np.abs(loud).mean()


@configs
@pytest.mark.parametrize("level", [0, 1, 32_767])
def test_extremes_are_finite(config, level):
    """Digital silence, a flicker of one bit and full-scale squares give finite frames."""
    square = np.where(np.arange(4_000) // 50 % 2, level, -level).astype(np.int16)
    assert np.isfinite(FrontEnd(config).whole(square)).all()


def test_the_kernel_is_what_the_public_function_uses(monkeypatch):
    """The shortcut to numpy's transform gives the same to rounding, and can be done without."""
    samples = sound(9_600)
    direct = FrontEnd()
    monkeypatch.setattr(frontend_module, "_kernel", lambda: None)
    public = FrontEnd()
    np.testing.assert_allclose(direct.whole(samples), public.whole(samples), atol=1e-4)


def test_every_band_hears_something():
    """White noise puts the power that it has into every band: no band is empty or odd."""
    config = FrontEndConfig(normalisation="log")
    noise = np.random.default_rng(0).normal(size=160_000) * 1_000
    log_power = FrontEnd(config).whole(noise.astype(np.int16))[10:] / 0.25 - 12
    expected = np.log((1_000 / 32_768) ** 2)
    assert np.abs(np.log(np.exp(log_power).mean(axis=0)) - expected).max() < 0.2


@given(st.sampled_from(NORMALISATIONS), st.integers(1, 12), st.integers(10, 60), st.floats(0.1, 10))
def test_parameters_travel(normalisation, block_frames, bands, memory_s):
    """What a manifest's JSON carries makes the same front end again."""
    config = FrontEndConfig(
        normalisation=normalisation, block_frames=block_frames, bands=bands, memory_s=memory_s
    )
    carried = msgspec.json.decode(msgspec.json.encode(config.to_dict()))
    assert FrontEndConfig.from_dict(carried) == config


@pytest.mark.parametrize(
    "change", [{"normalisation": "cmvn"}, {"hop_samples": 0}, {"hop_samples": 600}, {"odd": 1}]
)
def test_unknown_parameters_are_refused(change):
    """A front end that this version doesn't have is an error that names what it doesn't know."""
    values = dataclasses.asdict(FrontEndConfig()) | change
    with pytest.raises(FrontEndError, match="front end"):
        FrontEndConfig.from_dict(values)


def test_a_missing_parameter_is_refused():
    """A manifest that leaves a parameter out does not silently get this version's default."""
    values = FrontEndConfig().to_dict()
    del values["memory_s"]
    with pytest.raises(FrontEndError, match="missing parameter 'memory_s'"):
        FrontEndConfig.from_dict(values)
