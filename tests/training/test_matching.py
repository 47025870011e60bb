"""The arithmetic of an evaluation: which firing is which word, and which point keeps to a limit."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.training.matching import (
    LIMITS_PER_HOUR,
    Counted,
    best_within,
    counted,
    interval,
    matched,
    point_at,
)

WINDOWS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), max_size=5).map(
    lambda found: [(first, first + length) for first, length in sorted(found)]
)
FIRED = st.lists(st.integers(0, 90), max_size=5, unique=True).map(sorted)


def most_that_can_be_heard(windows: list[tuple[int, int]], fired: list[int]) -> int:
    """By trying every way of giving firings to words."""
    if not windows:
        return 0
    (first, last), rest = windows[0], windows[1:]
    best = most_that_can_be_heard(rest, fired)
    for i, sample in enumerate(fired):
        if first <= sample <= last:
            best = max(best, 1 + most_that_can_be_heard(rest, fired[:i] + fired[i + 1 :]))
    return best


@given(WINDOWS, FIRED)
def test_no_other_way_hears_more_words(windows: list[tuple[int, int]], fired: list[int]) -> None:
    """Each firing hears one word at most, inside its window, and as many words as possible."""
    found = matched(windows, fired)
    given_out = [sample for sample in found if sample is not None]
    assert len(set(given_out)) == len(given_out)
    assert set(given_out) <= set(fired)
    for (first, last), sample in zip(windows, found, strict=True):
        assert sample is None or first <= sample <= last
    assert len(given_out) == most_that_can_be_heard(windows, fired)


def test_a_firing_at_the_very_edge_counts() -> None:
    """From the first sample of the word to the last of the time after it, and no further."""
    assert matched([(10, 20)], [9]) == [None]
    assert matched([(10, 20)], [10]) == [10]
    assert matched([(10, 20)], [20]) == [20]
    assert matched([(10, 20)], [21]) == [None]
    assert matched([(10, 20)], [12, 15]) == [12]


@given(st.data())
def test_counts_add_up(data) -> None:
    """Misses never exceed the words, rates are their counts', thresholds keep their order."""
    words, steps = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 8))
    flags = st.lists(st.booleans(), min_size=steps, max_size=steps)
    heard = np.array(data.draw(st.lists(flags, min_size=words, max_size=words)))
    counts = np.array(data.draw(st.lists(st.integers(0, 50), min_size=steps, max_size=steps)))
    hours = data.draw(st.floats(0.01, 100))
    points = counted(np.linspace(0.1, 0.9, steps), heard, counts, hours)
    for i, p in enumerate(points):
        assert p.misses == words - heard[:, i].sum()
        assert 0 <= p.misses <= words
        assert p.miss_rate == pytest.approx(p.misses / words)
        assert p.false_accepts_per_hour == pytest.approx(counts[i] / hours)
        assert point_at(points, p.threshold) is p


def point(threshold: float, misses: int, rate: float) -> Counted:
    """One whose other figures don't matter."""
    return Counted(threshold, misses / 100, rate, misses, round(10 * rate))


POINTS = st.lists(st.tuples(st.integers(0, 9), st.floats(0, 4)), max_size=9).map(
    lambda found: [point(i / 10, misses, rate) for i, (misses, rate) in enumerate(found, 1)]
)


@given(POINTS, st.sampled_from(LIMITS_PER_HOUR))
def test_the_best_point_keeps_to_its_limit(points: list[Counted], limit: float) -> None:
    """It and every higher threshold; none of those misses fewer; None only if the last breaks."""
    best = best_within(points, limit)
    if best is None:
        assert not points or points[-1].false_accepts_per_hour > limit
        return
    above = [p for p in points if p.threshold >= best.threshold]
    assert all(p.false_accepts_per_hour <= limit for p in above)
    assert best.misses == min(p.misses for p in above)
    assert sum(p.misses == best.misses for p in above) == 1


@given(POINTS)
def test_a_looser_limit_never_misses_more(points: list[Counted]) -> None:
    """From 0.1 to 2 false accepts an hour misses fall, where anything keeps to the limit."""
    found = [best_within(points, limit) for limit in LIMITS_PER_HOUR]
    misses = [math.inf if p is None else p.misses for p in found]
    assert all(a >= b for a, b in itertools.pairwise(misses))


def test_without_hours_nothing_keeps_to_anything() -> None:
    """A rate that was not measured is not below a limit."""
    points = counted(np.array([0.5]), np.array([[True]]), np.array([0]), 0.0)
    assert math.isnan(points[0].false_accepts_per_hour)
    assert best_within(points, 2.0) is None


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (1, 100, 0.0018, 0.0545),
    ],
)
def test_intervals_are_the_published_ones(count: int, of: int, low: float, high: float) -> None:
    """Wilson's score interval at 95 %, by its tables."""
    assert interval(count, of) == pytest.approx((low, high), abs=2e-4)
