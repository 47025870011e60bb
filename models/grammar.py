"""A grammar of one's own: what may be said, and which of it a recognizer heard.

`read_grammar` compiles a file once; `Grammar.understand` takes what a CTC network heard and gives
the sentence, its slots and a confidence, or nothing where it was something else.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath

import numpy as np

from .ctc import LogProbabilities
from .grammar_decode import FILLER_COST, Path, best_path
from .grammar_graph import Arc, Graph, graph_of
from .grammar_parse import Choice, GrammarError, Node, Row, Slot, Word, parse
from .grammar_text import nearest_path
from .letters import plain

__all__ = ["Grammar", "GrammarError", "Understood", "compile_grammar", "read_grammar"]

_HALF_AT, _STEEPNESS = 1.0, 3.0
"""A sentence whose letters were each 1 nat less likely than the likeliest is as likely as not."""

_MENDED_HALF_AT, _MENDED_STEEPNESS = 0.4, 12.0
"""The same for a text, where so large a share of the letters had to be mended."""


@dataclass(frozen=True)
class SaidWord:
    """A word, and the steps [start, end) that it was heard in."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Understood:
    """One sentence of the grammar. `cost` is by how much each letter was less likely than could be.

    `label` is the sentence's, or its text where it has none.
    """

    label: str
    text: str
    slots: dict[str, str]
    confidence: float
    cost: float
    words: tuple[SaidWord, ...] = ()
    alternatives: tuple[Understood, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Grammar:
    """A compiled grammar, read-only: any number of streams may ask it."""

    graph: Graph
    name: str = "grammar"

    def understand(
        self,
        log_probabilities: LogProbabilities,
        *,
        alternatives: int = 0,
        filler_cost: float = FILLER_COST,
    ) -> Understood | None:
        """The likeliest sentence; None where the sound is too short for any.

        Whether it was said at all is what `confidence` tells.
        """
        path = best_path(self.graph, log_probabilities, filler_cost)
        if path is None:
            return None
        found = self._told(path)
        others = self._others(path, found, log_probabilities, alternatives, filler_cost)
        return Understood(
            found.label,
            found.text,
            found.slots,
            found.confidence,
            found.cost,
            found.words,
            tuple(others),
        )

    def nearest(self, text: str) -> Understood | None:
        """The sentence that takes the fewest letters to mend; None for a text without words.

        `cost` is the share of its letters that were mended, and words lie in the text's letters.
        Raises `LettersError` for a text in another script.
        """
        mended = nearest_path(self.graph, plain(text))
        if mended is None:
            return None
        path = Path(-mended.mended, mended.nodes, mended.places, len(plain(text)), 0)
        return self._told(path, _MENDED_HALF_AT, _MENDED_STEEPNESS)

    def sentences(self) -> Iterator[str]:
        """Everything that may be said, sentence by sentence; of large grammars that is a lot."""
        for sentence in self.graph.sentences:
            yield from (" ".join(words) for words in _ways(sentence.body))

    def draw(self, rng: np.random.Generator) -> tuple[str, dict[str, str]]:
        """One sentence with its slots, each line and each way of it as often as another."""
        sentences = self.graph.sentences
        body = sentences[int(rng.integers(len(sentences)))].body
        slots: dict[str, str] = {}
        return " ".join(_drawn(body, rng, slots)), slots

    def _told(
        self, path: Path, half_at: float = _HALF_AT, steepness: float = _STEEPNESS
    ) -> Understood:
        arcs, words = self._words(path)
        sentence = self.graph.sentences[arcs[0].sentence]
        text = " ".join(arc.word for arc in arcs)
        letters = len(path.nodes)
        cost = -path.score / letters
        return Understood(
            label=sentence.label or text,
            text=text,
            slots=self._slots(arcs),
            confidence=1.0 / (1.0 + math.exp(steepness * min(20.0, cost - half_at))),
            cost=cost,
            words=tuple(words),
        )

    def _words(self, path: Path) -> tuple[list[Arc], list[SaidWord]]:
        """The words in order, with the steps from their first letter to the next one's."""
        arcs: list[Arc] = []
        words: list[SaidWord] = []
        last = -1
        ends = [*path.steps[1:], path.end]
        for node, start, end in zip(path.nodes, path.steps, ends, strict=True):
            number = int(self.graph.arc[node])
            if number >= 0 and number == last:
                words[-1] = SaidWord(words[-1].text, words[-1].start, end)
            elif number >= 0:
                arcs.append(self.graph.arcs[number])
                words.append(SaidWord(arcs[-1].word, start, end))
            last = number
        return arcs, words

    def _slots(self, arcs: Sequence[Arc]) -> dict[str, str]:
        said: dict[int, list[str]] = {}
        for arc in arcs:
            if arc.slot >= 0:
                said.setdefault(arc.slot, []).append(arc.said)
        return {
            self.graph.slots[number].name: self.graph.slots[number].value
            or " ".join(part for part in parts if part)
            for number, parts in said.items()
        }

    def _others(
        self,
        path: Path,
        best: Understood,
        heard: LogProbabilities,
        count: int,
        filler_cost: float,
    ) -> list[Understood]:
        """The best that does without one word of the best, for each of its words."""
        found: dict[str, Understood] = {}
        for number in sorted({int(self.graph.arc[node]) for node in path.nodes} - {-1}):
            if not count:
                break
            banned = np.flatnonzero(self.graph.arc == number).astype(np.int32)
            other = best_path(self.graph, heard, filler_cost, banned)
            if other and (told := self._told(other)).text != best.text:
                found.setdefault(told.text, told)
        return sorted(found.values(), key=lambda one: one.cost)[:count]


def compile_grammar(text: str, name: str = "grammar") -> Grammar:
    """From a text; raises `GrammarError` with the line and column of a mistake."""
    return Grammar(graph_of(parse(text, name), name), name)


def read_grammar(path: FilePath) -> Grammar:
    """From a file; raises `GrammarError`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise GrammarError(f"{path}: can't be read as text ({error})") from error
    return compile_grammar(text, str(path))


def _ways(node: Node) -> Iterator[list[str]]:
    match node:
        case Word(text, _):
            yield [text]
        case Slot(_, _, body):
            yield from _ways(body)
        case Choice(ways):
            for way in ways:
                yield from _ways(way)
        case Row(()):
            yield []
        case Row(parts):
            for first in _ways(parts[0]):
                yield from (first + rest for rest in _ways(Row(parts[1:])))


def _drawn(node: Node, rng: np.random.Generator, slots: dict[str, str]) -> list[str]:
    match node:
        case Word(text, _):
            return [text]
        case Row(parts):
            return [word for part in parts for word in _drawn(part, rng, slots)]
        case Choice(ways):
            return _drawn(ways[int(rng.integers(len(ways)))], rng, slots)
        case Slot(name, value, body):
            way = _pruned(body, rng)
            if words := _drawn(way, rng, slots):
                slots[name] = value or " ".join(said for said in _sayings(way) if said)
            return words


def _pruned(node: Node, rng: np.random.Generator) -> Node:
    """The same with every choice made."""
    match node:
        case Choice(ways):
            return _pruned(ways[int(rng.integers(len(ways)))], rng)
        case Row(parts):
            return Row(tuple(_pruned(part, rng) for part in parts))
        case _:
            return node


def _sayings(node: Node) -> Iterator[str]:
    match node:
        case Word(_, said):
            yield said
        case Row(parts):
            for part in parts:
                yield from _sayings(part)
