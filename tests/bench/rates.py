"""The arithmetic of an operating point: rates, how sure they are, and where errors are equal."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from wakeful.training.matching import interval

TRIAL_S = 3.0
"""For an equal-error rate: so much sound without the word is one chance to fire falsely."""


@dataclass(frozen=True)
class Operating:
    """What an engine does at one point: `fired` times in `seconds` without the word."""

    point: float
    heard: int
    words: int
    fired: int
    seconds: float

    @property
    def miss_rate(self) -> float:
        """The share of the words that it does not hear."""
        return 1 - self.heard / self.words

    @property
    def per_hour(self) -> float:
        """False accepts an hour."""
        return 3600 * self.fired / self.seconds

    @property
    def miss_interval(self) -> tuple[float, float]:
        """Wilson's, at 95 %."""
        return interval(self.words - self.heard, self.words)

    @property
    def per_hour_interval(self) -> tuple[float, float]:
        """Poisson's exact one, at 95 %."""
        low, high = poisson_interval(self.fired)
        return 3600 * low / self.seconds, 3600 * high / self.seconds

    @property
    def false_alarm_rate(self) -> float:
        """The share of the stretches of `TRIAL_S` in which it fires."""
        return min(1.0, self.fired * TRIAL_S / self.seconds)


def poisson_interval(count: int, miss: float = 0.05) -> tuple[float, float]:
    """Between which means the true one lies for a count, exactly: each end with half of `miss`."""
    low = _solved(lambda mean: 1 - _up_to(count - 1, mean), miss / 2) if count else 0.0
    return low, _solved(lambda mean: 1 - _up_to(count, mean), 1 - miss / 2)


def _up_to(count: int, mean: float) -> float:
    """The chance of at most `count` where `mean` are expected."""
    terms = (n * math.log(mean) - mean - math.lgamma(n + 1) for n in range(count + 1))
    return math.fsum(map(math.exp, terms))


def _solved(rising: Callable[[float], float], wanted: float) -> float:
    low, high = 1e-9, 1.0
    while rising(high) < wanted:
        high *= 2
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return high


def within(found: Sequence[Operating], limit_per_hour: float) -> Operating | None:
    """Of points that rise in strictness, the one with the fewest misses that keeps to a limit.

    A point keeps to it only if all stricter ones do; None where even the strictest doesn't.
    """
    kept: list[Operating] = []
    for operating in reversed(found):
        if operating.per_hour > limit_per_hour:
            break
        kept.append(operating)
    return max(kept, key=lambda o: o.heard, default=None)


def equal_error(found: Sequence[Operating]) -> float | None:
    """Where misses and false alarms are equally likely, between two points by a straight line.

    None where the swept points lie all on one side of it.
    """
    gaps = [(o.miss_rate - o.false_alarm_rate, o) for o in found]
    for (gap, less), (next_gap, more) in pairwise(gaps):
        if gap <= 0 <= next_gap:
            share = -gap / (next_gap - gap) if next_gap > gap else 0.0
            return less.miss_rate + share * (more.miss_rate - less.miss_rate)
    return None
