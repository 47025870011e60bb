"""Which tokens of a writer's vocabulary lead on in a grammar: letters of either, held together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .grammar_graph import Graph
from .letters import SYMBOLS

_PLACE = {symbol: number for number, symbol in enumerate(SYMBOLS)}
_NONE = -1

Places = frozenset[int]
"""Letters of a grammar that some text may have come to."""

BEGINNING: Places = frozenset([_NONE])
"""Before the first letter."""


@dataclass(frozen=True)
class Onward:
    """Tokens that lead on, the text that there is with each, and where in the grammar that is."""

    tokens: npt.NDArray[np.int64]
    texts: tuple[str, ...]
    places: tuple[Places, ...]


class Spellings:
    """A grammar's letters and a vocabulary's."""

    def __init__(self, graph: Graph, vocabulary: Mapping[str, int]) -> None:
        """`vocabulary` writes a space before a word as the byte-pair tokenizers do."""
        self._after = _following(graph)
        self._last = frozenset(graph.last.tolist())
        self._trie = _trie_of(vocabulary)

    def may_end(self, places: Places) -> bool:
        """Whether a sentence may be over here."""
        return bool(places & self._last)

    def leading(self, places: Places, text: str) -> Onward:
        """Every token that leads on from there."""
        found = list(self._leading(places, text))
        tokens = np.array([token for token, _, _ in found], np.int64)
        return Onward(tokens, tuple(t for _, t, _ in found), tuple(p for _, _, p in found))

    def _leading(self, places: Places, text: str) -> Iterator[tuple[int, str, Places]]:
        waiting = [(self._trie, places, text)]
        if not text:
            # The space before the first word is none of the grammar's.
            tries = (self._trie, self._trie.get(" ", _Trie()))
            waiting = [(trie, places, "") for trie in tries]
        while waiting:
            trie, there, written = waiting.pop()
            for token in trie.tokens if written != text else ():
                yield token, written, there
            for letter, below in trie.items():
                if reached := self._reached(there, letter):
                    waiting.append((below, reached, written + letter))

    def _reached(self, places: Places, letter: str) -> Places:
        symbol = _PLACE[letter]
        return frozenset(node for place in places for node in self._after[place].get(symbol, ()))


class _Trie(dict[str, "_Trie"]):
    """Letters to tokens: `tokens` are those whose letters lead here."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens: list[int] = []


def _following(graph: Graph) -> dict[int, dict[int, list[int]]]:
    """Each letter's (-1: the beginning's) next letters by symbol."""
    after: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for node in graph.first.tolist():
        after[_NONE][int(graph.symbol[node])].append(node)
    for node in range(len(graph)):
        for before in graph.all_before(node):
            after[before][int(graph.symbol[node])].append(node)
    return after


def _trie_of(vocabulary: Mapping[str, int]) -> _Trie:
    """All tokens that are nothing but our letters, large or small, by their letters."""
    root = _Trie()
    for written, number in vocabulary.items():
        text = written.replace("Ġ", " ").lower()
        if not text or any(c not in _PLACE for c in text):
            continue
        place = root
        for letter in text:
            place = place.setdefault(letter, _Trie())
        place.tokens.append(number)
    return root
