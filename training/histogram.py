"""How often each value comes up, as bars in a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..synth.page import Markup, joined, tag

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 180, 8, 28, 8
_NAMES = ("first", "second")
_MOST_TICKS = 11


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
        for n, (name, row) in enumerate(zip(_NAMES, found, strict=False))
        for i, count in enumerate(row)
        if count
    ]
    size = f"0 0 {_WIDTH} {_HEIGHT}"
    said = "; ".join(f"{len(s.values)} {s.name}" for s in series)
    drawn = tag(
        "svg", *_axis(edges, unit), *bars, viewBox=size, class_="bars", role="img", aria_label=said
    )
    return joined(drawn, _legend(series))


def _bar(name: str, i: int, bins: int, n: int, of: int, count: int, most: int) -> Markup:
    across = (_WIDTH - _LEFT - 8) / bins
    width = across * 0.9 / of
    height = (_HEIGHT - _BOTTOM - _TOP) * count / most
    return tag(
        "rect",
        tag("title", str(count)),
        class_=name,
        x=f"{_LEFT + i * across + n * width:.1f}",
        y=f"{_HEIGHT - _BOTTOM - height:.1f}",
        width=f"{width:.1f}",
        height=f"{height:.1f}",
    )


def _axis(edges: npt.NDArray[np.float64], unit: str) -> list[Markup]:
    base = str(_HEIGHT - _BOTTOM)
    drawn = [tag("line", class_="grid", x1=str(_LEFT), x2=str(_WIDTH - 8), y1=base, y2=base)]
    every = -(-len(edges) // _MOST_TICKS)
    places = range(0, len(edges), every)
    for i in places:
        x = _LEFT + i * (_WIDTH - _LEFT - 8) / (len(edges) - 1)
        told = f"{edges[i]:.4g}".replace("-", "−") + (unit if i == places[-1] else "")
        anchor = {0: "start", len(edges) - 1: "end"}.get(i, "middle")
        drawn.append(tag("text", told, x=f"{x:.1f}", y=str(_HEIGHT - 10), text_anchor=anchor))
    return drawn


def _legend(series: Sequence[Series]) -> Markup:
    items = []
    for name, s in zip(_NAMES, series, strict=False):
        items += [tag("span", class_=f"key {name}"), f"{s.name} ({len(s.values)})"]
    return tag("p", *items, class_="faint")
