"""Phrases: what is said for a word, and what must not be."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth import talk
from wakeful.synth.phrases import Texts, holds, parts, similar, texts_for
from wakeful.synth.pronounce import dictionary, grapheme_to_phoneme
from wakeful.synth.voice import VoiceError

words = st.text("abcdefgh", max_size=9)
needs_dictionary = pytest.mark.skipif(not dictionary(), reason="the synth extra isn't installed")


@given(words)
def test_parts_are_parts(word):
    """Beginnings and ends, none of them the word itself."""
    for part in parts(word):
        assert word.startswith(part) or word.endswith(part)
        assert part != word


def test_sentences_that_hold_the_word_are_left_out():
    """A negative in which somebody says the word would teach the opposite."""
    said = ["My Computer is on.", "The sun is up.", "  ", "A com-puter."]
    assert texts_for("computer", said).sentences == ["The sun is up.", "A com-puter."]


def test_several_words_have_each_word_as_a_part():
    """Of "hey robot" neither "hey" nor "robot" alone may wake it."""
    assert {"hey", "robot"} <= set(texts_for("hey robot").hard)


@pytest.mark.parametrize("word", ["", "  ", "123", "!?"])
def test_what_cannot_be_said_is_told(word):
    """A word without a letter is refused in one line."""
    with pytest.raises(VoiceError, match="no letter"):
        texts_for(word)


@pytest.mark.parametrize("word", ["<b>go</b>", "$(reboot)", "a;b", "hey\x00you", "go `id`", "a|b"])
def test_markup_and_commands_are_no_word(word):
    """Signs that no voice says are refused by name, whoever would have obeyed them."""
    with pytest.raises(VoiceError, match="can't be said"):
        texts_for(word)


def test_a_word_of_a_page_is_refused():
    """Nobody wakes anything by a paragraph."""
    with pytest.raises(VoiceError, match="too long"):
        texts_for("on and " * 20)


@pytest.mark.parametrize("word", ["Ok Nabu", "don't stop", "hé-ho", "R2D2", "привет"])
def test_what_people_call_things_is_a_word(word):
    """Capitals, apostrophes, accents, digits among letters and other scripts are fine."""
    assert texts_for(word).word == word


def test_a_positive_is_the_word():
    """With any ending that people give it."""
    texts = texts_for("activate", ["a b c"])
    rng = np.random.default_rng(0)
    assert {texts.draw("positive", rng).rstrip(".!?,") for _ in range(50)} == {"activate"}


def test_a_carrier_begins_or_ends_with_the_word():
    """So that one end of it at least is where the clip begins or ends."""
    texts, rng = texts_for("activate"), np.random.default_rng(0)
    drawn = [texts.draw("carried", rng).rstrip(".") for _ in range(60)]
    assert all(t.startswith("activate,") != t.endswith(", activate") for t in drawn)
    assert len({t.startswith("activate") for t in drawn}) == 2


def test_what_sounds_like_it_is_said_alone_and_among_others():
    """A hard text is a near word by itself or anywhere in a sentence."""
    texts, rng = Texts("activate", ["captivate"]), np.random.default_rng(0)
    drawn = [texts.draw("hard", rng) for _ in range(60)]
    assert all("captivate" in t for t in drawn)
    assert 5 < sum(t != "captivate." for t in drawn) < 40


@given(st.integers(0, 2**32 - 1))
def test_talk_is_whole_and_never_says_the_word(seed):
    """No slot is left open, and no sentence holds the word, even one that talk knows well."""
    rng = np.random.default_rng(seed)
    said = talk.sentence(rng)
    assert said[-1] in ".?!"
    assert not set(said) & set("{}|")
    assert not holds(Texts("window", []).draw("sentence", rng), "window")


def test_talk_repeats_itself_rarely():
    """A thousand sentences are nearly all different."""
    rng = np.random.default_rng(0)
    assert len({talk.sentence(rng) for _ in range(1_000)}) > 950


@needs_dictionary
def test_hard_words_of_activate():
    """Those that people would think of are found by how they sound, and the word itself is not."""
    g2p = grapheme_to_phoneme()
    assert g2p is not None
    found = similar("activate", g2p)
    wanted = {"captivate", "cultivate", "deactivate", "active", "elevate", "activist"}
    assert wanted <= set(found)
    assert "activate" not in found
    assert any(text.startswith("act ") or " " in text for text in found)


@needs_dictionary
def test_a_compound_that_ends_in_the_word_is_no_near_word():
    """A network that must not hear "biocomputer" unlearns whoever talks before the word."""
    g2p = grapheme_to_phoneme()
    assert g2p is not None
    found = similar("computer", g2p)
    assert {"commuter", "computerese", "compute"} <= set(found)
    assert not [text for text in found if text.endswith("computer")]


@needs_dictionary
def test_a_name_that_no_dictionary_lists_has_hard_words_too():
    """The grapheme-to-phoneme step says how it sounds."""
    g2p = grapheme_to_phoneme()
    assert g2p is not None
    assert len(texts_for("hey snorbax", g2p=g2p).hard) > 60


@needs_dictionary
def test_other_forms_of_a_verb_are_said_often():
    """ "Activated" is no word of the dictionary, and nearer than any that is."""
    texts = texts_for("activate", g2p=grapheme_to_phoneme())
    rng = np.random.default_rng(5)
    drawn = [texts.draw("hard", rng) for _ in range(400)]
    assert 20 < sum("activated" in text or "activating" in text for text in drawn) < 80
    assert not any("computered" in h for h in texts_for("computer", g2p=grapheme_to_phoneme()).hard)


def test_what_was_asked_for_is_said_often():
    """Two in five, and among the others now and then; or more often, where that is wanted."""
    texts = texts_for("activate", near=["act of eight", "  captivate "])
    rng = np.random.default_rng(5)
    drawn = [texts.draw("hard", rng) for _ in range(400)]
    asked_for = sum("act of eight" in text or "captivate" in text for text in drawn)
    assert 140 < asked_for < 260
    drawn = [replace(texts, near_share=0.9).draw("hard", rng) for _ in range(400)]
    assert sum("act of eight" in text or "captivate" in text for text in drawn) > 320
