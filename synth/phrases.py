"""What is said: the word as people say it, what sounds like it, and ordinary sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from .engines import ENGLISH
from .forms import forms
from .pronounce import (
    VOWELS,
    Phonemes,
    dictionary,
    distances,
    nearest,
    rhymes,
    sharing,
    split,
    unstressed,
)
from .talk import sentence
from .voice import VoiceError

_ENDINGS = (".", "!", "?", ",", "")
_ENDING_SHARES = (0.35, 0.25, 0.10, 0.20, 0.10)
_SHORTEST_PART = 3
_MOST = {"near": 60, "sharing": 40, "rhymes": 20, "split": 30}
_TIMES_FORMS = 8
"""So often among the others: told as rarely as these, "activated" fired three times in five."""
_HARD_IN_SENTENCE_SHARE = 0.35
_TALK_SHARE = 0.5
_NEAR_SHARE = 0.4
_ANY_WORDS_SHARE = 0.4
_ANY_WORDS = (3, 8)
_NEAREST = 0.08
"""Nearer than this to the word is the word, as some people say it: "come pewter"."""

LONGEST_TEXT = 400
"""Characters: what is longer is no sentence, and engines break on it."""

_CARRIERS_BEFORE = ("okay", "hey", "so", "please", "and then", "well", "now", "I said", "alright")
_CARRIERS_AFTER = (
    "what time is it", "turn the lights on", "please", "stop", "play some music", "set a timer",
    "how are you", "open the door", "thank you", "can you hear me", "next", "go on",
)  # fmt: skip


@dataclass(frozen=True)
class Texts:
    """What to say for one word, by kind.

    `hard` sounds like the word; `sentences` are the user's, beside the ones that are made up.
    """

    word: str
    hard: Sequence[str]
    sentences: Sequence[str] = ()
    language: str = ENGLISH
    near: Sequence[str] = ()
    """Of `hard`, those that somebody asked for: they are said more often."""
    near_share: float = _NEAR_SHARE
    """So often, of all that sounds like the word."""

    @property
    def english(self) -> bool:
        """Whether there are phrases to carry the word, and sentences that are made up."""
        return self.language == ENGLISH

    def draw(self, kind: str, rng: np.random.Generator) -> str:
        """A text of kind ``positive``, ``carried``, ``hard`` or ``sentence``."""
        if kind == "positive" or (kind == "carried" and not self.english):
            return self.word + str(rng.choice(_ENDINGS, p=_ENDING_SHARES))
        if kind == "carried":
            return self._carried(rng)
        if kind == "hard":
            return self._hard(rng)
        if not self.english or (self.sentences and rng.random() >= _TALK_SHARE):
            return str(rng.choice(self.sentences))
        return self._talk(rng)

    def _carried(self, rng: np.random.Generator) -> str:
        if rng.random() < 0.5:
            return f"{rng.choice(_CARRIERS_BEFORE)}, {self.word}."
        return f"{self.word}, {rng.choice(_CARRIERS_AFTER)}."

    def _hard(self, rng: np.random.Generator) -> str:
        """Alone, or as people come across it: in the middle of other words."""
        asked_for = self.near and rng.random() < self.near_share
        text = str(rng.choice(self.near if asked_for else self.hard))
        if rng.random() >= _HARD_IN_SENTENCE_SHARE or not (self.english or self.sentences):
            return f"{text}."
        around = self.draw("sentence", rng).rstrip(".?!").split()
        at = int(rng.integers(len(around) + 1))
        return " ".join([*around[:at], text, *around[at:]]) + "."

    def _talk(self, rng: np.random.Generator) -> str:
        """Sentences that mean something, and rows of words that don't but have every sound."""
        while True:
            text = any_words(rng) if rng.random() < _ANY_WORDS_SHARE else sentence(rng)
            if text and not holds(text, self.word):
                return text


def any_words(rng: np.random.Generator) -> str:
    """Some words out of the dictionary; nothing where there is none."""
    words = _listed()
    if not words:
        return ""
    return (
        " ".join(words[i] for i in rng.integers(len(words), size=rng.integers(*_ANY_WORDS))) + "."
    )


