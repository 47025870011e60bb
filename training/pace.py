"""How fast this machine is at each stage, and what it gets done in so many minutes.

Measured once, when a run begins, and written down as counts with the recipe: a run that goes on
after a kill, or is done again elsewhere with that recipe, does the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

CLIPS_SHARE, FIT_SHARE = 0.42, 0.45
"""Of the time. What is left goes to starting, mining, exporting and measuring."""
KIND_SHARES = {"positive": 0.6, "hard": 0.18, "sentence": 0.22}
"""Voices of the word help most: twice as many, and up to a third fewer people are missed."""
_MOST_CLIPS, _FEWEST_CLIPS = 10_500, 240
_SCORED = 3.0
"""Scoring takes a third of the time of fitting."""
_MOST_EXAMPLES, _SHARD = 26_000, 2_000
"""More of the same voices are learned by heart: of four pairs of fits the longer was the worse."""
MOST_WAYS, _FEWEST_OF_A_WAY = 3, 10_000
HEAD_EPOCHS, FIRST_EPOCHS, WAY_EPOCHS, SECOND_EPOCHS = 1, 2, 3, 3
CANDIDATES, MINED_PART = 2, 3
"""The miner goes through twice as many mixtures, and a third as many of them are learned from."""


@dataclass(frozen=True)
class Pace:
    """What all processes together do in a second."""

    clips_per_s: float
    mixed_per_s: float
    fitted_per_s: float


def clips_in(minutes: float, pace: Pace) -> dict[str, int]:
    """How many clips of each kind."""
    total = max(_FEWEST_CLIPS, _clips(minutes, pace))
    return {kind: round(total * s) for kind, s in KIND_SHARES.items()}


def _clips(minutes: float, pace: Pace) -> float:
    return min(_MOST_CLIPS, 60 * minutes * CLIPS_SHARE * pace.clips_per_s)


def examples_in(minutes: float, pace: Pace) -> tuple[int, int]:
    """How many ways, and how many examples each, there is time for.

    To mix, to fit, to mine by, and to fit again with more. What the clips leave of their time,
    because they are there or are as many as anybody needs, is the fits'. Few examples are better
    spent on fewer ways.
    """
    left_s = 60 * minutes * (CLIPS_SHARE + FIT_SHARE) - _clips(minutes, pace) / pace.clips_per_s
    for ways in range(MOST_WAYS, 0, -1):
        whole = int(left_s / _each_s(ways, pace) / _SHARD) * _SHARD
        if ways == 1 or whole >= _FEWEST_OF_A_WAY:
            break
    return ways, max(_SHARD, min(_MOST_EXAMPLES, whole))


def _each_s(ways: int, pace: Pace) -> float:
    """The time for one more example of each way."""
    more = 1.5 / MINED_PART
    once = HEAD_EPOCHS + FIRST_EPOCHS + ways * WAY_EPOCHS
    passes = once + SECOND_EPOCHS * (1 + more) + CANDIDATES / _SCORED
    return (ways + CANDIDATES + more) / pace.mixed_per_s + passes / pace.fitted_per_s


def per_second(work: Callable[[], int]) -> float:
    """`work` says how many it did."""
    began = time.perf_counter()
    return work() / max(1e-6, time.perf_counter() - began)
