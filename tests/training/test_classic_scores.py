"""The classic trigger's figures: counted by hand, and within their bounds whatever comes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth.classic_labels import STEPS, classic_labels
from wakeful.training.classic_scores import (
    REFRACTORY_STEPS,
    WORD_STEPS,
    Counts,
    Scores,
    firings,
    score,
    scored,
    windows,
)

RATES = ("accuracy", "precision", "recall", "f1")
ends = st.lists(st.integers(0, 9_999), max_size=4)
runs = st.lists(st.tuples(st.integers(0, STEPS - 1), st.integers(1, 200)), max_size=8)


def steps(*spans: tuple[int, int]) -> np.ndarray:
    """[1375, 1]: 1 within spans of (first, behind the last)."""
    made = np.zeros((STEPS, 1), np.float32)
    for first, last in spans:
        made[first:last] = 1
    return made


def test_steps_and_events_counted_by_hand() -> None:
    """Two words; the first heard in 20 of its steps, the other not; one false accept of 10."""
    found = score(steps((110, 130), (800, 810)), steps((100, 150), (400, 450)))
    assert found.steps == Counts(hits=20, false_accepts=10, misses=80, right_silences=1_265)
    assert found.events == Counts(hits=1, false_accepts=1, misses=1)
    assert found.steps.accuracy == pytest.approx(1_285 / 1_375)
    assert found.steps.precision == pytest.approx(2 / 3)
    assert found.steps.recall == pytest.approx(0.2)
    assert found.steps.f1 == pytest.approx(4 / 13)
    assert found.events.figures() == {
        **{"hits": 1, "false_accepts": 1, "misses": 1, "right_silences": 0},
        **{"accuracy": 1 / 3, "precision": 0.5, "recall": 0.5, "f1": 0.5},
    }


def test_the_step_after_a_word_and_the_one_before_it_are_no_hit() -> None:
    """Its 50 steps, both ends included, and no other."""
    word = steps((100, 150))
    for step, hits in ((99, 0), (100, 1), (149, 1), (150, 0)):
        events = score(steps((step, step + 1)), word).events
        assert events == Counts(hits, 1 - hits, 1 - hits)


def test_it_fires_once_in_75_steps() -> None:
    """What is said in between is the same activation, and the next may come on step 75."""
    assert firings(steps((10, 11), (84, 85))[:, 0]) == [10]
    assert firings(steps((10, 11), (84, 86))[:, 0]) == [10, 85]
    assert firings(steps((0, 226))[:, 0]) == [0, 75, 150, 225]


def test_a_word_behind_a_false_accept_is_missed() -> None:
    """It fired too early, and may not again: one false accept and one miss."""
    assert score(steps((95, 150)), steps((100, 150))).events == Counts(0, 1, 1)


def test_words_that_share_steps_are_two() -> None:
    """The label of two is one run of more than 50."""
    assert windows(steps((100, 192))) == [(100, 150), (150, 192)]
    assert windows(steps((0, 50), (1_360, STEPS))) == [(0, 50), (1_360, STEPS)]
    assert windows(steps()) == []


def test_a_probability_counts_from_a_half_on() -> None:
    """And so does one of exactly that."""
    probability = steps((100, 150)) * 0.5
    assert score(probability, steps((100, 150))).steps.misses == 0
    assert score(probability * 0.999, steps((100, 150))).steps.misses == 50


def test_silence_scores_over_nine_tenths_of_steps_and_no_event() -> None:
    """With two words in ten seconds, which is what is drawn on the average."""
    silent = score(steps(), classic_labels([3_000, 7_000]))
    assert silent.steps.accuracy == pytest.approx(1_275 / 1_375)
    assert silent.steps.precision is None
    assert silent.steps.recall == silent.steps.f1 == 0
    assert silent.events == Counts(misses=2)
    assert Scores().steps.accuracy is None


@given(runs, ends)
def test_rates_are_rates_and_nothing_is_counted_twice(said, ends_ms) -> None:
    """Whatever is said and whatever was there."""
    labels = classic_labels(ends_ms)
    probability = steps(*((first, first + length) for first, length in said))
    found = score(probability, labels)
    for counts in (found.steps, found.events):
        rates = [getattr(counts, rate) for rate in RATES]
        assert all(rate is None or 0 <= rate <= 1 for rate in rates)
        if counts.precision and counts.recall:
            harmonic = 2 / (1 / counts.precision + 1 / counts.recall)
            assert counts.f1 == pytest.approx(harmonic)
    s = found.steps
    assert s.hits + s.false_accepts + s.misses + s.right_silences == STEPS
    assert s.hits + s.misses == labels.sum()
    assert found.events.hits + found.events.misses == len(windows(labels))
    assert found.events.hits + found.events.false_accepts == len(firings(probability[:, 0] >= 0.5))


@given(runs, ends)
def test_what_says_nothing_is_as_scored_with_zeros(said, ends_ms) -> None:
    """The figures beside every evaluation are those of a real net of zeros."""
    labels = classic_labels(ends_ms)
    probability = steps(*((first, first + length) for first, length in said))
    assert score(probability, labels).silent == score(steps(), labels)


@given(ends)
def test_what_says_all_the_labels_is_right_in_every_step(ends_ms) -> None:
    """And hears each word that isn't within 75 steps of another."""
    labels = classic_labels(ends_ms)
    found = score(labels, labels)
    assert found.steps.accuracy == 1
    assert found.steps.f1 == (1 if labels.any() else None)
    assert found.events.false_accepts == 0
    starts = [first for first, _ in windows(labels)]
    if not starts or min(np.diff(starts), default=REFRACTORY_STEPS) >= REFRACTORY_STEPS:
        assert found.events.misses == 0


@given(st.lists(st.integers(0, 1), min_size=1, max_size=400))
def test_firings_keep_apart(said) -> None:
    """As going through the steps one by one, with a counter, would tell."""
    wanted, rest = [], 0
    for step, word in enumerate(said):
        rest -= 1
        if word and rest <= 0:
            wanted.append(step)
            rest = REFRACTORY_STEPS
    assert firings(np.array(said)) == wanted


@given(st.lists(st.integers(0, 9_999), min_size=1, max_size=1))
def test_the_windows_are_where_the_composition_put_them(ends_ms) -> None:
    """Fifty steps, or what there is to the end."""
    for first, last in windows(classic_labels(ends_ms)):
        assert first == ends_ms[0] * STEPS // 10_000 + 1
        assert last == min(STEPS, first + WORD_STEPS)


def test_examples_are_added_up() -> None:
    """Counts, not rates, so that each step and each event weighs the same."""
    pair = (steps((110, 130)), steps((100, 150)))
    both = scored([pair, pair])
    assert both == score(*pair) + score(*pair)
    assert both.examples == 2
    assert both.events.hits == 2
