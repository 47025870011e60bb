"""Accents: rules on phonemes that leave a word a word, drawn and written down."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth.dialects import ACCENTS, Accent, draw_accent, said_with, syllables

COMPUTER, ROBOT = "kəmpjˈuTəɹ", "hˈA ɹˈObˌɑt"
PHONEMES = st.text("aeiouæɑəɛɪʊʌAIOptkbdɡmnŋlɹszʃʤvwjθðhˈˌːT", max_size=12)


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        (COMPUTER, ["kəm", "pjˈu", "Təɹ"]),
        ("ˈæktəvˌAt", ["ˈæk", "tə", "vˌAt"]),
        ("ʤˈɑɹvɪs", ["ʤˈɑɹ", "vɪs"]),
        ("stˈɑp", ["stˈɑp"]),
        ("", [""]),
    ],
)
def test_syllables_are_where_people_hear_them(word, parts):
    """One vowel in each, beginning with the consonant before it."""
    assert syllables(word) == parts


@given(PHONEMES)
def test_no_phoneme_is_lost_between_syllables(word):
    """Put together again they are the word."""
    assert "".join(syllables(word)) == word


@given(PHONEMES, st.integers(0, 1_000))
def test_an_accent_is_drawn_once_and_said_the_same_ever_after(word, seed):
    """Also by what a manifest keeps of it."""
    accent = draw_accent(np.random.default_rng(seed))
    again = Accent(**json.loads(json.dumps(accent.to_dict())))
    assert said_with(word, accent) == said_with(word, again)


@pytest.mark.parametrize("name", ACCENTS)
def test_each_rule_of_each_accent_can_be_followed(name):
    """All of them together leave a vowel to say, and no space is added or lost."""
    everything = Accent(name, tuple(range(len(ACCENTS[name]))))
    assert said_with(ROBOT, everything).count(" ") == 1
    assert any(said_with(w, everything) != w for w in (COMPUTER, ROBOT, "ˈæktəvˌAt", "vˈYɪʤəɹ"))
    assert syllables(said_with(COMPUTER, everything))[1:]


def test_no_accent_changes_nothing():
    """The rules belong to their accent alone."""
    assert said_with(f"{COMPUTER}! {ROBOT}.", Accent()) == f"{COMPUTER}! {ROBOT}."


def test_careful_speech_stresses_each_syllable_and_murmurs_none():
    """And what ends the phrase still does."""
    careful = Accent(careful=", ", full="ɔ")
    assert said_with(f"{COMPUTER}!", careful) == "ˈkɔm, pjˈu, ˈtɔɹ!"
    assert said_with("stˈɑp", careful) == "stˈɑp"


def test_many_speakers_have_many_ways():
    """Of a hundred draws at least a third differ: one word is heard in many forms."""
    rng = np.random.default_rng(3)
    assert len({said_with(COMPUTER, draw_accent(rng)) for _ in range(100)}) > 33
