"""What a report shows and lets one hear: chosen, typical and odd recordings, and points."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from ..models.features import Frames
from ..synth.collection import shown
from ..synth.page import Markup
from ..synth.progress import Show
from .explore import Explored
from .explore_clip import Shown, card
from .explore_files import ExploreError
from .explore_means import SHUFFLED, mean_spectrograms
from .explore_near import Near
from .explore_pass import Hands
from .explore_sound import address_of
from .explore_store import Row, Store
from .explore_turning import Point

MOST_TYPICAL = 24
MOST_MEANS = 24
MOST_PAIRS = 12
_MOST_POINTS = 3_000
_MOST_HEARD, _HEARD_BYTES = 240, 2_000_000

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Sights:
    """Pieces of a page, made from the sounds themselves."""

    chosen: tuple[Markup, ...]
    typical: tuple[Markup, ...]
    odd: tuple[Markup, ...]
    pairs: tuple[tuple[Near, str, str], ...]
    """Two recordings that are nearly one, and the addresses of their sounds."""
    means: Mapping[str, tuple[int, Frames]]
    points: tuple[Point, ...]
    point_sounds: Mapping[int, str]
    point_cards: Mapping[int, str]


def gather(store: Store, hands: Hands, e: Explored, chosen: Sequence[Path], show: Show) -> Sights:
    """Read what is to be shown; raises `ExploreError` for a chosen recording that isn't there."""
    parts = [
        [_shown(store, row, whole=True) for row in _chosen(store, chosen)],
        [_shown(store, row, whole=True) for row in _typical(store, e)],
        [_shown(store, row, whole=False) for row in e.odd],
    ]
    points, ids = _points(store, e)
    with_card = {ids.index(row.id): f"odd-{row.id}" for row in e.odd if row.id in ids}
    heard = [n for n in _spaced(len(ids), _most_heard(e)) if n not in with_card]
    files = [store.path_of(store.rows("id = ?", ids[n])[0]) for n in heard]
    pairs = e.near[:MOST_PAIRS]
    sides = [store.path_of(row) for near in pairs for row in (near.first, near.second)]
    counted = _Counted(show, sum(map(len, parts)) + len(files) + len(sides))
    cards = counted(hands.over(card, [one for part in parts for one in part]))
    picked, typical, odd = [tuple(islice(cards, len(part))) for part in parts]
    sounds = list(counted(hands.over(address_of, files + sides)))
    of_sides = sounds[len(files) :]
    return Sights(
        chosen=picked,
        typical=typical,
        odd=odd,
        pairs=tuple(zip(pairs, of_sides[::2], of_sides[1::2], strict=True)),
        means=mean_spectrograms(store, hands, e.sounds.labels[:MOST_MEANS] if e.sounds else ()),
        points=tuple(points),
        point_sounds={n: sound for n, sound in zip(heard, sounds, strict=False) if sound},
        point_cards=with_card,
    )


def _most_heard(e: Explored) -> int:
    """So many sounds of points that they take two megabytes at the most."""
    usual_s = e.figures.seconds.percentiles[50] if e.figures.seconds else 1.0
    return min(_MOST_HEARD, round(_HEARD_BYTES / (3_000 + 7_000 * min(3.0, usual_s))))


class _Counted:
    """Passes things on and tells how many there were, through several rows of them."""

    def __init__(self, show: Show, total: int) -> None:
        self._show, self._total, self._done = show, total, 0

    def __call__(self, things: Iterator[Thing]) -> Iterator[Thing]:
        """The same things."""
        for thing in things:
            self._done += 1
            self._show(self._done, self._total)
            yield thing


def _chosen(store: Store, paths: Sequence[Path]) -> Iterator[Row]:
    for path in paths:
        inside = path.relative_to(store.folder) if path.is_relative_to(store.folder) else path
        found = store.rows("name = ?", os.fsencode(inside))
        if not found:
            raise ExploreError(
                f"--clip {shown(path)}: no such recording in {shown(store.folder)}; "
                "name one from the folder on"
            )
        yield found[0]


def _typical(store: Store, e: Explored) -> Iterator[Row]:
    for number in e.sounds.typical[:MOST_TYPICAL] if e.sounds else ():
        yield store.rows("id = ?", number)[0]


def _shown(store: Store, row: Row, *, whole: bool) -> Shown:
    columns = "said, seconds, level_dbfs, odd, rate_hz"
    said, seconds, level, odd, rate_hz = next(
        store.query(f"SELECT {columns} FROM clips WHERE id = ?", row.id)
    )
    told = [row.label, *([f"“{said}”"] if said != row.label else [])]
    told += [row.speaker] if row.speaker else []
    told.append(f"{seconds:.2f} s at {level:.0f} dBFS".replace("-", "−"))
    if not whole:
        told.append(f"{odd:.1f} times as far out as usual")
    anchor = "" if whole else f"odd-{row.id}"
    return Shown(store.path_of(row), shown(row.name), ", ".join(told), rate_hz, whole, anchor)


def _points(store: Store, e: Explored) -> tuple[list[Point], list[int]]:
    """All, or what stands out and a sample of the others; (points, their ids)."""
    labels = {name: n for n, name in enumerate(e.sounds.labels)} if e.sounds else {}
    kept = {row.id for row in e.odd}
    kept |= {
        n
        for (n,) in store.query(
            f"SELECT id FROM clips WHERE odd IS NOT NULL ORDER BY {SHUFFLED} LIMIT ?", _MOST_POINTS
        )
    }
    points, ids = [], []
    for n, label, name, x, y, z, odd in store.query(
        "SELECT id, label, name, x, y, z, odd FROM clips WHERE odd IS NOT NULL ORDER BY id"
    ):
        if n in kept and label in labels:
            points.append(Point(shown(os.fsdecode(name)), labels[label], (x, y, z), odd))
            ids.append(n)
    return points, ids


def _spaced(count: int, most: int) -> list[int]:
    """Numbers up to a count, as far apart as can be."""
    return [n * count // min(count, most) for n in range(min(count, most))]
