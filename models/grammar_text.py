"""A text against a grammar: the sentence that takes the fewest letters to mend.

For recognizers that write whatever they hear: their "turn of the kitchens light" is a command too.
Letters are left out, put in or exchanged; the graph is walked once, a row of prices a letter. A
text that is a sentence already, as a decoder writes that knows the grammar, is only followed,
which takes a fiftieth of the time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .grammar_graph import Graph
from .letters import encode

Prices = npt.NDArray[np.int32]

MISSING, EXCHANGED = 2, 3
"""What a letter too many or too few costs, and a wrong one: "of" is rather "off" than "on"."""


@dataclass(frozen=True)
class Mended:
    """The letters of the sentence, where in the text each lies, and what it cost in letters."""

    nodes: tuple[int, ...]
    places: tuple[int, ...]
    mended: float


def nearest_path(graph: Graph, text: str) -> Mended | None:
    """The sentence nearest to a plain text; None where there is no text."""
    letters = np.array(encode(text), np.int32)
    if not len(letters):
        return None
    if nodes := exact_path(graph, letters):
        return Mended(nodes, tuple(range(len(letters))), 0.0)
    rows = _prices(graph, letters)
    node = int(graph.last[rows[graph.last, -1].argmin()])
    nodes, places = _traced(graph, letters, rows, node)
    return Mended(nodes, places, float(rows[node, -1]) / MISSING)


def exact_path(graph: Graph, letters: Prices) -> tuple[int, ...] | None:
    """The letters of the sentence that is written so, of several the first; None if there is none.

    From each letter's place on, all ways are followed at once.
    """
    single = np.flatnonzero(graph.before < len(graph))
    along: list[npt.NDArray[np.bool_]] = []
    for at, letter in enumerate(letters):
        came = np.zeros(len(graph), bool)
        if not at:
            came[graph.first] = True
        else:
            came[single] = along[-1][graph.before[single]]
            if len(graph.many):
                before = along[-1][graph.many_before]
                came[graph.many] = np.logical_or.reduceat(before, graph.many_at)
        along.append(came & (graph.symbol == letter))
        if not along[-1].any():
            return None
    ends = graph.last[along[-1][graph.last]]
    if not len(ends):
        return None
    nodes = [int(ends[0])]
    for reached in along[-2::-1]:
        nodes.append(min(node for node in graph.all_before(nodes[-1]) if reached[node]))
    return tuple(nodes[::-1])


def _prices(graph: Graph, letters: Prices) -> Prices:
    """[letters of the graph + 1, letters of the text + 1]; the last row is before all sentences."""
    along = MISSING * np.arange(len(letters) + 1, dtype=np.int32)
    rows = np.full((len(graph) + 1, len(along)), 1 << 20, np.int32)
    rows[-1] = along
    first = set(graph.first.tolist())
    for node in range(len(graph)):
        before = graph.all_before(node)
        came = rows[before].min(axis=0) if before else rows[node]
        if node in first:
            came = np.minimum(came, along)
        row = came + MISSING
        differs = EXCHANGED * (letters != graph.symbol[node]).astype(np.int32)
        row[1:] = np.minimum(row[1:], came[:-1] + differs)
        # Letters of the text that are no one's, after the best place to the left.
        rows[node] = np.minimum.accumulate(row - along) + along
    return rows


def _traced(
    graph: Graph, letters: Prices, rows: Prices, node: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    nodes: list[int] = []
    places: list[int] = []
    at = len(letters)
    while node >= 0:
        # What is no one's belongs to the letter that it follows.
        while (
            at
            and rows[node, at] == rows[node, at - 1] + MISSING
            and not _begins(graph, letters, rows, node, at)
        ):
            at -= 1
        before, used = _before(graph, letters, rows, node, at)
        nodes.append(node)
        at -= used
        places.append(at)
        node = before
    return tuple(nodes[::-1]), tuple(places[::-1])


def _begins(graph: Graph, letters: Prices, rows: Prices, node: int, at: int) -> bool:
    """Whether a letter of the graph may begin so that this is its price."""
    return any(price == rows[node, at] for price, *_ in _ways(graph, letters, rows, node, at))


def _before(graph: Graph, letters: Prices, rows: Prices, node: int, at: int) -> tuple[int, int]:
    """The letter before, -1 for none, and how many letters of the text this one took."""
    _, before, used = min(_ways(graph, letters, rows, node, at))
    return before, used


def _ways(
    graph: Graph, letters: Prices, rows: Prices, node: int, at: int
) -> list[tuple[int, int, int]]:
    came = [(before, rows[before]) for before in graph.all_before(node)]
    if node in graph.first:
        came.append((-1, rows[-1]))
    found = [(int(row[at]) + MISSING, before, 0) for before, row in came]
    if at:
        price = EXCHANGED * int(letters[at - 1] != graph.symbol[node])
        found += [(int(row[at - 1]) + price, before, 1) for before, row in came]
    return found
