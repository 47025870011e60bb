"""The same recording twice: to the last sample, or once more at another level, length or quality.

Two copies sound alike, and that is looked for among all pairs: in order of the widest main axis
only those can be near whose places on it are. What is found is then laid over each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .corpora import Clip
from .corpora_sound import read_clip, resampled
from .corpus import CorpusError
from .explore_measure import SHAPE
from .explore_store import Row, Store

NEAREST = 0.2
"""Of two shapes of length 1; nine of ten copies through Opus or Vorbis lie half as far away."""
ALIKE = 0.95
"""So well two recordings must match when one is moved over the other."""
_RATE_HZ = 8_000
_LONGEST_S = 10.0
_BLOCK = 1_024
_MOST_TRIED = 2_000
_MOST_NEAR = 20_000
_PER_CLIP = 6

Shapes = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Same:
    """Recordings that hold the very same samples."""

    clips: tuple[Row, ...]
    count: int
    silent: bool


@dataclass(frozen=True)
class Near:
    """Two recordings of which one is nearly the other; 1 is a match to a factor."""

    first: Row
    second: Row
    match: float


def same_sounds(store: Store, most: int, named: int = 12) -> list[Same]:
    """Groups of equal recordings, the largest first, and the first few of each."""
    groups = store.query(
        "SELECT digest, count(*), max(level_dbfs) FROM clips WHERE + GROUP BY digest "
        "HAVING count(*) > 1 ORDER BY count(*) DESC, min(name) LIMIT ?",
        most,
    )
    found = []
    for digest, count, level in list(groups):
        rows = store.rows("digest = ? ORDER BY name LIMIT ?", digest, named)
        found.append(Same(tuple(rows), count, level <= -119))
    return found


def near_sounds(store: Store) -> tuple[list[Near], int]:
    """Pairs that are one recording, the best match first, and how many were left untried.

    What two pairs lead to already is not tried by a third.
    """
    pairs = sorted(_candidates(store))
    found: list[Near] = []
    copies, tried = _Copies(), 0
    for place, (_, a, b) in enumerate(pairs):
        if tried == _MOST_TRIED:
            return sorted(found, key=lambda n: -n.match), len(pairs) - place
        if not copies.known(a, b):
            tried += 1
            if near := _tried(store, a, b):
                found.append(near)
                copies.join(a, b)
    return sorted(found, key=lambda n: -n.match), 0


class _Copies:
    """Which recordings are known to be one."""

    def __init__(self) -> None:
        self._of: dict[int, set[int]] = {}

    def known(self, a: int, b: int) -> bool:
        """Whether a way leads from one to the other."""
        return b in self._of.get(a, ())

    def join(self, a: int, b: int) -> None:
        """They are one."""
        both = self._of.get(a, {a}) | self._of.get(b, {b})
        self._of.update(dict.fromkeys(both, both))


def groups_of(pairs: Sequence[Near]) -> list[list[Row]]:
    """Recordings that are all nearly one, the largest group first: a copy's copy is a copy."""
    groups: dict[int, list[Row]] = {}
    for near in pairs:
        first = groups.setdefault(near.first.id, [near.first])
        second = groups.setdefault(near.second.id, [near.second])
        if first is not second:
            first += second
            groups.update(dict.fromkeys((row.id for row in second), first))
    found = {id(group): group for group in groups.values()}
    for group in found.values():
        group.sort(key=lambda row: row.name)
    return sorted(found.values(), key=lambda group: (-len(group), group[0].name))


def _candidates(store: Store) -> Iterator[tuple[float, int, int]]:
    """(distance, id, id) of those that sound alike; of each recording only its nearest few."""
    taken: dict[int, int] = {}
    for apart, a, b in nsmallest(_MOST_NEAR, near_pairs(store, NEAREST)):
        if taken.get(a, 0) < _PER_CLIP and taken.get(b, 0) < _PER_CLIP:
            taken[a], taken[b] = taken.get(a, 0) + 1, taken.get(b, 0) + 1
            yield apart, a, b


def near_pairs(store: Store, nearest: float) -> Iterator[tuple[float, int, int]]:
    """(distance, id, id) of each two that lie no farther apart, but for equal recordings."""
    at = 0
    while len(block := _block(store, at)):
        yield from _within(block, block, nearest, same=True)
        beyond = at + _BLOCK
        while len(other := _block(store, beyond)) and other.x[0] - block.x[-1] <= nearest:
            yield from _within(block, other, nearest, same=False)
            beyond += _BLOCK
        at += _BLOCK


@dataclass(frozen=True)
class _Block:
    ids: Sequence[int]
    x: Sequence[float]
    digests: npt.NDArray[np.int64]
    shapes: Shapes

    def __len__(self) -> int:
        return len(self.ids)


def _block(store: Store, at: int) -> _Block:
    text = (
        "SELECT id, x, digest, shape FROM clips JOIN spectra USING (id) WHERE x IS NOT NULL "
        "ORDER BY x, id LIMIT ? OFFSET ?"
    )
    rows = list(store.query(text, _BLOCK, at))
    shapes = np.frombuffer(b"".join(row[3] for row in rows), "<f2")
    shapes = shapes.reshape(-1, SHAPE).astype(np.float32)
    digests = np.array([hash(row[2]) for row in rows], np.int64)
    return _Block([row[0] for row in rows], [row[1] for row in rows], digests, shapes)


def _within(
    a: _Block, b: _Block, nearest: float, *, same: bool
) -> Iterator[tuple[float, int, int]]:
    squares = (a.shapes**2).sum(axis=1)[:, np.newaxis] + (b.shapes**2).sum(axis=1)
    apart = np.sqrt(np.maximum(squares - 2 * a.shapes @ b.shapes.T, 0))
    if same:
        apart[np.tril_indices(len(a))] = np.inf
    apart[a.digests[:, np.newaxis] == b.digests] = np.inf
    for i, j in zip(*np.nonzero(apart <= nearest), strict=True):
        yield float(apart[i, j]), a.ids[i], b.ids[j]


def _tried(store: Store, a: int, b: int) -> Near | None:
    first, second = (store.rows("id = ?", n)[0] for n in (a, b))
    try:
        sounds = [_read(store.path_of(row)) for row in (first, second)]
    except CorpusError:  # gone since it was measured
        return None
    match = best_match(*sounds)
    return Near(first, second, round(match, 3)) if match >= ALIKE else None


def _read(path: Path) -> npt.NDArray[np.float32]:
    return resampled(read_clip(Clip(path, "", length_s=_LONGEST_S)), 16_000, _RATE_HZ)


def best_match(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> float:
    """The highest correlation of two sounds at any shift, 1 at the most; either way up."""
    a, b = a - a.mean(), b - b.mean()
    size = 1 << (len(a) + len(b)).bit_length()
    product = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    power = float(np.sqrt(np.dot(a, a) * np.dot(b, b)))
    return float(np.abs(product).max()) / power if power > 0 else 0.0
