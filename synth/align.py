"""Where in a sentence a word is said, given the same voice saying the word alone.

No recogniser is needed: the word's spectrogram is laid along the sentence's, each stretched by up
to two against the other, and the cheapest place wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.frontend import FrontEnd, FrontEndConfig
from .levels import Sound, to_int16

_HOP = 160
_SHORTEST = 4 * _HOP
_RANGE = 1.75
"""In the front end's units, 30 dB: what is further below the loudest is as good as silent."""

Spectrogram = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Span:
    """From sample to sample, and how unlike the two were there: 0 is the same sound."""

    start: int
    end: int
    cost: float


def locate(word: Sound, sentence: Sound) -> Span | None:
    """The stretch of `sentence` that is most like `word`; None where one of them is too short."""
    if min(len(word), 2 * len(sentence)) < _SHORTEST:
        return None
    ours, theirs = _spectrogram(word), _spectrogram(sentence)
    prices = _unlikeness(ours, theirs)
    costs, starts = _cheapest_ends(prices)
    last = int(np.argmin(costs))
    if not np.isfinite(costs[last]):
        return None
    end = min(len(sentence), (last + 1) * _HOP)
    return Span(int(starts[last]) * _HOP, end, float(costs[last]))


def _spectrogram(sound: Sound) -> Spectrogram:
    """Log-mel of 10 ms frames, each centred: what is said, not how loud."""
    config = FrontEndConfig(normalisation="log")
    frames = FrontEnd(config).whole(to_int16(sound / np.float32(np.abs(sound).max() + 1e-9) * 0.7))
    loud = np.maximum(frames, frames.max() - np.float32(_RANGE))
    centred: Spectrogram = loud - loud.mean(axis=1, keepdims=True)
    return centred


def _unlikeness(a: Spectrogram, b: Spectrogram) -> npt.NDArray[np.float32]:
    """[len(a), len(b)] distances: 0 alike, about 1 for two sounds that have nothing in common."""
    squares = (a * a).sum(1)[:, np.newaxis] + (b * b).sum(1) - 2 * a @ b.T
    scale = np.float32((a * a).sum(1).mean() + (b * b).sum(1).mean() + 1e-9)
    found: npt.NDArray[np.float32] = np.maximum(squares, 0) / scale
    return found


def _cheapest_ends(
    prices: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """For each column, what it costs to end there, per frame of the word, and where that began.

    From one cell to the next go one and one, one and two, or two and one: so a row needs only the
    two above it, and all its columns are done at once.
    """
    rows, columns = prices.shape
    before = np.full(columns, np.inf, np.float32)
    cost, start = prices[0].copy(), np.arange(columns)
    before_start = start
    for i in range(1, rows):
        steps = [
            (_moved(cost, 1) + prices[i], _moved(start, 1)),
            (_moved(cost, 2) + (_moved(prices[i], 1) + prices[i]) / 2, _moved(start, 2)),
            (_moved(before, 1) + prices[i - 1] + prices[i], _moved(before_start, 1)),
        ]
        choice = np.argmin([value for value, _ in steps], axis=0)
        before, before_start = cost, start
        cost = np.choose(choice, [value for value, _ in steps])
        start = np.choose(choice, [begun for _, begun in steps])
    return cost / rows, start


def _moved(row: npt.NDArray[Any], by: int) -> npt.NDArray[Any]:
    """A row as seen from `by` columns further on; before the first stands what can't be reached."""
    edge = np.inf if row.dtype.kind == "f" else 0
    return np.concatenate([np.full(by, edge, row.dtype), row[:-by]])
