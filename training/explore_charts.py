"""Charts of a data set: bars by name, spreads, violins, and how alike labels are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from ..synth.page import Markup, tag
from .explore_spread import Spread
from .lines import number, round_values
from .strokes import box, chart, line, text, way

_WIDTH = 640
_LETTER = 7.5
_MOST_LETTERS = 22

Table = npt.NDArray[np.float64]


def named_bars(rows: Sequence[tuple[str, int]], said: str) -> Markup:
    """A bar for each name and count, one under the other; as wide as there is room."""
    most = max((count for _, count in rows), default=1) or 1
    drawn = []
    for name, count in rows:
        bar = tag("span", class_="bar", style=f"--share:{count / most:.4f}")
        drawn += [tag("span", name, class_="of"), tag("span", bar, f"{count}", class_="track")]
    return tag("div", *drawn, class_="names", role="img", aria_label=said)


def spread_bars(s: Spread, unit: str, said: str) -> Markup:
    """Bars of how often a figure has a value, and a line at its median."""
    height, most = 180, max(1, *s.counts)
    across = (_WIDTH - 24) / len(s.counts)
    places = [12 + n * across for n in range(len(s.edges))]
    base = height - 28
    drawn = [line(12, base, _WIDTH - 12, base)]
    for n, count in enumerate(s.counts):
        if count:
            tall = max(1.5, (base - 8) * count / most)
            told = f"{number(s.edges[n])} to {number(s.edges[n + 1])}{unit}: {count}"
            drawn.append(box(places[n], base - tall, across * 0.9, tall, told, class_="first"))
    every = -(-len(s.edges) // 9)
    shown = range(0, len(s.edges), every)
    for n in shown:
        told = number(s.edges[n]) + (unit if n == shown[-1] else "")
        anchor = "start" if n == 0 else "end" if n == len(s.edges) - 1 else "middle"
        drawn.append(text(places[n], height - 10, told, anchor))
    share = (s.percentiles[50] - s.edges[0]) / (s.edges[-1] - s.edges[0])
    at = 12 + max(0.0, min(1.0, share)) * (_WIDTH - 24)
    drawn.append(line(at, 6, at, base, "median"))
    told = f"median {number(s.percentiles[50])}{unit}"
    aside, end = (6, "start") if share < 0.6 else (-6, "end")
    drawn.append(text(at + aside, 16, told, end, class_="over"))
    return chart(_WIDTH, height, said, *drawn, name="bars")


def violins(labels: Sequence[str], levels: npt.NDArray[np.int64], edges: Table) -> Markup:
    """A violin for each label: how often [labels, levels] recordings have a level; its median."""
    left = 16 + _LETTER * max(len(_short(name)) for name in labels)
    width, tall = _WIDTH - left - 16, 34
    middles = (edges[:-1] + edges[1:]) / 2
    low, high = _ends(levels.sum(axis=0), edges)

    def at(db: float) -> float:
        return left + width * (min(max(db, low), high) - low) / (high - low)

    drawn = []
    for db in round_values(low, high, 8):
        drawn.append(line(at(db), 4, at(db), tall * len(labels) + 4))
        drawn.append(text(at(db), tall * len(labels) + 20, number(db), "middle"))
    for n, (name, counts) in enumerate(zip(labels, levels, strict=True)):
        y = tall * (n + 0.5) + 4
        drawn.append(text(left - 8, y + 4, _short(name), "end"))
        if counts.sum():
            outline = _outline(counts, middles, at, y, tall * 0.46)
            median = float(middles[np.searchsorted(np.cumsum(counts), counts.sum() / 2)])
            told = tag("title", f"{name}: half below {median:.0f} dB".replace("-", "−"))
            drawn.append(tag("path", told, d=outline, class_="violin"))
            drawn.append(line(at(median), y - 8, at(median), y + 8, "median"))
    said = "how the level of one band is spread, by label"
    picture = chart(_WIDTH, tall * len(labels) + 28, said, *drawn, name="bars")
    return tag("div", picture, class_="wide")


def _ends(counts: npt.NDArray[np.int64], edges: Table) -> tuple[float, float]:
    """Where all but one in two hundred lie."""
    share = np.cumsum(counts) / max(1, counts.sum())
    low, high = int(np.searchsorted(share, 0.005)), int(np.searchsorted(share, 0.995))
    return float(edges[low]), float(edges[min(high + 1, len(edges) - 1)])


def _outline(
    counts: npt.NDArray[np.int64],
    middles: Table,
    at: Callable[[float], float],
    y: float,
    half: float,
) -> str:
    dense = smoothed(counts)
    kept = np.flatnonzero(dense)
    first, last = int(kept[0]), int(kept[-1]) + 1
    tall = half * dense
    tops = [(at(x), y - t) for x, t in zip(middles.tolist(), tall.tolist(), strict=True)]
    upper = tops[first:last]
    lower = [(x, 2 * y - top) for x, top in reversed(upper)]
    return "M" + "L".join(f"{x:.1f} {v:.1f}" for x, v in [*upper, *lower]) + "Z"


def smoothed(counts: npt.NDArray[np.int64]) -> Table:
    """Counts as a curve whose top is 1, and 0 where it is hardly anything."""
    bell = np.exp(-0.5 * (np.arange(-4, 5) / 1.5) ** 2)
    dense: Table = np.convolve(counts, bell / bell.sum(), "same")
    dense /= max(dense.max(), 1e-9)
    dense[dense < 0.004] = 0
    return dense


def alike_svg(labels: Sequence[str], alike: Table) -> Markup:
    """Correlations between -1 and 1: blue together, orange apart, the deeper the stronger."""
    cell = 34
    left = 16 + _LETTER * max(len(_short(name)) for name in labels)
    drawn = []
    for i, name in enumerate(labels):
        x, y = left + cell * (i + 0.5), left + cell * (i + 0.5)
        turn = f"rotate(-60 {x:.1f} {left - 10:.1f})"
        drawn.append(text(x, left - 10, _short(name), transform=turn))
        drawn.append(text(left - 8, y + 4, _short(name), "end"))
        for j, other in enumerate(labels):
            value = float(alike[i, j])
            told = f"{name} and {other}: {value:.2f}".replace("-", "−")
            shade = "right" if value >= 0 else "wrong"
            style = f"fill-opacity:{min(1.0, abs(value)):.2f}"
            place = left + cell * j, left + cell * i, cell - 2, cell - 2
            drawn.append(box(*place, told, class_=shade, style=style))
    size = math.ceil(left + cell * len(labels) + 8)
    picture = chart(size, size, "how alike labels sound", *drawn, name="confusion")
    return tag("div", picture, class_="wide", style=f"--least: {min(size, 560)}px")


def spectrum_panels(labels: Sequence[str], spectra: Table, rate_hz: float) -> Markup:
    """The mean spectrum of each label, in front of those of all others."""
    return tag(
        "div",
        *(_panel(labels, spectra, n, rate_hz) for n in range(len(labels))),
        class_="panels",
    )


def _panel(labels: Sequence[str], spectra: Table, own: int, rate_hz: float) -> Markup:
    width, height = 200, 110
    low, high = float(np.percentile(spectra, 1)), float(spectra.max())
    across = np.linspace(4, width - 4, spectra.shape[1])
    up = 18 + (1 - (spectra - low).clip(0) / (high - low or 1)) * (height - 36)
    others = [
        way(list(zip(across.tolist(), row.tolist(), strict=True)), "behind")
        for n, row in enumerate(up)
        if n != own
    ]
    ours = way(list(zip(across.tolist(), up[own].tolist(), strict=True)), "curve first")
    told = [text(6, 13, _short(labels[own]), class_="name"), text(4, height - 4, "0")]
    told.append(text(width - 4, height - 4, f"{rate_hz / 2_000:g} kHz", "end"))
    said = f"mean spectrum of {labels[own]}"
    return chart(width, height, said, *others, ours, *told, name="panel")


def _short(name: str) -> str:
    return name if len(name) <= _MOST_LETTERS else name[: _MOST_LETTERS - 1] + "…"
