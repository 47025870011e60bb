"""What is said: the word as people say it, what sounds like it, and ordinary sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .voice import VoiceError

Phonemes = Callable[[str], str]

_ENDINGS = (".", "!", "?", ",", "")
_ENDING_SHARES = (0.35, 0.25, 0.10, 0.20, 0.10)
_SHORTEST_PART, _MOST_NEAR = 3, 60
_WORDS = re.compile(r"[a-z']+")


@dataclass(frozen=True)
class Texts:
    """What to say for one word, by kind."""

    word: str
    hard: Sequence[str]
    sentences: Sequence[str]

    def draw(self, kind: str, rng: np.random.Generator) -> str:
        """A text of kind ``positive``, ``hard`` or ``sentence``."""
        if kind == "positive":
            return self.word + str(rng.choice(_ENDINGS, p=_ENDING_SHARES))
        return str(rng.choice(self.hard if kind == "hard" else self.sentences))


def texts_for(
    word: str, sentences: Iterable[str], near: Iterable[str] = (), phonemes: Phonemes | None = None
) -> Texts:
    """Everything that is said for a word.

    Sentences that hold the word are left out. Hard ones are `near`, parts of the word, and, given
    a grapheme-to-phoneme step, those words of the sentences that sound most like it. Raises
    `VoiceError` for a word without a letter.
    """
    plain = " ".join(word.split())
    if not re.search(r"[^\W\d_]", plain):
        raise VoiceError(f"word {word!r}: holds no letter that could be said")
    kept = [s.strip() for s in sentences if s.strip() and plain.lower() not in s.lower()]
    hard = [*near, *parts(plain)]
    if phonemes:
        vocabulary = {w for s in kept for w in _WORDS.findall(s.lower())}
        hard += nearest(plain, vocabulary - {plain.lower()}, phonemes)
    return Texts(plain, [f"{text}." for text in dict.fromkeys(hard)], kept)


def parts(word: str) -> list[str]:
    """The beginnings and the ends of a word, and each of several words alone."""
    several = word.split()
    cuts = range(_SHORTEST_PART, len(word) - 1)
    pieces = [word[:cut] for cut in cuts] + [word[-cut:] for cut in cuts]
    alone = several if len(several) > 1 else []
    return list(dict.fromkeys(piece.strip() for piece in [*pieces, *alone] if piece.strip()))


def nearest(word: str, vocabulary: Iterable[str], phonemes: Phonemes) -> list[str]:
    """The words that sound most like `word`, by edits of their phonemes for their length."""
    ours = phonemes(word)
    scored = []
    for other in sorted(vocabulary):
        theirs = phonemes(other)
        if theirs and theirs != ours:
            scored.append((distance(ours, theirs) / max(len(ours), len(theirs)), other))
    return [other for _, other in sorted(scored)[:_MOST_NEAR]]


def distance(a: str, b: str) -> int:
    """Levenshtein's: insertions, deletions and changes that make one the other."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (left != right))
    return row[-1]
