"""The arithmetic of the comparison: intervals that hold, points that are chosen as is said."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judged import Judged, losses
from listeners import REFRACTORY, thinned
from page_tables import table
from rates import TRIAL_S, Operating, equal_error, poisson_interval, within


def swept(heard, fired, words=100, seconds=36_000.0):
    """Operating points of rising strictness."""
    pairs = zip(heard, fired, strict=True)
    return [Operating(float(n), h, words, f, seconds) for n, (h, f) in enumerate(pairs)]


@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (10, 4.7954, 18.3904)]
)
def test_poissons_interval_is_the_exact_one(count, low, high):
    """As tables of Garwood's limits have it."""
    assert poisson_interval(count) == pytest.approx((low, high), abs=1e-3)


@settings(max_examples=15)
@given(mean=st.floats(0.2, 30), seed=st.integers(0, 20))
def test_the_interval_holds_the_mean_19_times_of_20(mean, seed):
    """Of many counts drawn with a mean, at least 93 % have an interval that holds it."""
    counts = np.random.default_rng(seed).poisson(mean, 400)
    known = {n: poisson_interval(int(n)) for n in np.unique(counts)}
    held = [known[n][0] <= mean <= known[n][1] for n in counts]
    assert np.mean(held) > 0.91


def test_a_point_counts_only_if_all_stricter_ones_keep_to_the_limit():
    """A lucky dip below the limit is not taken, and of equals the one with the fewest misses is."""
    found = swept([99, 98, 95, 90, 80], [300, 5, 30, 9, 0])
    assert within(found, 1.0) == found[3]
    assert within(found, 0.5) == found[4]
    assert within(found, 100.0) == found[0]
    assert within(swept([50], [100]), 1.0) is None


def test_errors_are_equal_between_two_points():
    """Where the straight lines between the points cross; nowhere, if they don't."""
    trials = 36_000 / TRIAL_S
    found = swept([95, 85], [round(0.15 * trials), round(0.05 * trials)])
    assert equal_error(found) == pytest.approx(0.10)
    assert equal_error(swept([100, 99], [100, 50])) is not None
    assert equal_error(swept([10, 5], [1, 0])) is None


@given(st.lists(st.integers(0, 10**6)))
def test_thinned_firings_keep_their_distance(samples):
    """No two are nearer than the refractory time, and what was left out follows one that wasn't."""
    kept = thinned(sorted(samples))
    assert all(b - a > REFRACTORY for a, b in pairwise(kept))
    assert all(any(0 <= s - k <= REFRACTORY for k in kept) for s in samples)


def rows(engine, heard, fired):
    """What a record holds of one engine: clean words and an hour without any."""
    points = {"points": [0.0, 1.0], "own": 0.0}
    clean = {"engine": engine, "what": "clean", "group": "clean", "heard": heard, "words": 100}
    long = {"engine": engine, "what": "negative 0", "group": "negative", "fired": fired}
    return [clean | points | {"seconds": 9.0}, long | {"seconds": 3_600.0}]


def test_a_loss_is_told_with_how_sure_it_is():
    """Somebody who misses fewer is named at each limit; as sure where the intervals lie apart."""
    judged = Judged("word", [*rows("wakeful", [90, 60], [9, 1]), *rows("other", [99, 98], [1, 0])])
    found = losses(judged)
    assert {(loss.engine, loss.condition, loss.is_sure) for loss in found} == {
        ("other", "clean", True)
    }
    # Half a false accept an hour we keep to nowhere: all is missed.
    assert {loss.per_hour: loss.ours.miss_rate for loss in found} == {
        0.5: 1.0,
        1.0: pytest.approx(0.4),
        2.0: pytest.approx(0.4),
        5.0: pytest.approx(0.4),
    }
    close = Judged("word", [*rows("wakeful", [97, 90], [1, 0]), *rows("other", [98, 99], [1, 0])])
    assert [loss.is_sure for loss in losses(close)] == [True, False, False, False]
    first = Judged("word", [*rows("wakeful", [99, 9], [0, 0]), *rows("other", [9, 9], [0, 0])])
    assert losses(first) == []


def test_points_that_were_left_out_under_a_condition_shift_no_others():
    """Where an engine was asked at fewer points, each keeps its own false accepts."""
    clean, long = rows("wakeful", [90, 60], [9, 1])
    noisy = clean | {"what": "far", "group": "room", "points": [1.0], "heard": [40]}
    judged = Judged("word", [clean, long, noisy])
    (point,) = judged.points("wakeful", "far")
    assert (point.point, point.heard, point.fired) == (1.0, 40, 1)
    assert judged.at("wakeful", "far", 1.0) == point


def test_conditions_are_told_in_one_order_however_they_were_heard():
    """Clean first, then what is no noise, then each kind of noise from faint to loud."""
    heard = [
        ("b 0 dB", "b"),
        ("far", "room"),
        ("a 5 dB", "a"),
        ("b 20 dB", "b"),
        ("clean", "clean"),
    ]
    judged = Judged("word", [{"what": name, "group": group} for name, group in heard])
    assert [name for name, _ in judged.conditions] == [
        "clean",
        "far",
        "a 5 dB",
        "b 20 dB",
        "b 0 dB",
    ]
    assert judged.noises == ["a", "b"]


def test_a_table_has_as_many_cells_in_every_line():
    """Head, rule and rows line up."""
    made = table(["a", "b"], [["1", "2"], ["3", "4"]])
    assert made == "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n"
