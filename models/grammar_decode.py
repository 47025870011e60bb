"""The likeliest way through a grammar's letters for what a recognizer heard, step by step.

Tokens pass along all letters at once: a letter goes on, or the next begins; blanks lie between.
What is said before and after a sentence, and isn't in the grammar, goes into a filler, which costs
so much a step. Scores are measured against the likeliest symbols of all, grammar or not: those
score 0, and a sentence that was said scores little less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .ctc import LogProbabilities
from .grammar_graph import Graph
from .letters import BLANK

Scores = npt.NDArray[np.float32]

_NEVER = np.float32(-1e9)
FILLER_COST = 3.0
"""A step of speech in the filler, in nats."""


@dataclass(frozen=True)
class Path:
    """The letters that were gone through, and the step that each begins at, and the last one ends.

    `score` is 0 at best. `filled` counts the steps of speech that went into the filler.
    """

    score: float
    nodes: tuple[int, ...]
    steps: tuple[int, ...]
    end: int
    filled: int


def best_path(
    graph: Graph,
    log_probabilities: LogProbabilities,
    filler_cost: float = FILLER_COST,
    without: npt.NDArray[np.int32] | None = None,
) -> Path | None:
    """The best of all; None where the sound is too short for any. `without` some letters."""
    if not len(graph) or not len(log_probabilities):
        return None
    rows = log_probabilities - log_probabilities.max(axis=1, keepdims=True)
    beside = np.maximum(rows[:, BLANK], -filler_cost)
    told = _passed(graph, rows, beside, without)
    return _traced(graph, rows, beside, told)


@dataclass(frozen=True)
class _Told:
    """[steps, letters]: the score of being in a letter after a step, and in the blank behind it."""

    letter: Scores
    blank: Scores
    before: Scores
    """[steps]: of not having begun before a step."""


def _passed(
    graph: Graph,
    rows: LogProbabilities,
    beside: Scores,
    without: npt.NDArray[np.int32] | None,
) -> _Told:
    count, size = len(rows), len(graph)
    # One more letter, in which nobody ever is, stands before those that begin.
    letter = np.empty((count, size + 1), np.float32)
    blank = np.empty((count, size + 1), np.float32)
    begun = np.concatenate([[0.0], np.cumsum(beside[:-1])]).astype(np.float32)
    symbols = np.append(graph.symbol, BLANK)
    heard = np.empty(size + 1, np.float32)
    here, there = np.full(size + 1, _NEVER, np.float32), np.full(size + 1, _NEVER, np.float32)
    steps = _Steps(graph)
    for step in range(count):
        out = np.maximum(here, there)
        came = steps.arriving(out, there)
        came[graph.first] = np.maximum(came[graph.first], begun[step])
        np.maximum(came, here, out=came)
        np.take(rows[step], symbols, out=heard, mode="clip")
        heard[-1] = _NEVER
        if without is not None:
            heard[without] = _NEVER
        here = np.add(came, heard, out=letter[step])
        there = np.add(out, rows[step, BLANK], out=blank[step])
    return _Told(letter, blank, begun)


class _Steps:
    """From the letters before each letter: what a token brings along."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        none = len(graph)
        self._before = np.append(graph.before, none)
        # Most letters follow the one before them: only of the others it is looked up which.
        self._elsewhere = np.flatnonzero(self._before != np.arange(none + 1) - 1)
        self._there = self._before[self._elsewhere]
        self._came = np.empty(none + 1, np.float32)
        symbol = np.append(graph.symbol, -1)
        # From a letter to the same one again only a blank leads.
        self._alike = np.flatnonzero(symbol[self._before] == symbol)
        self._alike_before = self._before[self._alike]

    def arriving(self, out: Scores, blank: Scores) -> Scores:
        """The best score with which each letter may begin."""
        came = self._came
        came[1:] = out[:-1]
        came[self._elsewhere] = out[self._there]
        came[self._alike] = blank[self._alike_before]
        g = self._graph
        if len(g.many):
            came[g.many] = np.maximum.reduceat(out[g.many_before], g.many_at)
        return came


def _traced(graph: Graph, rows: LogProbabilities, beside: Scores, told: _Told) -> Path | None:
    """From the best end back to the beginning."""
    after = np.concatenate([np.cumsum(beside[::-1])[::-1][1:], [0.0]])
    ends = np.maximum(told.letter[:, graph.last], told.blank[:, graph.last]) + after[:, np.newaxis]
    end, which = np.unravel_index(int(ends.argmax()), ends.shape)
    score = float(ends[end, which])
    if score <= _NEVER / 2:
        return None
    nodes, steps = _letters_of(graph, told, int(end), int(graph.last[which]))
    outside = [*range(steps[0]), *range(int(end) + 1, len(rows))]
    filled = sum(rows[step, BLANK] < beside[step] for step in outside)
    return Path(score, tuple(nodes), tuple(steps), int(end) + 1, int(filled))


def _letters_of(graph: Graph, told: _Told, end: int, node: int) -> tuple[list[int], list[int]]:
    nodes, steps = [node], []
    in_blank = bool(told.blank[end, node] > told.letter[end, node])
    step = end
    while True:
        if in_blank:
            step -= 1
            in_blank = bool(told.blank[step, node] > told.letter[step, node])
            continue
        came, from_node, from_blank = _came_from(graph, told, step, node)
        if came:
            steps.append(step)
            if from_node < 0:
                return nodes[::-1], steps[::-1]
            node, in_blank = from_node, from_blank
            nodes.append(node)
        step -= 1


def _came_from(graph: Graph, told: _Told, step: int, node: int) -> tuple[bool, int, bool]:
    """Whether a letter began at this step, after which letter (-1: none), and out of its blank."""
    stayed = told.letter[step - 1, node] if step else _NEVER
    best, best_node, best_blank = stayed, node, False
    began = False
    if node in graph.first and told.before[step] >= best:
        best, best_node, began = told.before[step], -1, True
    for before in graph.all_before(node) if step else ():
        for blank in (True, False):
            if not blank and graph.symbol[before] == graph.symbol[node]:
                continue
            score = (told.blank if blank else told.letter)[step - 1, before]
            if score > best:
                best, best_node, best_blank, began = score, before, blank, True
    return began, best_node, best_blank
