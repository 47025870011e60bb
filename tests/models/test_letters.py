"""Letters: any text becomes what a recognizer writes, and its numbers become that again."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.models.letters import (
    BLANK,
    OUTPUTS,
    SYMBOLS,
    LettersError,
    decode,
    encode,
    in_words,
    plain,
    steps_needed,
)

PLAIN = st.text(SYMBOLS, max_size=40)


def test_there_are_29_outputs():
    """Space, apostrophe, a to z, and the blank last."""
    assert OUTPUTS == 29
    assert BLANK == 28
    assert SYMBOLS[0] == " "


@given(text=PLAIN)
def test_symbols_come_back(text):
    """Numbers are the text again, and blanks among them are nothing."""
    numbers = encode(text)
    assert decode(numbers) == text
    assert decode([BLANK, *numbers, BLANK]) == text


@given(text=st.text(st.characters(max_codepoint=127), max_size=60))
def test_what_is_plain_stays_so(text):
    """Any text in Latin letters can be written, and writing it again changes nothing."""
    once = plain(text)
    assert set(once) <= set(SYMBOLS)
    assert once == once.strip()
    assert "  " not in once
    assert plain(once) == once


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Turn ON the light!", "turn on the light"),
        ("It’s 9 o'clock.", "it's nine o'clock"),
        ("'tis 'so'", "tis so"),
        ("Café, 21-22", "cafe twenty one twenty two"),
        ("to 75% & 20°", "to seventy five percent and twenty degrees"),
        ("agent 007", "agent zero zero seven"),
        (
            "12345 1000000",
            "twelve thousand three hundred forty five one zero zero zero zero zero zero",
        ),
        ("… — !", ""),
    ],
)
def test_texts_are_written_as_they_are_said(text, written):
    """Numbers in words, no marks, no accents, small letters."""
    assert plain(text) == written


def test_other_scripts_are_refused():
    """The letter is named, and nothing is left out silently."""
    with pytest.raises(LettersError, match="'у'"):
        plain("уже")
    with pytest.raises(LettersError, match="can't be written"):
        encode("A")


@given(number=st.integers(0, 999_999))
def test_numbers_are_different_words(number):
    """A number's words hold no digit, and its neighbour is said otherwise."""
    words = in_words(number)
    assert words == plain(words)
    assert number == 0 or words != in_words(number - 1)


def test_numbers_out_of_range_are_refused():
    """They are named."""
    with pytest.raises(LettersError, match="1000000"):
        in_words(1_000_000)


@given(text=PLAIN)
def test_repeated_letters_need_a_blank_between(text):
    """So many steps more as there are letters beside their like."""
    numbers = encode(text)
    doubled = sum(a == b for a, b in pairwise(text))
    assert steps_needed(numbers) == len(text) + doubled
