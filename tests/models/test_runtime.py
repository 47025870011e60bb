"""The runtime: states apart, weights shared, and quiet about it."""

import subprocess
import sys

import numpy as np
import pytest
from wakeful.models.bundle import load_bundle
from wakeful.models.runtime import TriggerModel


@pytest.fixture(scope="module")
def model(beep_bundle):
    """One set of weights for all tests here."""
    return TriggerModel(load_bundle(beep_bundle))


def frames(model, calls, seed=0):
    """Random features for so many calls."""
    m, bands = model.bundle.manifest, model.bundle.frontend.bands
    rng = np.random.default_rng(seed)
    return rng.normal(size=(calls, m.frames_per_call, bands)).astype(np.float32)


def run(model, state, calls):
    """All probabilities of some calls, in a row."""
    return np.concatenate([model.step(state, call) for call in calls])


def test_two_streams_do_not_touch(model):
    """Two states over one model, stepped in turns, give what each gives alone."""
    a, b = frames(model, 30, 1), frames(model, 30, 2)
    states = model.new_state(), model.new_state()
    turns = [
        (model.step(states[0], x), model.step(states[1], y)) for x, y in zip(a, b, strict=True)
    ]
    for mine, calls in zip(zip(*turns, strict=True), (a, b), strict=True):
        assert np.array_equal(np.concatenate(mine), run(model, model.new_state(), calls))


def test_reset_equals_fresh(model):
    """After a reset every state is zero and the answers are a new stream's."""
    calls = frames(model, 20)
    state = model.new_state()
    first = run(model, state, calls)
    assert any(np.any(state[name]) for name in model.bundle.manifest.states)
    state.reset()
    assert not any(np.any(state[name]) for name in model.bundle.manifest.states)
    assert np.array_equal(run(model, state, calls), first)


def test_states_have_their_names_and_shapes(model):
    """Each named buffer keeps the manifest's shape as the stream goes on."""
    state = model.new_state()
    run(model, state, frames(model, 3))
    for name, shape in model.bundle.manifest.states.items():
        assert list(state[name].shape) == shape


def test_probabilities_are_probabilities(model):
    """As many per call as the stride gives, all within 0 and 1, whatever the features."""
    m = model.bundle.manifest
    for scale in (0, 1, 1e6):
        out = model.step(model.new_state(), frames(model, 1)[0] * np.float32(scale))
        assert out.shape == (m.frames_per_call // m.stride,)
        assert np.all((out >= 0) & (out <= 1))


def test_it_says_nothing(beep_bundle):
    """Loading and running writes nothing to either stream: they belong to the program."""
    code = (
        "from wakeful.models.bundle import load_bundle\n"
        "from wakeful.models.runtime import TriggerModel\n"
        f"TriggerModel(load_bundle({str(beep_bundle)!r}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
