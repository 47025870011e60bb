"""The other forms of a verb: "activated" is nearer to "activate" than any other word."""

from __future__ import annotations

from collections.abc import Container, Iterator

_DOERS = ("ion", "ions", "er", "or", "able", "ment", "ing")
"""A word that the dictionary lists with one of these is taken for a verb."""
_VOWEL_LETTERS = "aeiou"


def forms(word: str, words: Container[str]) -> list[str]:
    """What the last word of a phrase is as "-ed" and "-ing"; nothing for what is no verb.

    Not as "-s": whoever calls "computers" has called "computer", and a word is told before what
    follows it has been heard.
    """
    *before, last = word.split()
    verb = last.casefold()
    for stem in _stems(verb):
        if any(stem + end in words for end in _DOERS):
            return [" ".join([*before, form]) for form in (_past(verb, stem), f"{stem}ing")]
    return []


def _stems(verb: str) -> Iterator[str]:
    """What endings are put behind: "activat", "listen", "stopp"."""
    if len(verb) < 3 or not verb.isalpha():
        return
    if verb.endswith("e"):
        yield verb[:-1]
        return
    vowel, last = verb[-2] in _VOWEL_LETTERS, verb[-1] not in f"{_VOWEL_LETTERS}wxy"
    if vowel and last and verb[-3] not in _VOWEL_LETTERS:
        yield verb + verb[-1]
    yield verb


def _past(verb: str, stem: str) -> str:
    if verb.endswith("y") and verb[-2] not in _VOWEL_LETTERS:
        return f"{verb[:-1]}ied"
    return f"{stem}ed"
