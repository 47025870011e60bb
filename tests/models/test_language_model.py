"""The language model: probabilities add up, and what was read is likelier than what was not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.models.language_model import LanguageModelError, learn, read_text, save

TEXT = ["turn on the light", "turn off the light", "turn on the radio", "is the door open"]
WORDS = st.sampled_from(["turn", "on", "off", "the", "light", "radio", "is", "door", "window"])


@given(before=st.lists(WORDS, max_size=4), order=st.integers(1, 4))
def test_probabilities_add_up_to_one(before, order):
    """Known words and all the unknown ones together, after whatever was said."""
    model = learn(TEXT, order)
    known = sum(math.exp(model.score(word, before)) for word in model.words)
    unknown = math.exp(model.score("zebra", before)) * (50_000 - len(model.words))
    assert known + unknown == pytest.approx(1.0, abs=1e-6)


def test_what_was_read_is_likelier():
    """After words that were read, the word that followed them; at the start, the first."""
    model = learn(TEXT)
    assert model.score("light", ["on", "the"]) > model.score("door", ["on", "the"])
    assert model.score("turn", []) > model.score("light", [])
    assert model.score("light", ["on", "the"]) > model.score("zebra", ["on", "the"])


def test_a_model_is_kept(tmp_path):
    """Saved and read back it scores the same, and the same counts are the same bytes."""
    model = learn(TEXT, 2)
    for name in ("one.gz", "two.gz"):
        save(model, tmp_path / name)
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()
    again = read_text(tmp_path / "one.gz")
    assert again.score("light", ["the"]) == model.score("light", ["the"])
    assert again.order == 2


def test_a_text_of_ones_own_is_read(tmp_path):
    """One sentence a line, as it was typed."""
    path = tmp_path / "mine.txt"
    path.write_text("Turn on the light!\nTurn off the light.\n")
    assert read_text(path).words == ["light", "off", "on", "the", "turn"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.txt", b"\n \n", "no words"),
        ("other.txt", "уже\n".encode(), "line 1"),
        ("latin.txt", b"\xff\xfe\x00", "can't be read"),
        ("broken.gz", b"not gzip", "no language model|can't be read"),
    ],
)
def test_what_is_no_text_is_named(tmp_path, name, content, says):
    """One line that names the file and what is wrong with it."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(LanguageModelError, match=says) as caught:
        read_text(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_order_of_none_is_refused():
    """At least the word itself counts."""
    with pytest.raises(LanguageModelError, match="1 is the least"):
        learn(TEXT, 0)
