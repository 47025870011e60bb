"""How the values of a figure are spread: exact percentiles, and bars for a histogram."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .explore_store import Store

SHARES = (*range(0, 100, 10), *range(91, 101))
"""Every tenth, and from the ninetieth on every one."""
_BARS = 40
_AT_ONCE = 4_096


@dataclass(frozen=True)
class Spread:
    """Of so many values; what lies beyond the edges is counted in the first or the last bar."""

    count: int
    percentiles: Mapping[int, float]
    edges: tuple[float, ...]
    counts: tuple[int, ...]


def spread(store: Store, value: str, edges: Sequence[float] | None = None) -> Spread | None:
    """Of a column of what was measured; None of no values.

    Without edges there are 40 bars of a round width, from 0 to where hardly anything lies beyond.
    """
    where = f"FROM clips WHERE + AND {value} IS NOT NULL"
    count = int(store.one(f"SELECT count({value}) {where}"))
    if not count:
        return None
    text = f"SELECT {value} {where} ORDER BY {value}"
    found = percentiles((row[0] for row in store.query(text)), count)
    ends = np.asarray(edges if edges is not None else _round_edges(found[99]), np.float64)
    counts = np.zeros(len(ends) - 1, np.int64)
    for part in _parts(store.query(f"SELECT {value} {where}")):
        counts += np.histogram(np.clip(part, ends[0], ends[-1]), ends)[0]
    return Spread(count, found, tuple(ends.tolist()), tuple(counts.tolist()))


def percentiles(rising: Iterator[float], count: int) -> dict[int, float]:
    """By rank, of so many values in order, with straight lines between two; as numpy's."""
    at = {share: share / 100 * (count - 1) for share in SHARES}
    wanted = {r for rank in at.values() for r in (math.floor(rank), math.ceil(rank))}
    values = {i: value for i, value in enumerate(rising) if i in wanted}
    return {share: _between(values, rank) for share, rank in at.items()}


def _between(values: Mapping[int, float], rank: float) -> float:
    low, high = values[math.floor(rank)], values[math.ceil(rank)]
    return round(low + (high - low) * (rank % 1), 6)


def _round_edges(most: float) -> list[float]:
    """40 bars to just beyond a value, each 1, 2, 2.5 or 5 of a power of ten wide."""
    least = max(most, 1e-6) * 1.02 / _BARS
    power = 10 ** math.floor(math.log10(least))
    width = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= least * (1 - 1e-9))
    return [i * width for i in range(_BARS + 1)]


def _parts(rows: Iterator[tuple[float]]) -> Iterator[list[float]]:
    part: list[float] = []
    for (value,) in rows:
        part.append(value)
        if len(part) == _AT_ONCE:
            yield part
            part = []
    if part:
        yield part
