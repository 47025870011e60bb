"""How often each value comes up, as bars in a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..synth.page import Markup, joined
from .strokes import NAMES, box, chart, legend, line, text

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 180, 8, 28, 8
_MOST_TICKS = 6
"""On a phone they are written larger."""


@dataclass(frozen=True)
class Series:
    """Values of one kind."""

    name: str
    values: Sequence[float]


def counts(values: Sequence[float], edges: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """How many lie between each two edges; what is beyond the last edges lies in the last bars."""
    inside = np.clip(np.asarray(values, np.float64), edges[0], edges[-1])
    return np.histogram(inside, edges)[0].astype(np.int64)


def histogram(series: Sequence[Series], edges: npt.NDArray[np.float64], unit: str) -> Markup:
    """Bars side by side in each interval, an axis below, and what the colours mean.

    Each kind is drawn to its own highest bar, or the rarer one could not be seen; a bar tells its
    count to who points at it.
    """
    found = [counts(s.values, edges) for s in series]
    bars = [
        _bar(name, i, len(edges) - 1, n, len(found), int(count), int(row.max()))
        for n, (name, row) in enumerate(zip(NAMES, found, strict=False))
        for i, count in enumerate(row)
        if count
    ]
    said = "; ".join(f"{len(s.values)} {s.name}" for s in series)
    drawn = chart(_WIDTH, _HEIGHT, said, *_axis(edges, unit), *bars, name="bars")
    return joined(drawn, legend([f"{s.name} ({len(s.values)})" for s in series]))


def _bar(name: str, i: int, bins: int, n: int, of: int, count: int, most: int) -> Markup:
    across = (_WIDTH - _LEFT - 8) / bins
    width = across * 0.9 / of
    height = (_HEIGHT - _BOTTOM - _TOP) * count / most
    place = _LEFT + i * across + n * width, _HEIGHT - _BOTTOM - height
    return box(*place, width, height, str(count), class_=name)


def _axis(edges: npt.NDArray[np.float64], unit: str) -> list[Markup]:
    base = _HEIGHT - _BOTTOM
    drawn = [line(_LEFT, base, _WIDTH - 8, base)]
    places = range(0, len(edges), _every(len(edges) - 1))
    for i in places:
        x = _LEFT + i * (_WIDTH - _LEFT - 8) / (len(edges) - 1)
        told = f"{edges[i]:.4g}".replace("-", "−") + (unit if i == places[-1] else "")
        anchor = {0: "start", len(edges) - 1: "end"}.get(i, "middle")
        drawn.append(text(x, _HEIGHT - 10, told, anchor))
    return drawn


def _every(bins: int) -> int:
    """So many bars from tick to tick that the last of them is at the end, if that can be."""
    fewest = -(-(bins + 1) // _MOST_TICKS)
    return next((n for n in range(fewest, 2 * fewest + 1) if bins % n == 0), fewest)
