"""From a digit network's tokens step by step to what was said: one label, or a string with places.

`rows` are [steps, tokens], natural logarithms of probabilities, CTC's blank last, numpy only. A
digit recognizer needs no letters and no language model, so what `ctc` does for text is done here
for a dozen tokens, and exactly where that is possible: how likely it is that one token and nothing
else was said is summed over all the ways in which it may lie in time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]
Tokens = tuple[int, ...]

_IMPOSSIBLE = -math.inf


@dataclass(frozen=True)
class Heard:
    """A string of tokens, and the logarithm of its probability."""

    tokens: Tokens
    score: float


def label_scores(rows: Rows) -> Scores:
    """[tokens]: the log-probability that this token alone was said; of the blank, that nothing was.

    Over no steps at all nothing was said for sure.
    """
    blank = rows[:, -1].astype(np.float64)
    tokens = rows[:, :-1].astype(np.float64)
    count = tokens.shape[1]
    before = 0.0
    inside = np.full(count, _IMPOSSIBLE)
    behind = np.full(count, _IMPOSSIBLE)
    for now, none in zip(tokens, blank, strict=True):
        behind = np.logaddexp(behind, inside) + none
        inside = np.logaddexp(inside, before) + now
        before += none
    return np.append(np.logaddexp(inside, behind), before)


def strings(rows: Rows, width: int = 12, least: float = -7.0) -> list[Heard]:
    """The likeliest strings, best first, by prefix beam search; `[Heard((), 0.0)]` for no steps.

    Tokens below `least` in a step are not tried in it.
    """
    kept: dict[Tokens, tuple[float, float]] = {(): (0.0, _IMPOSSIBLE)}
    for row in rows:
        kept = _advanced(kept, row.tolist(), width, least)
    heard = [Heard(tokens, _either(*pair)) for tokens, pair in kept.items()]
    return sorted(heard, key=lambda h: -h.score)


def _advanced(
    kept: dict[Tokens, tuple[float, float]], row: list[float], width: int, least: float
) -> dict[Tokens, tuple[float, float]]:
    """Prefix -> (its score ending in a blank, ending in its last token), one step later."""
    *prices, none = row
    tried = [t for t, price in enumerate(prices) if price > least]
    after: dict[Tokens, list[float]] = {}
    for prefix, (blank, token) in kept.items():
        total = _either(blank, token)
        stays = after.setdefault(prefix, [_IMPOSSIBLE, _IMPOSSIBLE])
        stays[0] = _either(stays[0], total + none)
        if prefix:
            stays[1] = _either(stays[1], token + prices[prefix[-1]])
        for t in tried:
            came = blank if prefix and t == prefix[-1] else total
            if came > _IMPOSSIBLE:
                longer = after.setdefault((*prefix, t), [_IMPOSSIBLE, _IMPOSSIBLE])
                longer[1] = _either(longer[1], came + prices[t])
    best = sorted(after, key=lambda p: -_either(*after[p]))[:width]
    return {prefix: (after[prefix][0], after[prefix][1]) for prefix in best}


def placed(rows: Rows, tokens: Tokens) -> list[tuple[int, int]]:
    """The steps [first, end) in which each token of a string is said, on the likeliest way.

    Empty where the steps are too few to say the string in.
    """
    states = _with_blanks(tokens, rows.shape[1] - 1)
    came = np.zeros((len(rows), len(states)), np.int64)
    best = np.full(len(states), _IMPOSSIBLE)
    for step, row in enumerate(rows.astype(np.float64)):
        best, came[step] = _best_way(best, states, first=step == 0)
        best = best + row[states]
    if not tokens or not len(rows) or np.max(best[-2:]) == _IMPOSSIBLE:
        return []
    state = len(states) - 1 - int(best[-2] > best[-1])
    path = [state]
    for step in range(len(rows) - 1, 0, -1):
        state -= int(came[step, state])
        path.append(state)
    at = np.array(path[::-1])
    found = [np.flatnonzero(at == 2 * n + 1) for n in range(len(tokens))]
    return [(int(steps[0]), int(steps[-1]) + 1) for steps in found]


def _with_blanks(tokens: Tokens, blank: int) -> npt.NDArray[np.int64]:
    states = np.full(2 * len(tokens) + 1, blank)
    states[1::2] = tokens
    return states


def _best_way(
    best: Scores, states: npt.NDArray[np.int64], *, first: bool
) -> tuple[Scores, npt.NDArray[np.int64]]:
    """Into each state by staying (0), from the one before (1), or past a blank (2)."""
    if first:
        begun = np.full(len(states), _IMPOSSIBLE)
        begun[:2] = 0.0
        return begun, np.zeros(len(states), np.int64)
    ways = np.full((3, len(states)), _IMPOSSIBLE)
    ways[0] = best
    ways[1, 1:] = best[:-1]
    # Between two tokens of a kind a blank must lie, or they would be one.
    may_skip = np.zeros(len(states), bool)
    may_skip[2:] = (states[2:] != states[:-2]) & (np.arange(2, len(states)) % 2 == 1)
    ways[2, 2:] = np.where(may_skip[2:], best[:-2], _IMPOSSIBLE)
    by = ways.argmax(axis=0)
    return ways[by, np.arange(len(states))], by


def _either(a: float, b: float) -> float:
    """The logarithm of the sum of what two are the logarithms of."""
    high, low = (a, b) if a >= b else (b, a)
    return high if low == _IMPOSSIBLE else high + math.log1p(math.exp(low - high))
