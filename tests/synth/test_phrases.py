"""Phrases: what is said for a word, and what must not be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth.phrases import distance, nearest, parts, texts_for
from wakeful.synth.voice import VoiceError

words = st.text("abcdefgh", max_size=9)


@given(words, words, words)
def test_distance_is_one(a, b, c):
    """Nothing to itself, the same both ways, and never longer by a detour."""
    assert distance(a, a) == 0
    assert distance(a, b) == distance(b, a)
    assert distance(a, c) <= distance(a, b) + distance(b, c)
    assert abs(len(a) - len(b)) <= distance(a, b) <= max(len(a), len(b))


@given(words)
def test_parts_are_parts(word):
    """Beginnings and ends, none of them the word itself."""
    for part in parts(word):
        assert word.startswith(part) or word.endswith(part)
        assert part != word


def test_the_nearest_come_first():
    """With letters for phonemes, one change is nearer than three."""
    found = nearest("activate", {"activated", "active", "zebra"}, lambda word: word)
    assert found == ["activated", "active", "zebra"]


def test_sentences_that_hold_the_word_are_left_out():
    """A negative in which somebody says the word would teach the opposite."""
    texts = texts_for("computer", ["My Computer is on.", "The sun is up.", "  "])
    assert texts.sentences == ["The sun is up."]


def test_several_words_have_each_word_as_a_part():
    """Of "hey robot" neither "hey" nor "robot" alone may wake it."""
    assert {"hey.", "robot."} <= set(texts_for("hey robot", []).hard)


@pytest.mark.parametrize("word", ["", "  ", "123", "!?"])
def test_what_cannot_be_said_is_told(word):
    """A word without a letter is refused in one line."""
    with pytest.raises(VoiceError, match="no letter"):
        texts_for(word, [])


def test_a_positive_is_the_word():
    """With any ending that people give it."""
    texts = texts_for("activate", ["a b c"])
    rng = np.random.default_rng(0)
    assert {texts.draw("positive", rng).rstrip(".!?,") for _ in range(50)} == {"activate"}
    assert texts.draw("sentence", rng) == "a b c"
