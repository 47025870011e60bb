"""The other forms of a verb."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth.forms import forms

LISTED = {"activator", "activation", "listener", "stopper", "supplier", "computerization", "player"}


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("activate", ["activated", "activating"]),
        ("listen", ["listened", "listening"]),
        ("stop", ["stopped", "stopping"]),
        ("play", ["played", "playing"]),
        ("now Listen", ["now listened", "now listening"]),
    ],
)
def test_a_verb_is_told_by_who_does_it(word, told):
    """The dictionary lists "listener"; so people may say "listened"."""
    assert forms(word, LISTED) == told


@pytest.mark.parametrize("word", ["computer", "hey robot", "go", "o", "r2", "x-ray", "listening"])
def test_what_is_no_verb_has_no_forms(word):
    """Nobody says "computered", and a part of the word is no ending of it."""
    assert forms(word, LISTED) == []


def test_a_y_becomes_an_i():
    """As it is spelled."""
    assert forms("supply", {"supplying"}) == ["supplied", "supplying"]


@given(st.text(st.characters(categories=["L"]), min_size=1, max_size=20))
def test_a_form_goes_on_from_its_word(word):
    """Whatever the letters: all but the last of the word, then something else."""
    from wakeful.synth.pronounce import dictionary

    for form in forms(word, dictionary()):
        assert form.startswith(word.casefold()[:-1])
        assert form != word.casefold()
