"""What the recordings of a label have in common, and which labels sound like one another.

Two walks over all spectra: sums and counts for each label, then which label's mean is the nearest
to each recording. What is kept grows with the labels, never with the recordings.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .explore_measure import BINS, SHAPE
from .explore_store import Spectra, Store

MOST_LABELS = 40
BAND_EDGES_HZ = (100, 200, 300, 450, 650, 1_000, 1_500, 2_200, 3_200, 4_000, 5_500, 8_000)
LEVEL_EDGES_DB = np.arange(-60.0, 0.5, 1.0)
_BIN_HZ = 50
_FEWEST_IN_COMMON = 2

Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LabelSounds:
    """Arrays over labels, in the order of `labels`; dB are of a recording's whole power."""

    labels: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    spectra: Table
    """[labels, BINS]: the mean level in each 50 Hz."""
    levels: npt.NDArray[np.int64]
    """[labels, bands, levels]: how often a band had a level."""
    apart: Table
    """[bands]: how far apart labels lie in a band, against how far recordings of one do."""
    alike: Table
    """[labels, labels]: correlation of the mean shapes, seen from the mean of all."""
    nearest: npt.NDArray[np.int64]
    """[labels, labels]: recordings of a label (row) that a linear discriminant gives to each."""
    typical: tuple[int, ...]
    """Of each label the recording that is nearest to its mean."""

    @property
    def right(self) -> float:
        """The share of recordings that it gives to their own label."""
        return float(np.trace(self.nearest) / max(1, self.nearest.sum()))


def label_sounds(store: Store) -> LabelSounds | None:
    """Of the 40 labels with most recordings; None where nothing was measured."""
    labels = [
        label
        for (label,) in store.query(
            "SELECT label FROM clips WHERE + GROUP BY label ORDER BY count(*) DESC, label LIMIT ?",
            MOST_LABELS,
        )
    ]
    if not labels:
        return None
    labels.sort()
    sums = _Sums(labels)
    for names, spectra, shapes in store.spectra():
        sums.add(names, spectra, shapes)
    means = sums.means()
    nearest, typical = _nearest(store, labels, means, sums.weights())
    return LabelSounds(
        labels=tuple(labels),
        counts=sums.counts,
        spectra=sums.spectra / np.maximum(1, sums.counts)[:, np.newaxis],
        levels=sums.levels,
        apart=sums.apart(),
        alike=_alike(means, sums.sounding),
        nearest=nearest,
        typical=typical,
    )


class _Sums:
    """What is added up over all recordings."""

    def __init__(self, labels: list[str]) -> None:
        self._rows = {label: row for row, label in enumerate(labels)}
        bands = len(BAND_EDGES_HZ) - 1
        self.counts = np.zeros(len(labels), np.int64)
        self.sounding = np.zeros(len(labels), np.int64)
        self.spectra = np.zeros((len(labels), BINS))
        self.shapes = np.zeros((len(labels), SHAPE))
        self.squares = np.zeros((SHAPE, SHAPE))
        self.levels = np.zeros((len(labels), bands, len(LEVEL_EDGES_DB) - 1), np.int64)

    def add(self, names: list[str], spectra: Spectra, shapes: Spectra) -> None:
        """Some recordings; those of rare labels are left out."""
        kept = [i for i, name in enumerate(names) if name in self._rows]
        rows = np.array([self._rows[names[i]] for i in kept], np.int64)
        heard = np.any(shapes[kept], axis=1)
        np.add.at(self.counts, rows, 1)
        np.add.at(self.sounding, rows, heard)
        np.add.at(self.spectra, rows, spectra[kept])
        np.add.at(self.shapes, rows, shapes[kept])
        self.squares += shapes[kept].T.astype(np.float64) @ shapes[kept]
        levels = band_levels(spectra[kept])
        bins = np.clip(np.digitize(levels, LEVEL_EDGES_DB) - 1, 0, len(LEVEL_EDGES_DB) - 2)
        np.add.at(self.levels, (rows[:, np.newaxis], np.arange(levels.shape[1]), bins), 1)

    def means(self) -> Table:
        """[labels, SHAPE]: the mean shape of each."""
        found: Table = self.shapes / np.maximum(1, self.sounding)[:, np.newaxis]
        return found

    def weights(self) -> Table:
        """[SHAPE, SHAPE]: what differs inside of labels counts for little, as in any discriminant.

        A twentieth of the mean variance is added to each, or few recordings would tell too much.
        """
        means = self.means()
        between = means.T @ (means * self.sounding[:, np.newaxis])
        inside = (self.squares - between) / max(1, self.sounding.sum())
        usual = max(float(np.trace(inside)) / SHAPE, 1e-9)
        found: Table = np.linalg.inv(inside + 0.05 * usual * np.eye(SHAPE))
        return found

    def apart(self) -> Table:
        """Variance of the labels' means over the mean variance inside of them, by band."""
        middles = (LEVEL_EDGES_DB[:-1] + LEVEL_EDGES_DB[1:]) / 2
        counts = np.maximum(1, self.levels.sum(axis=2))
        means = (self.levels * middles).sum(axis=2) / counts
        squares = (self.levels * middles**2).sum(axis=2) / counts
        inside = np.maximum(squares - means**2, 1e-3).mean(axis=0)
        found: Table = means.var(axis=0) / inside
        return found


def band_levels(spectra: npt.ArrayLike) -> Table:
    """[n, bands]: the level of each band, from spectra [n, BINS] in dB."""
    power = 10 ** (np.asarray(spectra, np.float64) / 10)
    edges = [hz // _BIN_HZ for hz in BAND_EDGES_HZ]
    bands = [power[:, low:high].sum(axis=1) for low, high in pairwise(edges)]
    levels: Table = 10 * np.log10(np.stack(bands, axis=1) + 1e-9)
    return levels


def _alike(means: Table, counts: npt.NDArray[np.int64]) -> Table:
    """Correlations; a label in which nothing sounds is like no other."""
    if len(means) < _FEWEST_IN_COMMON:
        return np.ones((len(means), len(means)))
    middle = np.average(means, axis=0, weights=np.maximum(counts, 1e-9))
    seen = means - middle
    seen[counts == 0] = 0
    lengths = np.maximum(np.linalg.norm(seen, axis=1), 1e-12)
    alike: Table = seen @ seen.T / np.outer(lengths, lengths)
    np.fill_diagonal(alike, 1.0)
    return alike


def _nearest(
    store: Store, labels: list[str], means: Table, weights: Table
) -> tuple[npt.NDArray[np.int64], tuple[int, ...]]:
    """(recordings by own and by nearest label, the most typical recording of each label)."""
    rows = {label: row for row, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), np.int64)
    best: dict[int, tuple[float, int]] = {}
    for ids, names, shapes in store.labelled_shapes():
        squares = (shapes**2).sum(axis=1)[:, np.newaxis] + (means**2).sum(axis=1)
        apart = squares - 2 * shapes @ means.T
        judged = (means @ weights * means).sum(axis=1) - 2 * shapes @ weights @ means.T
        for i, name in enumerate(names):
            if name in rows:
                own = rows[name]
                counts[own, int(judged[i].argmin())] += 1
                best[own] = min(best.get(own, (np.inf, 0)), (float(apart[i, own]), ids[i]))
    return counts, tuple(best[row][1] for row in sorted(best))
