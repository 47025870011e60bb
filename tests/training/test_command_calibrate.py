"""Calibration: what is 0.8 sure is right in eight of ten; unknown has its own threshold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.models.labels import SILENCE, UNKNOWN
from wakeful.training.command_calibrate import Calibration, calibrate
from wakeful.training.sureness import calibration_error

LABELS = (SILENCE, UNKNOWN, "yes", "no")


def drawn(temperature, offset, count=4_000, seed=0):
    """Scores of which the truth is `temperature` times less sure, and oftener unknown."""
    rng = np.random.default_rng(seed)
    logits = 3.0 * rng.standard_normal((count, len(LABELS)))
    shares = np.exp(logits + np.array([0, offset, 0, 0]))
    shares /= shares.sum(axis=1, keepdims=True)
    truths = np.array([rng.choice(len(LABELS), p=p) for p in shares])
    return (logits * temperature)[:, np.newaxis].astype(np.float32), truths


@pytest.mark.parametrize(("temperature", "offset"), [(1.0, 0.0), (2.5, 0.8), (0.5, -0.7)])
def test_it_finds_how_sure_one_may_be(temperature, offset):
    """Scores that were made too sure, or too unsure of unknown words, are brought back."""
    scores, truths = drawn(temperature, offset)
    found = calibrate(scores, truths, LABELS)
    assert found.temperature == pytest.approx(temperature, rel=0.2)
    assert found.offsets[UNKNOWN] == pytest.approx(offset, abs=0.3)
    assert found.error < 0.03
    before = calibration_error(Calibration().probabilities(scores, LABELS), truths)
    assert found.error <= before + 0.01


def test_labels_without_unknown_have_no_threshold_of_it():
    """Where there is no such label, only the temperature is searched."""
    scores, truths = drawn(2.0, 0.0, 500)
    assert calibrate(scores, truths, ("a", "b", "c", "d")).offsets == {}


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1_000), count=st.integers(1, 50))
def test_few_clips_calibrate_to_something(seed, count):
    """However few there are, what comes out are probabilities."""
    scores, truths = drawn(1.5, 0.2, count, seed)
    found = calibrate(scores, truths, LABELS)
    assert found.temperature > 0
    shares = found.probabilities(scores, LABELS)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert 0 <= found.error <= 1


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1_000), offset=st.floats(-1, 1))
def test_no_clip_is_given_up_for_likelihood(seed, offset):
    """What is right without offsets is not fewer than what is right with them."""
    scores, truths = drawn(1.5, offset, 60, seed)
    found = calibrate(scores, truths, LABELS)
    right = found.probabilities(scores, LABELS).argmax(axis=1) == truths
    plain = Calibration(found.temperature).probabilities(scores, LABELS).argmax(axis=1) == truths
    assert right.sum() >= plain.sum()


def test_the_error_of_those_who_are_sure_and_wrong():
    """Sure and always wrong is off by all of it; sure and right by nothing."""
    sure = np.array([[0.0, 1.0]] * 10)
    assert calibration_error(sure, np.zeros(10, int)) == 1.0
    assert calibration_error(sure, np.ones(10, int)) == 0.0
