"""From a recognizer's symbols step by step to text: greedy, by beam, and where each word lies.

`log_probabilities` are [steps, 29] throughout, natural logarithms, blank last. Numpy only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .letters import BLANK, SYMBOLS

LogProbabilities = npt.NDArray[np.float32]

_IMPOSSIBLE = -math.inf
_SPACE = SYMBOLS.index(" ")


class WordScores(Protocol):
    """What a beam asks about words: a language model."""

    def score(self, word: str, before: Sequence[str]) -> float:
        """The natural logarithm of a word's probability after some others."""


@dataclass(frozen=True)
class BeamSettings:
    """`width` prefixes are kept, and symbols below `least` (a logarithm) are not tried.

    A language model counts `language_weight` times, and each word is worth `word_bonus`, since a
    model alone would rather have fewer.
    """

    width: int = 16
    least: float = -9.0
    language_weight: float = 0.6
    word_bonus: float = 1.0


@dataclass(frozen=True)
class Written:
    """A text, and the steps [start, end) of each of its words."""

    text: str
    score: float
    spans: tuple[tuple[int, int], ...] = ()


def log_softmax(logits: npt.NDArray[np.float32]) -> LogProbabilities:
    """Rows of any numbers to rows of logarithms of probabilities."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    rows: LogProbabilities = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return rows


def greedy(log_probabilities: LogProbabilities) -> Written:
    """The likeliest symbol of each step; those that repeat and the blanks taken away."""
    if not len(log_probabilities):
        return Written("", 0.0)
    best = log_probabilities.argmax(axis=1)
    new = (best != BLANK) & (best != np.concatenate([[BLANK], best[:-1]]))
    at = np.flatnonzero(new)
    score = float(log_probabilities.max(axis=1).sum())
    return _written([SYMBOLS[best[step]] for step in at], at.tolist(), score)


def _written(symbols: Sequence[str], steps: Sequence[int], score: float) -> Written:
    """Symbols and the step that each begins at, as words with their spans."""
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    going_on = False
    for symbol, step in zip(symbols, steps, strict=True):
        if symbol == " ":
            going_on = False
        elif going_on:
            words[-1] += symbol
            spans[-1] = (spans[-1][0], step + 1)
        else:
            words.append(symbol)
            spans.append((step, step + 1))
            going_on = True
    return Written(" ".join(words), score, tuple(spans))


@dataclass(frozen=True)
class _Prefix:
    """A way to begin: what is written, its score as text, and by what it ended."""

    text: str
    blank: float = _IMPOSSIBLE
    symbol: float = _IMPOSSIBLE
    language: float = 0.0
    starts: tuple[int, ...] = ()

    @property
    def total(self) -> float:
        return _either(self.blank, self.symbol)


def beam(
    log_probabilities: LogProbabilities,
    language: WordScores | None = None,
    settings: BeamSettings | None = None,
) -> list[Written]:
    """The likeliest texts, best first, over all the ways in which each may be spelled out in time.

    With a language model each word is weighed as it ends.
    """
    s = settings or BeamSettings()
    kept = {"": _Prefix("", blank=0.0)}
    for step, row in enumerate(log_probabilities):
        kept = _advanced(kept, row, step, language, s)
    ended = [_ended(prefix, language, s) for prefix in kept.values()]
    ranked = sorted(ended, key=lambda pair: -pair[1])
    found: dict[str, Written] = {}
    for prefix, score in ranked:
        written = _written(prefix.text, prefix.starts, score)
        # With a space behind it is the same text.
        found.setdefault(written.text, written)
    return list(found.values())


def _advanced(
    kept: dict[str, _Prefix],
    row: npt.NDArray[np.float32],
    step: int,
    language: WordScores | None,
    s: BeamSettings,
) -> dict[str, _Prefix]:
    """All prefixes after one more step, the best of them."""
    tried = [int(n) for n in np.flatnonzero(row[:BLANK] > s.least)]
    price = [float(p) for p in row]
    after: dict[str, _Prefix] = {}
    for prefix in kept.values():
        last = SYMBOLS.index(prefix.text[-1]) if prefix.text else -1
        repeated = prefix.symbol + price[last] if last >= 0 else _IMPOSSIBLE
        stays = _Prefix(
            prefix.text, prefix.total + price[BLANK], repeated, prefix.language, prefix.starts
        )
        _put(after, stays)
        for number in tried:
            came = prefix.blank if number == last else prefix.total
            if number == _SPACE and (not prefix.text or last == _SPACE):
                continue
            if came > _IMPOSSIBLE:
                _put(after, _longer(prefix, number, came + price[number], step, language, s))
    best = sorted(after.values(), key=lambda p: -(p.total + p.language))[: s.width]
    return {prefix.text: prefix for prefix in best}


def _longer(
    prefix: _Prefix,
    number: int,
    score: float,
    step: int,
    language: WordScores | None,
    s: BeamSettings,
) -> _Prefix:
    """One symbol more; where that ends a word, the word is weighed."""
    worth = prefix.language
    if number == _SPACE and language:
        worth += _worth(prefix.text, language, s)
    return _Prefix(prefix.text + SYMBOLS[number], _IMPOSSIBLE, score, worth, (*prefix.starts, step))


def _put(after: dict[str, _Prefix], new: _Prefix) -> None:
    """Beside the other ways to the same text."""
    old = after.get(new.text)
    if old is None:
        after[new.text] = new
        return
    starts = old.starts if old.total >= new.total else new.starts
    after[new.text] = _Prefix(
        new.text,
        _either(old.blank, new.blank),
        _either(old.symbol, new.symbol),
        max(old.language, new.language),
        starts,
    )


def _ended(prefix: _Prefix, language: WordScores | None, s: BeamSettings) -> tuple[_Prefix, float]:
    """Its score with the last word weighed."""
    worth = prefix.language
    if language and prefix.text and not prefix.text.endswith(" "):
        worth += _worth(prefix.text, language, s)
    return prefix, prefix.total + worth


def _worth(text: str, language: WordScores, s: BeamSettings) -> float:
    *before, word = text.split()
    return s.language_weight * language.score(word, before) + s.word_bonus


def _either(a: float, b: float) -> float:
    """The logarithm of the sum of what two are the logarithms of."""
    high, low = (a, b) if a >= b else (b, a)
    return high if low == _IMPOSSIBLE else high + math.log1p(math.exp(low - high))
