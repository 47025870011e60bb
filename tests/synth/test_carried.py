"""Carried words: found at the edge of a phrase where the text says it is, or not at all."""

import numpy as np
import pytest
from chirping import OTHER, WORD
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.synth.carried import keyword_span
from wakeful.synth.engines import installed
from wakeful.synth.trim import trimmed

THERE, _ = installed(("espeak-ng", "flite", "pico", "piper"))


def found(word, phrase, first):
    """Where it is; it has to be there."""
    span = keyword_span(word, phrase, first)
    assert span is not None
    return span


@settings(max_examples=20)
@given(st.integers(0, 8_000))
def test_the_inner_edge_is_found_and_the_outer_is_the_clips(pause):
    """Whatever the pause between word and phrase, the word ends to within 40 ms of its end."""
    rest = [np.zeros(pause, np.float32), OTHER]
    start, end = found(WORD, np.concatenate([WORD, *rest]), first=True)
    assert start == 0
    assert abs(end - len(WORD)) <= 640
    phrase = np.concatenate([*rest[::-1], WORD])
    start, end = found(WORD, phrase, first=False)
    assert end == len(phrase)
    assert abs(start - (len(phrase) - len(WORD))) <= 640


@settings(max_examples=20)
@given(st.integers(1_600, 8_000), st.booleans())
def test_a_pause_is_no_part_of_the_word(pause, first):
    """However long, the word ends where its sound does: to within 20 ms."""
    silence = np.random.default_rng(0).normal(0, 1e-5, pause).astype(np.float32)
    parts = [WORD, silence, OTHER] if first else [OTHER, silence, WORD]
    start, end = found(WORD, np.concatenate(parts), first)
    assert abs(end - start - len(WORD)) <= 320


@pytest.mark.parametrize("first", [True, False])
def test_elsewhere_is_not_found(first):
    """In the middle, at the wrong end, not at all, or in no sound at all."""
    silence = np.zeros(9_600, np.float32)
    assert keyword_span(WORD, np.concatenate([OTHER, WORD, OTHER]), first) is None
    wrong = [OTHER, WORD] if first else [WORD, OTHER]
    assert keyword_span(WORD, np.concatenate(wrong), first) is None
    assert keyword_span(WORD, OTHER, first) is None
    assert keyword_span(WORD, silence[:100], first) is None


@pytest.mark.parametrize("name", ["espeak-ng", "flite"])
def test_a_real_voice_is_found(name):
    """The same speaker says it before and after other words, in about the time that it takes."""
    word, before, after = said_by(name, "computer.", "hey, computer.", "computer, lights on.")
    start, end = found(word, before, first=False)
    assert 0.6 < (end - start) / len(word) < 1.5
    start, end = found(word, after, first=True)
    assert start == 0
    assert 0.6 < end / len(word) < 1.5
    # A comma is a pause: the word ends where that begins.
    sounds, silence = after[end - 800 : end], after[end : end + 480]
    assert np.abs(silence).max() < 0.1 * np.abs(sounds).max() or name == "flite"


@pytest.mark.parametrize("name", ["espeak-ng", "flite", "pico", "piper"])
def test_another_word_of_a_real_voice_is_not_found(name):
    """The speaker is the same, the place is right, the word isn't."""
    word, other = said_by(name, "computer.", "umbrella, turn the lights on.")
    assert keyword_span(word, other, first=True) is None


def said_by(name, *texts):
    """Texts by one drawn speaker of an engine, trimmed."""
    if name not in THERE:
        pytest.skip(f"wakeful voices install {name}")
    engine = THERE[name]
    speaker = engine.draw(np.random.default_rng(2), held_out=False)
    return [trimmed(engine.speak(text, speaker)) for text in texts]
