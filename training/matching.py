"""Which firings are words, and what a threshold is worth: the arithmetic of an evaluation."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
import numpy.typing as npt

from .measure import Point, keeping

LATE_S = 1.0
"""Until so long after a labelled word's end, a firing is that word's."""

LIMITS_PER_HOUR = (0.1, 0.2, 0.5, 1.0, 2.0)

Window = tuple[int, int]
"""The first and last sample at which a firing is a word's."""


@dataclass(frozen=True)
class Counted(Point):
    """A threshold with its counts; a rate without hours to count over is no number."""

    misses: int
    false_accepts: int


def matched(windows: Sequence[Window], fired: Sequence[int]) -> list[int | None]:
    """For each word the firing that heard it, or None; no firing hears two words, no word twice.

    `windows` rise by their first sample, and so does `fired`. A firing in the windows of several
    unheard words is the word's whose window closes first: no other way hears more words.
    """
    heard: list[int | None] = [None] * len(windows)
    waiting: list[tuple[int, int]] = []
    begun = 0
    for sample in fired:
        while begun < len(windows) and windows[begun][0] <= sample:
            heappush(waiting, (windows[begun][1], begun))
            begun += 1
        while waiting and waiting[0][0] < sample:
            heappop(waiting)
        if waiting:
            heard[heappop(waiting)[1]] = sample
    return heard


def counted(
    thresholds: npt.NDArray[np.float64],
    heard: npt.NDArray[np.bool_],
    false_accepts: npt.NDArray[np.int64],
    hours: float,
) -> list[Counted]:
    """One point a threshold from `heard` [words, thresholds] and `false_accepts` [thresholds]."""
    misses = (~heard).sum(axis=0)
    return [
        Counted(
            threshold=float(thresholds[i]),
            miss_rate=float(misses[i]) / len(heard),
            false_accepts_per_hour=float(false_accepts[i]) / hours if hours else math.nan,
            misses=int(misses[i]),
            false_accepts=int(false_accepts[i]),
        )
        for i in range(len(thresholds))
    ]


def best_within(points: Sequence[Counted], limit_per_hour: float) -> Counted | None:
    """The point with the fewest misses among those that keep to a limit, None where none does.

    Of equals the highest threshold. A threshold counts as keeping to the limit only if every higher
    one does as well.
    """
    kept = keeping(points, limit_per_hour)
    return min(kept, key=lambda p: (p.misses, -p.threshold), default=None)


def point_at(points: Sequence[Counted], threshold: float) -> Counted:
    """The point of one of the thresholds that were asked."""
    return points[bisect_left(points, threshold, key=lambda p: p.threshold)]


def interval(count: int, of: int) -> tuple[float, float]:
    """Between which shares the true one lies, 19 times of 20 (Wilson's score interval)."""
    z, share = 1.96, count / of
    middle = share + z * z / (2 * of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    below = 1 + z * z / of
    return max(0.0, (middle - half) / below), min(1.0, (middle + half) / below)
