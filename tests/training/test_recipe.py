"""Recipes: a word has one name, and more minutes mean more examples."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.training.pace import Pace
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


PACES = st.builds(Pace, *[st.floats(0.1, 1e4)] * 3)


@given(st.floats(1, 600), st.floats(1, 600), PACES)
def test_more_time_is_never_fewer_examples_or_clips(one: float, two: float, pace: Pace) -> None:
    """And always whole shards of them."""
    few, many = (recipe_for("x", minutes, pace) for minutes in sorted((one, two)))
    assert few.ways <= many.ways
    assert few.ways * few.examples <= many.ways * many.examples
    assert few.examples % 2_000 == 0 < few.examples
    assert all(few.clips[kind] <= many.clips[kind] for kind in ("positive", "hard", "sentence"))


@given(st.floats(20, 600), PACES)
def test_a_plan_keeps_to_its_time(minutes: float, pace: Pace) -> None:
    """All that it wants done takes that long, unless even the least is too much."""
    plan = recipe_for("x", minutes, pace)
    clips_s = sum(plan.clips.values()) / pace.clips_per_s
    more = 1.5 * plan.mined
    assert plan.head_fit
    once = plan.head_fit.epochs + plan.first_fit.epochs + plan.ways * plan.way_fit.epochs
    fits = once * plan.examples + plan.second_fit.epochs * (plan.examples + more)
    mixed = plan.ways * plan.examples + plan.candidates + more
    fit_s = mixed / pace.mixed_per_s + fits / pace.fitted_per_s
    least = sum(plan.clips.values()) <= 241 or plan.examples == 2_000
    assert least or clips_s + fit_s <= 60 * minutes


def test_a_faster_machine_does_more() -> None:
    """Ten times as fast, several times as much."""
    slow, fast = (recipe_for("x", 10, Pace(1 * f, 50 * f, 300 * f)) for f in (1, 10))
    assert fast.examples > 5 * slow.examples
    assert sum(fast.clips.values()) > 5 * sum(slow.clips.values())


def test_a_recipe_can_be_written_down() -> None:
    """It is JSON, with every parameter that was drawn from."""
    written = json.loads(json.dumps(Recipe("activate").to_dict()))
    assert written["frontend"]["normalisation"]
    assert written["mixtures"]["shares"]
    assert written["way_fit"]["epochs"] > written["first_fit"]["epochs"]
