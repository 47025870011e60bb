"""Where each recording lies among all, and which lie far out: principal components.

Sums over all recordings give the covariance; its main axes are drawn, and how far out a recording
lies is judged along all that hold 90 % of what differs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .explore_measure import SHAPE
from .explore_store import Store

DRAWN = 3
_SHARE = 0.9
_LEAST = 1e-9

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Space:
    """A mean and the main axes around it, the widest first: [SHAPE], [axes, SHAPE], [axes]."""

    mean: Matrix
    axes: Matrix
    deviations: Matrix
    shares: tuple[float, ...]
    """Of all that differs, what lies along each axis that is drawn."""

    def places(self, shapes: npt.NDArray[np.float32]) -> Matrix:
        """[n, axes]: along each axis, from the mean."""
        placed: Matrix = (shapes.astype(np.float64) - self.mean) @ self.axes.T
        return placed

    def oddness(self, places: Matrix) -> Matrix:
        """[n]: how far out, in deviations; 1 is usual."""
        apart: Matrix = np.sqrt(np.mean((places / self.deviations) ** 2, axis=1))
        return apart


def find_space(store: Store) -> Space | None:
    """From one walk over all shapes; None of less than two recordings that differ."""
    count, total, squares = 0, np.zeros(SHAPE), np.zeros((SHAPE, SHAPE))
    for _, shapes in store.shapes():
        sounding = shapes[np.any(shapes, axis=1)].astype(np.float64)
        count += len(sounding)
        total += sounding.sum(axis=0)
        squares += sounding.T @ sounding
    if count < 2:
        return None
    mean = total / count
    return _main_axes(mean, squares / count - np.outer(mean, mean))


def _main_axes(mean: Matrix, covariance: Matrix) -> Space | None:
    variances, vectors = np.linalg.eigh(covariance)
    variances, vectors = variances[::-1], vectors[:, ::-1].T
    whole = float(variances.clip(0).sum())
    if whole < _LEAST:
        return None
    several = int(np.searchsorted(np.cumsum(variances) / whole, _SHARE)) + 1
    kept = max(DRAWN, several)
    axes = vectors[:kept]
    # Either direction is right; the same one every time lets two reports be compared.
    axes = axes * np.sign(axes[np.arange(kept), np.abs(axes).argmax(axis=1)])[:, np.newaxis]
    deviations = np.sqrt(np.maximum(variances[:kept], _LEAST * whole))
    shares = tuple(float(v) for v in variances[:DRAWN].clip(0) / whole)
    return Space(mean, axes, deviations, shares)


def place_all(store: Store, space: Space) -> None:
    """Note where each recording lies; those in which nothing sounds lie nowhere."""
    store.change("UPDATE clips SET x = NULL, y = NULL, z = NULL, odd = NULL")
    for ids, shapes in store.shapes():
        placed = space.places(shapes)
        odd = space.oddness(placed)
        rows = [
            (*placed[i, :DRAWN].tolist(), float(odd[i]), ids[i])
            for i in np.flatnonzero(np.any(shapes, axis=1))
        ]
        store.change_all("UPDATE clips SET x = ?, y = ?, z = ?, odd = ? WHERE id = ?", rows)
    store.change("CREATE INDEX IF NOT EXISTS along ON clips (x)")
    store.save()