@cache
def _listed() -> Sequence[str]:
    return tuple(dictionary())


def holds(text: str, word: str) -> bool:
    """Whether the word, letter for letter, is said in a text."""
    spaced = [" ".join(re.findall(r"[^\W_]+", t.casefold())) for t in (word, text)]
    return spaced[0] in spaced[1]


def texts_for(
    word: str,
    sentences: Iterable[str] = (),
    near: Iterable[str] = (),
    g2p: Phonemes | None = None,
    language: str = ENGLISH,
) -> Texts:
    """Everything that is said for a word.

    Sentences that hold the word are left out. Hard ones are `near`, parts of the word and, given a
    grapheme-to-phoneme step, words that sound like it, most of all its other forms. Raises
    `VoiceError` for a word that nobody could say. Of another language than English, `sentences` are
    all the sentences that there are, and nobody says what sounds like the word but `near` and its
    parts.
    """
    plain = sayable(word)
    kept = [s.strip() for s in sentences if s.strip() and not holds(s, plain)]
    near = [s.strip() for s in near if s.strip()]
    heard = similar(plain, g2p) if g2p and language == ENGLISH else []
    hard = [*dict.fromkeys([*near, *parts(plain), *heard])]
    if heard:
        hard += forms(plain, dictionary()) * _TIMES_FORMS
    short = [s for s in kept if len(s) <= LONGEST_TEXT]
    return Texts(plain, hard, short, language, near)


def sayable(word: str) -> str:
    """A word or phrase with single spaces; raises `VoiceError` where there is nothing to say."""
    plain = " ".join(word.split())
    if not re.search(r"[^\W\d_]", plain):
        raise VoiceError(f"word {word!r}: holds no letter that could be said; write it in letters")
    if odd := sorted({c for c in plain if not (c.isalnum() or c in " '’-.,")}):
        raise VoiceError(f"word {word!r}: {' '.join(odd)} can't be said; write it in letters")
    if len(plain) > 60:
        raise VoiceError(f"word {plain[:20]!r}…: is too long for a wake word; 60 letters at most")
    return plain


def similar(word: str, g2p: Phonemes) -> list[str]:
    """Words and pairs of words that sound like a word: near it, sharing a half, rhyming with it.

    No compound that ends in the very word: "biocomputer" is how people say "buy, oh, computer".
    """
    words = dictionary()
    sounds = {w: unstressed(s) for w, s in words.items()}
    said = unstressed(g2p(word))
    last = words.get(word.rsplit(maxsplit=1)[-1].casefold(), "")
    found = [
        *nearest(said, sounds, _MOST["near"]),
        *sharing(said, sounds.items(), 0.5, _MOST["sharing"]),
        *rhymes(last, words, _MOST["rhymes"]),
        *split(said, sounds, _MOST["split"]),
    ]
    other = {text: unstressed(g2p(text)) for text in dict.fromkeys(found) if not _says(text, word)}
    far = distances(said, list(other.values()))
    return [
        text
        for (text, sounds_so), away in zip(other.items(), far, strict=True)
        if away >= _NEAREST and not _is_said_behind(sounds_so, said)
    ]


def _says(text: str, word: str) -> bool:
    """Whether the word is one of its words: "oca computer" says it, "deactivate" does not."""
    return f" {word.casefold()} " in f" {text} "


def _is_said_behind(sounds: str, word: str) -> bool:
    """Whether the word's sounds come last, behind two syllables or more: not so in "deactivate"."""
    before = sounds.removesuffix(word)
    return before != sounds and sum(c in VOWELS for c in before) > 1


def parts(word: str) -> list[str]:
    """The beginnings and the ends of a word, and each of several words alone."""
    several = word.split()
    cuts = range(_SHORTEST_PART, len(word) - 1)
    pieces = [word[:cut] for cut in cuts] + [word[-cut:] for cut in cuts]
    alone = several if len(several) > 1 else []
    return list(dict.fromkeys(piece.strip() for piece in [*pieces, *alone] if piece.strip()))
