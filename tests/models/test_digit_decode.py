"""Tokens to strings: summed exactly where that is possible, and placed in time."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.models.digit_decode import label_scores, placed, strings

TOKENS = 3
BLANK = TOKENS - 1


def rows_of(seed: int, steps: int, sharpness: float = 2.0) -> np.ndarray:
    """Any log-probabilities."""
    logits = np.random.default_rng(seed).normal(size=(steps, TOKENS)) * sharpness
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def collapsed(path: tuple[int, ...]) -> tuple[int, ...]:
    """What a path says: repetitions and blanks taken away."""
    return tuple(t for t, _ in itertools.groupby(path) if t != BLANK)


def by_enumeration(rows: np.ndarray) -> dict[tuple[int, ...], float]:
    """Every string's probability, over every path."""
    found: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(TOKENS), repeat=len(rows)):
        share = float(np.exp(sum(rows[i, t] for i, t in enumerate(path))))
        found[collapsed(path)] = found.get(collapsed(path), 0.0) + share
    return found


def said(tokens: list[int], gap: int = 2) -> np.ndarray:
    """Rows that say a string clearly, a token for two steps."""
    path = [BLANK] * gap
    for token in tokens:
        path += [token, token] + [BLANK] * gap
    rows = np.full((len(path), TOKENS), np.log(0.01))
    rows[np.arange(len(path)), path] = np.log(1 - 0.01 * (TOKENS - 1))
    return rows


@given(st.integers(0, 9_999), st.integers(0, 6))
def test_a_label_is_summed_over_all_its_ways(seed: int, steps: int) -> None:
    """As if every path had been listed."""
    rows = rows_of(seed, steps)
    every = by_enumeration(rows)
    wanted = [every.get((0,), 0.0), every.get((1,), 0.0), every.get((), 0.0)]
    np.testing.assert_allclose(np.exp(label_scores(rows)), wanted, rtol=1e-9, atol=1e-12)


@given(st.integers(0, 9_999), st.integers(0, 5))
def test_a_wide_beam_finds_every_string_with_its_probability(seed: int, steps: int) -> None:
    """Nothing is lost while everything is kept."""
    rows = rows_of(seed, steps)
    found = {heard.tokens: np.exp(heard.score) for heard in strings(rows, 1_000, -1e9)}
    every = by_enumeration(rows)
    assert found.keys() == every.keys()
    for tokens, share in every.items():
        assert found[tokens] == pytest.approx(share)


@given(st.integers(0, 9_999), st.integers(1, 30))
def test_a_narrow_beam_is_sorted_and_never_too_sure(seed: int, steps: int) -> None:
    """A beam leaves ways out: what it says of a string is at most its probability."""
    rows = rows_of(seed, steps)
    found = strings(rows, 4)
    assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
    assert len(found) <= 4
    assert all(h.score <= 1e-9 for h in found)
    wide = {h.tokens: h.score for h in strings(rows, 300, -1e9)}
    assert all(h.score <= wide.get(h.tokens, 0.0) + 1e-9 for h in found)


@given(st.lists(st.integers(0, TOKENS - 2), max_size=8), st.integers(1, 4))
def test_what_is_said_clearly_is_read_and_placed(tokens: list[int], gap: int) -> None:
    """Each token where it was said, also the same one twice."""
    rows = said(tokens, gap)
    assert strings(rows)[0].tokens == tuple(tokens)
    wanted = [(gap + n * (gap + 2), gap + n * (gap + 2) + 2) for n in range(len(tokens))]
    assert placed(rows, tuple(tokens)) == wanted


def test_the_same_digit_twice_needs_a_pause_between() -> None:
    """Three steps say it once, and can't say it twice without a blank."""
    rows = said([0], 0)
    assert placed(rows, (0, 0)) == []
    assert placed(rows, (0,)) == [(0, 2)]


def test_no_steps_say_nothing() -> None:
    """And are sure of it."""
    none = np.zeros((0, TOKENS), np.float32)
    assert strings(none)[0].tokens == ()
    np.testing.assert_array_equal(label_scores(none), [-np.inf, -np.inf, 0.0])
    assert placed(none, ()) == []
    assert placed(none, (1,)) == []
