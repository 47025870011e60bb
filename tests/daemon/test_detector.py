"""The detector: smoothing, threshold, refractory time, and the classic rule."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon.detector import Detector

probability = st.floats(0, 1, width=32)
rows = st.lists(probability, max_size=400).map(lambda row: np.array(row, np.float32))


def cut(row, cuts):
    """Pieces of a row, cut anywhere."""
    edges = [0, *sorted(min(c, len(row)) for c in cuts), len(row)]
    return [(a, row[a:b]) for a, b in pairwise(edges)]


@given(rows, st.lists(st.integers(0, 400), max_size=8), st.integers(1, 9), st.integers(0, 60))
def test_any_cut_gives_the_same(row, cuts, smooth, refractory):
    """Feeding a row in pieces finds what feeding it whole finds."""
    whole = Detector(0.5, smooth, refractory).feed(0, row)
    pieces = Detector(0.5, smooth, refractory)
    assert [d for first, part in cut(row, cuts) for d in pieces.feed(first, part)] == whole


@given(rows, st.integers(1, 9), st.integers(0, 60))
def test_two_detections_are_apart(row, smooth, refractory):
    """No two detections lie within the refractory time, and each has reached the threshold."""
    found = Detector(0.6, smooth, refractory).feed(0, row)
    assert all(d.score >= 0.6 for d in found)
    assert all(b.step - a.step > refractory for a, b in pairwise(found))


@given(rows, st.integers(1, 9), st.floats(0.3, 0.99))
def test_patience_costs_nothing(row, smooth, threshold):
    """It never fires before it was to be looked at, unless certainty followed upon nothing."""
    detector = Detector(threshold, smooth, 0)
    looks = []
    for step, p in enumerate(row):
        fired = detector.feed(step, row[step : step + 1])
        waited_for = [at for at, was_aware in looks if at > step and was_aware]
        assert not (fired and waited_for)
        assert not (fired and any(at > step + 1 for at, _ in looks))
        looks.append((step + detector.patience_steps, p >= 0.1))


@given(rows, st.integers(1, 9), st.integers(0, 60), st.booleans())
def test_foreseen_is_fired_once(row, smooth, refractory, rearm):
    """Where each step is foreseen, the same is found, each once, before its step is fed."""
    plain = Detector(0.5, smooth, refractory, rearm=rearm).feed(0, row)
    detector = Detector(0.5, smooth, refractory, rearm=rearm)
    found = []
    for step, p in enumerate(row.tolist()):
        found += [d for d in [detector.foresee(step, p)] if d]
        assert detector.feed(step, row[step : step + 1]) == []
    assert found == plain


@given(rows)
def test_reset_equals_fresh(row):
    """After a reset a used detector does what a new one does."""
    used = Detector(0.4, 3, 10)
    used.feed(0, row[::-1])
    used.reset()
    assert used.feed(0, row) == Detector(0.4, 3, 10).feed(0, row)


def classic(row, threshold):
    """The classic system's rule, written as it was: a counter of steps since the last chime."""
    found, since = [], 0
    for step, p in enumerate(row):
        since += 1
        if p > threshold and since > 75:
            found.append(step)
            since = 0
    return found


@given(st.lists(probability, min_size=80, max_size=600))
def test_classic_rule(row):
    """With its parameters the detector chimes where the classic system did, after its first 75."""
    detector = Detector(np.nextafter(0.5, 1), 1, 74 + 1, rearm=False)
    detector.feed(-75, np.zeros(75, np.float32))
    ours = [d.step for d in detector.feed(0, np.array(row, np.float32))]
    theirs = classic([0.0] * 75 + row, 0.5)
    assert ours == [step - 75 for step in theirs]


def test_one_long_word_fires_once():
    """A probability that stays high for ten times the refractory time is one word."""
    found = Detector(0.5, 3, 20).feed(0, np.ones(200, np.float32))
    assert [d.step for d in found] == [1]


def test_heard_again_on_waking_fires_once():
    """The same steps fed again after a break don't fire again."""
    row = np.r_[np.zeros(10), np.ones(5), np.zeros(10)].astype(np.float32)
    detector = Detector(0.5, 1, 20)
    assert len(detector.feed(0, row)) == 1
    detector.break_off()
    assert detector.feed(0, row) == []


def test_one_loud_step_is_smoothed_away():
    """A single step of certainty among zeros stays under the threshold."""
    row = np.zeros(50, np.float32)
    row[20] = 1
    assert Detector(0.5, 3, 20).feed(0, row) == []
