"""English as people say it who learned another language first, or who say it very carefully.

Rules on the phonemes that the grapheme-to-phoneme step gives (IPA, with capitals for diphthongs).
Which accent, and which of its rules a speaker follows, is drawn: nobody follows all of them. No
voice has such an accent of its own, and people have: without it a network learns one way to say a
word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

Rules = Sequence[tuple[str, str]]

_FULL_VOWELS = "T>t ᵊ>ə ᵻ>i"
_NO_TH = "θ>t ð>d"
_MONOPHTHONGS = "A>eː [OQ]>oː"


def _rules(*lines: str) -> Rules:
    """``"ɹ>ɾ h>"``: what is said for what, or nothing."""
    found = [rule.partition(">") for line in lines for rule in line.split()]
    return tuple((pattern, instead) for pattern, _, instead in found)


ACCENTS: Mapping[str, Rules] = {
    "indian": _rules(
        *(_FULL_VOWELS, _NO_TH, _MONOPHTHONGS),
        "t>ʈ d>ɖ əɹ>əɾ əɹ>ɐr ɹ>ɾ w>ʋ v>ʋ æ>ɛ ʌ>ɐ ə>ɐ ʒ>ʤ z>ʤ",
    ),
    "spanish": _rules(
        *(_FULL_VOWELS, _MONOPHTHONGS),
        "ɹ>ɾ əɾ>ɛɾ əɹ>ɛɾ ə>o [æʌɑ]>a ɪ>i ʊ>u ʃ>ʧ z>s v>b ʤ>ʝ h>x ð>d ^ˈ?s(?=[ptk])>es",
    ),
    "italian": _rules(
        *(_FULL_VOWELS, _NO_TH, _MONOPHTHONGS),
        r"ɹ>r əɹ>ɛr ə>o ə>a æ>a ɪ>i ʊ>u h> ([ptkbdɡ])$>\1ə",
    ),
    "german": _rules(
        *(_FULL_VOWELS, _MONOPHTHONGS),
        "w>v θ>s ð>z əɹ>ɐ ɹ>ʁ æ>ɛ ʌ>a ʤ>ʧ z$>s d$>t v$>f b$>p ɡ$>k ə>ɔ",
    ),
    "french": _rules(
        *(_FULL_VOWELS, _MONOPHTHONGS),
        "h> θ>s ð>z əɹ>œʁ ɹ>ʁ ɪ>i ʊ>u ʌ>œ æ>a ə>œ ə>ɔ ʧ>ʃ ʤ>ʒ ˈ>",
    ),
    "slavic": _rules(
        *(_FULL_VOWELS, _MONOPHTHONGS),
        "ɹ>r əɹ>ɛr w>v h>x θ>s ð>z æ>ɛ ɪ>i ə>a ə>o ʌ>a ŋ>nɡ",
    ),
    "east-asian": _rules(
        *(_FULL_VOWELS, _MONOPHTHONGS),
        "ɹ>l əɹ>ɑː əɹ>ə θ>s ð>z v>b v>w æ>a ɪ>i z>ʤ ʌ>a",
        r"([ptkbdɡ])$>\1ɯ ([ptkbdɡs])(?=[ptkbdɡs])>\1ɯ",
    ),
    "african": _rules(*(_FULL_VOWELS, _NO_TH, _MONOPHTHONGS), "əɹ>a əɹ>ɔ ɜɹ>ɛ ɹ$> æ>a ə>ɔ ʌ>ɔ ɪ>i"),
    "american": _rules("ə>ʌ ɑ>ɔ ɔ>ɑ æ>ɛə t$>ʔ ɪ>ɛ j>"),
    "british": _rules("əɹ>ə ɹ(?![aeiouæɑɒɔəɛɜɪʊʌAIOQWY])> T>t T>ʔ ɑ>ɒ O>Q A>I h> θ>f"),
}
"""Accent -> (pattern, what is said instead); of two rules for one sound the first that is drawn."""

_FOLLOWED_SHARE = 0.65
_VOWELS = "aeiouyæɑɐɒɔəɚɛɜɪɯɨʊʌøœᵻᵊAIOQWY"
_FULL = {"ə": "ʌɑɔɛ", "ᵊ": "ʌ", "T": "t", "ᵻ": "ɪ"}


@dataclass(frozen=True)
class Accent:
    """`rules` are the numbers of those of the accent that are followed.

    `careful`: syllable by syllable, between which there is ``" "`` or ``", "``; `full` is what a
    murmured vowel becomes then.
    """

    name: str = ""
    rules: tuple[int, ...] = ()
    careful: str = ""
    full: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As a clip's manifest holds it."""
        return asdict(self)


def draw_accent(rng: np.random.Generator, careful_share: float = 0.2) -> Accent:
    """Some accent, two thirds of its rules; now and then carefully, or only that."""
    careful, full = "", ""
    if rng.random() < careful_share:
        careful = str(rng.choice([" ", " ", ", "]))
        full = str(rng.choice(["", *_FULL["ə"]]))
    if careful and rng.random() < 0.5:
        return Accent(careful=careful, full=full)
    name = str(rng.choice(sorted(ACCENTS)))
    followed = np.flatnonzero(rng.random(len(ACCENTS[name])) < _FOLLOWED_SHARE)
    return Accent(name, tuple(int(i) for i in followed), careful, full)


def said_with(phonemes: str, accent: Accent) -> str:
    """The phonemes of a line as that speaker says them."""
    return " ".join(_word(word, accent) for word in phonemes.split(" "))


def _word(word: str, accent: Accent) -> str:
    bare = word.rstrip(".,!?;:")
    end = word[len(bare) :]
    rules = ACCENTS.get(accent.name, ())
    for number in accent.rules:
        bare = re.sub(*rules[number], bare)
    return (_carefully(bare, accent) if accent.careful else bare) + end


def _carefully(word: str, accent: Accent) -> str:
    """Each syllable by itself, stressed or half stressed, no vowel murmured."""
    parts = syllables(word)
    if len(parts) < 2:
        return word
    for murmured, full in _FULL.items():
        instead = accent.full if murmured == "ə" else full
        parts = [part.replace(murmured, instead or murmured) for part in parts]
    return accent.careful.join(part if set(part) & set("ˈˌ") else f"ˈ{part}" for part in parts)


def syllables(word: str) -> list[str]:
    """A word's phonemes, one piece for each vowel; nothing is lost or added."""
    starts = _starts(word)
    return [word[a:b] for a, b in zip(starts, [*starts[1:], len(word)], strict=True)]


def _starts(word: str) -> list[int]:
    """A syllable takes the consonant before its vowel, with the glide and the stress mark."""
    vowels = [m.start() for m in re.finditer(f"[{_VOWELS}]", word)]
    starts = [0]
    for before, vowel in pairwise(vowels):
        start = vowel
        while start - 1 > before and word[start - 1] in "jwɹlˈˌʋ":
            start -= 1
        if start - 1 > before and word[start - 1] not in "ˈˌːŋ":
            start -= 1
        while start - 1 > before and word[start - 1] in "ˈˌ":
            start -= 1
        starts.append(start)
    return starts
