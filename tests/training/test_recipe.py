"""Recipes: a word has one name, and more minutes mean more examples."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.training.recipe import Recipe, WordError, recipe_for


@pytest.mark.parametrize(
    ("word", "name"),
    [("activate", "activate"), ("Hey Robot!", "hey-robot"), ("  ö x_y ", "ö-x_y")],
)
def test_the_bundle_is_named_after_the_word(word: str, name: str) -> None:
    """What can't be in a file's name is a dash."""
    assert Recipe(word).name == name


@pytest.mark.parametrize("word", ["", "  ", "!?", "../.."])
def test_a_word_without_letters_is_an_error(word: str) -> None:
    """One line, before anything is mixed."""
    with pytest.raises(WordError):
        _ = Recipe(word).name


@given(st.text(min_size=1, max_size=30))
def test_no_word_leads_out_of_the_folder(word: str) -> None:
    """Whatever is typed, the name is one plain file name or an error."""
    try:
        name = Recipe(word).name
    except WordError:
        return
    assert not {"/", "\\", "\0", "."} & set(name)
    assert name


@given(st.floats(1, 600), st.floats(1, 600))
def test_more_time_is_never_fewer_examples(one: float, two: float) -> None:
    """And always whole shards of them."""
    few, many = sorted(recipe_for("x", minutes, 1).examples for minutes in (one, two))
    assert recipe_for("x", min(one, two), 1).examples == few <= many
    assert few % 2_000 == 0 < few


def test_a_recipe_can_be_written_down() -> None:
    """It is JSON, with every parameter that was drawn from."""
    written = json.loads(json.dumps(Recipe("activate").to_dict()))
    assert written["frontend"]["normalisation"]
    assert written["mixtures"]["shares"]
    assert written["first_fit"]["epochs"] > written["second_fit"]["epochs"]
