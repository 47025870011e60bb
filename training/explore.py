"""A data set of recordings, looked at: what it holds, what is wrong with it, and what stands out.

Two walks. In the first each recording is decoded and measured, and the figures go to a file; in the
second, what is to be said of all of them together is read from there, some at a time. So memory is
the same for a hundred recordings and for a hundred thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..synth.collection import shown
from ..synth.progress import Show
from .explore_figures import Figures, figures
from .explore_files import recordings
from .explore_labels import LabelSounds, label_sounds
from .explore_near import Near, Same, near_sounds, same_sounds
from .explore_pass import Hands, measure_all
from .explore_space import Space, find_space, place_all
from .explore_store import Row, Store

MOST_ODD = 24
_MOST_GROUPS = 40
_FEW_LABELS = 40


@dataclass(frozen=True)
class Explored:
    """All that a report tells; the sounds and pictures in it are read from the folder."""

    folder: Path
    figures: Figures
    same: tuple[Same, ...]
    near: tuple[Near, ...]
    near_untried: int
    sounds: LabelSounds | None
    space: Space | None
    odd: tuple[Row, ...]
    """The farthest out first."""


def explore(store: Store, hands: Hands, total: int, show: Show = lambda done, of: None) -> Explored:
    """Measure what a store lists, and sum it up; `total` is what `listed` gave."""
    measure_all(store, hands, total, show)
    space = find_space(store)
    if space:
        place_all(store, space)
    near, untried = near_sounds(store) if space else ([], 0)
    return Explored(
        folder=store.folder,
        figures=figures(store),
        same=tuple(same_sounds(store, _MOST_GROUPS)),
        near=tuple(near),
        near_untried=untried,
        sounds=label_sounds(store),
        space=space,
        odd=tuple(_odd(store)),
    )


def _odd(store: Store) -> list[Row]:
    """The farthest out, of no label more than a quarter: all noise is far from all words."""
    labels = int(store.one("SELECT count(DISTINCT label) FROM clips WHERE odd IS NOT NULL"))
    ranked = (
        "id IN (SELECT id FROM (SELECT id, odd, name, row_number() OVER "
        "(PARTITION BY label ORDER BY odd DESC, name) AS place FROM clips WHERE odd IS NOT NULL) "
        "WHERE place <= ?) ORDER BY odd DESC, name LIMIT ?"
    )
    return store.rows(ranked, MOST_ODD if labels < 4 else MOST_ODD // 4, MOST_ODD)


def listed(store: Store) -> int:
    """Note what the folder holds; raises `ExploreError` where it holds nothing."""
    total = store.note(recordings(store.folder))
    kinds = int(store.one("SELECT count(DISTINCT label) FROM clips"))
    if kinds > max(_FEW_LABELS, total // 2):
        # Sentences: each has a text of its own, and no two can be compared.
        store.change("UPDATE clips SET label = ?", shown(store.folder.resolve().name))
    return total
