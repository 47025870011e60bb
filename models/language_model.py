"""How likely a word is after others, counted in a text of one's own: n-grams with back-off.

Each word's probability is that of the longest history that was seen, discounted by a fixed part of
every count (absolute discounting); what was taken off goes to the next shorter history, and in the
end to words that were never seen. Standard library only.
"""

from __future__ import annotations

import gzip
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .errors import WakefulError
from .letters import LettersError, plain
from .whole_file import write_whole

FORMAT = 1
_DISCOUNT = 0.75
_UNSEEN_WORDS = 50_000
"""Among so many other words an unknown one is shared out."""
_START = "<s>"

History = tuple[str, ...]


class LanguageModelError(WakefulError):
    """A language model can't be made or read."""


@dataclass
class LanguageModel:
    """Counts of n-grams up to `order` words."""

    order: int = 3
    counts: dict[History, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, sentence: str) -> None:
        """Count a sentence's words, each with the words before it."""
        words = plain(sentence).split()
        said = [_START] * (self.order - 1) + words
        for at in range(self.order - 1, len(said)):
            for reach in range(self.order):
                self.counts[tuple(said[at - reach : at])][said[at]] += 1

    def score(self, word: str, before: Sequence[str]) -> float:
        """The natural logarithm of P(word | before); the sentence's beginning counts too."""
        reach = self.order - 1
        history = ([_START] * reach + list(before))[-reach:] if reach else []
        return math.log(self._probability(word, tuple(history)))

    def _probability(self, word: str, history: History) -> float:
        counted = self.counts.get(history)
        if counted:
            total = counted.total()
            lower = self._shorter(word, history)
            left = _DISCOUNT * len(counted) / total
            return max(counted[word] - _DISCOUNT, 0.0) / total + left * lower
        return self._shorter(word, history)

    def _shorter(self, word: str, history: History) -> float:
        return self._probability(word, history[1:]) if history else 1.0 / _UNSEEN_WORDS

    @property
    def words(self) -> list[str]:
        """Every word that was seen, sorted."""
        return sorted(self.counts.get((), ()))


def learn(sentences: Iterable[str], order: int = 3) -> LanguageModel:
    """Count a text, sentence by sentence; raises `LanguageModelError` where it holds no word."""
    if order < 1:
        raise LanguageModelError(f"language model: order {order}; 1 is the least")
    model = LanguageModel(order)
    for number, sentence in enumerate(sentences, 1):
        try:
            model.add(sentence)
        except LettersError as error:
            raise LanguageModelError(f"line {number}: {error}") from error
    if not model.words:
        raise LanguageModelError("language model: the text holds no words; give some sentences")
    return model


def read_text(path: Path, order: int = 3) -> LanguageModel:
    """A model of a text file, one sentence a line, or one that `save` wrote.

    Raises `LanguageModelError`.
    """
    try:
        if path.suffix == ".gz":
            return _loaded(path)
        return learn(path.read_text(encoding="utf-8").splitlines(), order)
    except (OSError, UnicodeDecodeError) as error:
        raise LanguageModelError(f"{path}: can't be read as text ({error})") from error
    except LanguageModelError as error:
        raise LanguageModelError(f"{path}: {error}") from error


def save(model: LanguageModel, path: Path) -> None:
    """As compressed JSON, ending in ``.gz``; the same counts are the same bytes."""
    rows = sorted((list(h), dict(sorted(c.items()))) for h, c in model.counts.items())
    text = json.dumps({"format": FORMAT, "order": model.order, "counts": rows})
    write_whole(path, gzip.compress(text.encode(), mtime=0))


def _loaded(path: Path) -> LanguageModel:
    try:
        kept = json.loads(gzip.decompress(path.read_bytes()))
        if kept["format"] != FORMAT:
            raise LanguageModelError(f"format {kept['format']}, this wakeful reads {FORMAT}")
        model = LanguageModel(int(kept["order"]))
        for history, counted in kept["counts"]:
            model.counts[tuple(history)] = Counter(counted)
    except (ValueError, KeyError, TypeError, EOFError) as error:
        raise LanguageModelError(f"no language model ({error}); make it again") from error
    return model
