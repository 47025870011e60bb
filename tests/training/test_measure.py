"""Measuring: the daemon's rule of firing, counted over many thresholds at once."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from wakeful.daemon.detector import Detector
from wakeful.models.frontend import FrontEnd
from wakeful.synth.palette import Clip
from wakeful.training.measure import (
    THRESHOLDS,
    Point,
    Rule,
    at_most,
    best_scores,
    false_accepts,
    firings,
    joined,
    points,
    score_clips,
    smoothed,
)

PROBABILITIES = arrays.arrays(
    np.float32, st.integers(0, 120), elements=st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
)


@given(PROBABILITIES, st.integers(1, 5), st.integers(0, 20), st.sampled_from([0.2, 0.5, 0.6, 0.9]))
@settings(max_examples=400)
def test_firings_are_the_daemons(
    probabilities: np.ndarray, smooth_steps: int, refractory_steps: int, threshold: float
) -> None:
    """Step for step what the detector that ships would do, on any probabilities."""
    detector = Detector(threshold, smooth_steps, refractory_steps)
    expected = [found.step for found in detector.feed(0, probabilities)]
    assert firings(smoothed(probabilities, smooth_steps), threshold, refractory_steps) == expected


def test_smoothing_starts_from_silence() -> None:
    """Before the first probability stand zeros, as in the daemon."""
    np.testing.assert_allclose(smoothed(np.ones(4, np.float32), 3), [1 / 3, 2 / 3, 1, 1])


@given(st.lists(PROBABILITIES, max_size=4))
@settings(max_examples=50, deadline=None)
def test_counts_over_all_thresholds_are_those_of_each(streams: list[np.ndarray]) -> None:
    """The short cut for thresholds above everything leaves none out."""
    rule = Rule(smooth_steps=2, refractory_steps=5)
    counts = false_accepts(streams, rule)
    for i in range(0, len(THRESHOLDS), 40):
        one_by_one = [len(firings(smoothed(s, 2), float(THRESHOLDS[i]), 5)) for s in streams]
        assert counts[i] == sum(one_by_one)


def test_a_clip_is_missed_above_its_best_score() -> None:
    """Miss rates rise with the threshold, from those that are never heard on."""
    words = [np.full(9, p, np.float32) for p in (0.2, 0.6, 0.9)]
    found = points(words, [np.zeros(9, np.float32)], 1.0, Rule(smooth_steps=1))
    rate = {round(p.threshold, 2): p.miss_rate for p in found}
    assert rate[0.5] == pytest.approx(1 / 3)
    assert found[-1].miss_rate == 1.0
    assert all(a.miss_rate <= b.miss_rate for a, b in itertools.pairwise(found))


def test_best_scores_are_smoothed() -> None:
    """One loud step is not the word."""
    alone = np.array([0, 0, 1, 0, 0], np.float32)
    assert best_scores([alone], Rule(smooth_steps=2))[0] == pytest.approx(0.5)


def test_the_limit_is_kept_by_every_higher_threshold() -> None:
    """A lucky dip in the middle of the curve is not chosen."""
    found = [Point(0.1, 0.0, 9.0), Point(0.2, 0.1, 0.4), Point(0.3, 0.2, 1.0), Point(0.4, 0.3, 0.5)]
    assert at_most(found, 0.5) == found[3]
    assert at_most(found, 1.0) == found[1]


def test_a_limit_that_nothing_keeps_means_never_firing() -> None:
    """All is missed then, and said to be."""
    assert at_most([Point(0.9, 0.1, 3.0)], 1.0).miss_rate == 1.0


def test_clips_of_any_length_are_scored_as_if_alone(voice: np.ndarray) -> None:
    """Padding to a common length changes no score, for a network that looks back only."""
    frontend = FrontEnd()
    cut = [voice[:n] for n in (480, 5_000, 31_337, len(voice), 0)]

    def score(frames: np.ndarray) -> np.ndarray:
        return np.cumsum(frames.mean(axis=2), axis=1)[:, 2::3]

    together = score_clips(score, frontend, cut, 3)
    for clip, scores in zip(cut, together, strict=True):
        alone = score_clips(score, frontend, [clip], 3)[0]
        assert len(scores) == len(clip) // 160 // 3
        np.testing.assert_array_equal(scores, alone)


def test_joined_streams_hold_all_the_sound() -> None:
    """Nothing is lost at the seams, and no stream is shorter than asked but the last."""
    clips = [Clip(np.full(n * 1_600, n, np.int16)) for n in range(1, 12)]
    streams = joined(clips, 2.0)
    everything = np.concatenate(streams)
    assert [int((everything == n).sum()) for n in range(1, 12)] == [n * 1_600 for n in range(1, 12)]
    assert all(len(s) >= 32_000 for s in streams[:-1])
