"""Alignment: a word is found in a sentence by the same voice, and where it ends is known."""

import numpy as np
import pytest
from chirping import OTHER, WORD, chirps
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.synth.align import locate


@settings(max_examples=25)
@given(st.integers(0, 8_000), st.integers(0, 8_000), st.floats(0.3, 3.0))
def test_it_is_found_where_it_is(before, after, level):
    """With anything before and after it and at any level, to within 40 ms."""
    sentence = np.concatenate([OTHER[:before], WORD * np.float32(level), OTHER[:after]])
    span = locate(WORD, sentence)
    begun = min(before, len(OTHER))
    assert abs(span.start - begun) <= 640
    assert abs(span.end - begun - len(WORD)) <= 640


@pytest.mark.parametrize("seconds", [0.11, 0.13, 0.17, 0.2])
def test_it_is_found_said_faster_or_slower(seconds):
    """Stretched as another sentence stretches it."""
    said = chirps([300, 900, 500, 1_400], seconds)
    span = locate(WORD, np.concatenate([OTHER, said, OTHER]))
    assert abs(span.end - len(OTHER) - len(said)) <= 800
    assert span.end <= len(OTHER) * 2 + len(said)


def test_what_is_not_there_costs_more():
    """The same word costs next to nothing, another far more."""
    same, other = locate(WORD, WORD), locate(WORD, OTHER)
    assert same.cost < 0.01
    assert (same.start, same.end) == (0, len(WORD))
    assert other.cost > 0.1


@pytest.mark.parametrize(("word", "sentence"), [(0, 9_600), (9_600, 100), (100, 9_600)])
def test_too_little_to_align_is_none(word, sentence):
    """A clip that came out empty is no word."""
    assert locate(WORD[:word], WORD[:sentence]) is None


def test_silence_is_no_error():
    """Nothing sounds: whatever is found, it is a number and lies inside."""
    span = locate(np.zeros(4_800, np.float32), np.zeros(9_600, np.float32))
    assert 0 <= span.start < span.end <= 9_600
    assert np.isfinite(span.cost)
