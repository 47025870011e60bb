"""The symbols that speech recognizers write with: space, apostrophe, a to z, and CTC's blank.

Numpy and the standard library only: what trains and what listens number the symbols alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

from .errors import WakefulError

SYMBOLS = " 'abcdefghijklmnopqrstuvwxyz"
BLANK = len(SYMBOLS)
"""The number of "nothing new here", the last."""
OUTPUTS = len(SYMBOLS) + 1

_NUMBER = {symbol: number for number, symbol in enumerate(SYMBOLS)}
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_DIGITS = re.compile(r"\d+")
_JOINED = re.compile(r"[-–—/_]")
_SAID = {"%": " percent ", "&": " and ", "+": " plus ", "°": " degrees "}
_MARKS = re.compile("[%&+°]")
_MOST = 999_999


class LettersError(WakefulError):
    """A text holds what can't be written with these symbols."""


def plain(text: str) -> str:
    """A text as a recognizer writes it: small letters, numbers in words, single spaces.

    Punctuation goes, accents too. Raises `LettersError` for letters of another script.
    """
    spelled = _DIGITS.sub(lambda found: f" {_spelled(found[0])} ", _MARKS.sub(_said, text))
    folded = unicodedata.normalize("NFKD", spelled.replace("’", "'").lower())
    bare = "".join(c for c in _JOINED.sub(" ", folded) if not unicodedata.combining(c))
    kept = "".join(c if c in _NUMBER else " " if c.isspace() else _dropped(c, text) for c in bare)
    words = (word.strip("'") for word in kept.split())
    return " ".join(word for word in words if word)


def _said(mark: re.Match[str]) -> str:
    return _SAID[mark[0]]


def _dropped(character: str, text: str) -> str:
    if character.isalpha():
        raise LettersError(
            f"text {text!r}: {character!r} is none of {SYMBOLS.strip()!r}; write it in English"
        )
    return ""


def _spelled(digits: str) -> str:
    """A number as it is said; one that is too long, or begins with 0, by its digits."""
    if len(digits) > 6 or (digits[0] == "0" and len(digits) > 1):
        return " ".join(_ONES[int(digit)] for digit in digits)
    return in_words(int(digits))


def in_words(number: int) -> str:
    """0 to 999,999 in words: 42 is "forty two"; raises `LettersError` for others."""
    if not 0 <= number <= _MOST:
        raise LettersError(f"number {number}: only 0 to {_MOST} are written in words")
    if number < 20:
        return _ONES[number]
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f" {in_words(number % size)}" if number % size else ""
            return f"{in_words(number // size)} {name}{rest}"
    return _TENS[number // 10 - 2] + (f" {_ONES[number % 10]}" if number % 10 else "")


def encode(text: str) -> list[int]:
    """The numbers of a plain text's symbols; raises `LettersError` for a text that isn't plain."""
    if odd := sorted({c for c in text if c not in _NUMBER}):
        raise LettersError(f"text {text!r}: {''.join(odd)!r} can't be written; make it plain first")
    return [_NUMBER[c] for c in text]


def decode(numbers: Iterable[int]) -> str:
    """The text of some symbols; blanks are nothing."""
    return "".join(SYMBOLS[number] for number in numbers if number != BLANK)


def steps_needed(numbers: Sequence[int]) -> int:
    """How many steps CTC needs at least: one a symbol, and a blank between two that are alike."""
    return len(numbers) + sum(a == b for a, b in pairwise(numbers))
