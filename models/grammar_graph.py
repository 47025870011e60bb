"""Sentences as one graph of letters: each letter a node, each arc a letter that may come before.

Words that may follow each other meet in one node for the space between them, so that fifty words
before fifty others are a hundred arcs. Rows of arrays, made once: decoding only looks things up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .grammar_parse import Choice, GrammarError, Node, Row, Sentence, Slot, Word
from .letters import SYMBOLS, encode

Numbers = npt.NDArray[np.int32]

_SPACE = SYMBOLS.index(" ")
_MOST_LETTERS = 400_000


@dataclass(frozen=True)
class Arc:
    """One word of one sentence; `slot` numbers the place of a slot in it, -1 where there is none.

    `start` and `end` are the places between words that it leads from and to.
    """

    start: int
    end: int
    word: str
    said: str
    slot: int
    sentence: int


@dataclass(frozen=True)
class Graph:
    """`symbol`, `arc`: each letter's symbol and word (-1 for a space). Nodes come in such an order
    that every letter before a letter has a lower number.

    `before` is the one letter before each letter, or the number of letters where there is none or
    several; those are in `many`, with their letters before in `many_before` from `many_at` on.
    `first` may begin a sentence, `last` may end one.
    """

    sentences: tuple[Sentence, ...]
    slots: tuple[Slot, ...]
    arcs: tuple[Arc, ...]
    symbol: Numbers
    arc: Numbers
    before: Numbers
    many: Numbers
    many_at: Numbers
    many_before: Numbers
    first: Numbers
    last: Numbers

    def __len__(self) -> int:
        return len(self.symbol)

    def all_before(self, node: int) -> list[int]:
        """Every letter that a letter may follow."""
        if self.before[node] < len(self):
            return [int(self.before[node])]
        at = int(np.searchsorted(self.many, node))
        if at == len(self.many) or self.many[at] != node:
            return []
        stop = self.many_at[at + 1] if at + 1 < len(self.many) else None
        return [int(before) for before in self.many_before[self.many_at[at] : stop]]


def graph_of(sentences: Sequence[Sentence], name: str = "grammar") -> Graph:
    """Compile them; raises `GrammarError` where that would be too large to be quick."""
    words = _Words()
    for number, sentence in enumerate(sentences):
        words.add(sentence.body, number)
    letters = sum(len(arc.word) + 1 for arc in words.arcs)
    if letters > _MOST_LETTERS:
        raise GrammarError(
            f"{name}: comes to {letters} letters, {_MOST_LETTERS} at most; "
            "use rules in fewer sentences"
        )
    return _Letters(words).graph(tuple(sentences))


class _Words:
    """Sentences as words between places; a place where nothing need be said is skipped over."""

    def __init__(self) -> None:
        self.arcs: list[Arc] = []
        self.slots: list[Slot] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.skips: dict[int, set[int]] = defaultdict(set)
        self._places = 0

    def add(self, body: Node, sentence: int) -> None:
        """One more sentence, from a place of its own to another."""
        start, end = self._place(), self._place()
        self.starts.append(start)
        self.ends.append(end)
        self._put(body, start, end, sentence, -1)

    def _place(self) -> int:
        self._places += 1
        return self._places - 1

    def _put(self, node: Node, start: int, end: int, sentence: int, slot: int) -> None:
        match node:
            case Word(text, said):
                self.arcs.append(Arc(start, end, text, said, slot, sentence))
            case Row(parts):
                self._put_row(parts, start, end, sentence, slot)
            case Choice(ways):
                for way in ways:
                    self._put(way, start, end, sentence, slot)
            case Slot(_, _, body):
                self.slots.append(node)
                self._put(body, start, end, sentence, len(self.slots) - 1)

    def _put_row(
        self, parts: Sequence[Node], start: int, end: int, sentence: int, slot: int
    ) -> None:
        if not parts:
            self.skips[start].add(end)
            return
        places = [start, *(self._place() for _ in parts[1:]), end]
        for part, here, there in zip(parts, places, places[1:], strict=False):
            self._put(part, here, there, sentence, slot)

    def reached(self, start: int) -> list[int]:
        """Every place that is reached without a word, itself first."""
        found, waiting = {start: None}, [start]
        while waiting:
            for place in self.skips.get(waiting.pop(), ()):
                if place not in found:
                    found[place] = None
                    waiting.append(place)
        return list(found)


class _Letters:
    """The same by letters."""

    def __init__(self, words: _Words) -> None:
        self._words = words
        self._leaving: dict[int, list[int]] = defaultdict(list)
        for number, arc in enumerate(words.arcs):
            self._leaving[arc.start].append(number)
        self._symbol: list[int] = []
        self._arc: list[int] = []
        self._before: list[list[int]] = []
        self._first: list[int] = []
        self._last: list[int] = []

    def graph(self, sentences: tuple[Sentence, ...]) -> Graph:
        """Word by word, each after all that may come before it."""
        words = self._words
        starting = {p for start in words.starts for p in words.reached(start)}
        into: dict[int, list[int]] = defaultdict(list)
        ends = set(words.ends)
        for place in self._in_order():
            space = self._node(_SPACE, -1, into[place]) if into[place] else -1
            for number in self._leaving[place]:
                arc = words.arcs[number]
                last = self._word(number, space, place in starting)
                reached = words.reached(arc.end)
                for there in reached:
                    if self._leaving[there]:
                        into[there].append(last)
                if ends & set(reached):
                    self._last.append(last)
        return self._arrays(sentences)

    def _in_order(self) -> Iterator[int]:
        """Places with words to say, each after all those that lead to it."""
        waits: dict[int, int] = defaultdict(int)
        follows = {p: self._following(p) for p in list(self._leaving)}
        for places in follows.values():
            for place in places:
                waits[place] += 1
        ready = [place for place in follows if not waits[place]]
        while ready:
            place = ready.pop()
            yield place
            for after in follows[place]:
                waits[after] -= 1
                if not waits[after]:
                    ready.append(after)

    def _following(self, place: int) -> set[int]:
        ends = {self._words.arcs[number].end for number in self._leaving[place]}
        reached = {there for end in ends for there in self._words.reached(end)}
        return {there for there in reached if self._leaving.get(there)}

    def _word(self, number: int, space: int, starts: bool) -> int:
        """Its letters; the number of the last one."""
        node = space
        for at, symbol in enumerate(encode(self._words.arcs[number].word)):
            node = self._node(symbol, number, [node] if node >= 0 else [])
            if at == 0 and starts:
                self._first.append(node)
        return node

    def _node(self, symbol: int, arc: int, before: list[int]) -> int:
        self._symbol.append(symbol)
        self._arc.append(arc)
        self._before.append(before)
        return len(self._symbol) - 1

    def _arrays(self, sentences: tuple[Sentence, ...]) -> Graph:
        none = len(self._symbol)
        single = [b[0] if len(b) == 1 else none for b in self._before]
        many = [node for node, b in enumerate(self._before) if len(b) > 1]
        counts = [len(self._before[node]) for node in many]
        joined = [b for node in many for b in self._before[node]]
        starts = np.cumsum([0, *counts])[:-1]
        return Graph(
            sentences=sentences,
            slots=tuple(self._words.slots),
            arcs=tuple(self._words.arcs),
            symbol=_row(self._symbol),
            arc=_row(self._arc),
            before=_row(single),
            many=_row(many),
            many_at=_row(starts),
            many_before=_row(joined),
            first=_row(self._first),
            last=_row(sorted(set(self._last))),
        )


def _row(numbers: npt.ArrayLike) -> Numbers:
    return np.array(numbers, np.int32)
