"""Misses against false accepts an hour, as a picture: in a page as SVG, as a file by matplotlib."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from ..synth.page import Markup, tag
from .drawing import BLUE, ORANGE, new_figure, save_figure
from .evaluate import Evaluation
from .matching import LIMITS_PER_HOUR
from .measure import Point
from .strokes import chart, line, text, way

_WIDTH, _HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 16, 48
_MOST_PER_HOUR = 100.0


def corners(points: Sequence[Point], least_per_hour: float) -> list[tuple[float, float]]:
    """(false accepts an hour, miss rate) of each point, the rarest first, equal ones once.

    What never fired is drawn at `least_per_hour`, for a logarithm has no 0.
    """
    found = [(max(p.false_accepts_per_hour, least_per_hour), p.miss_rate) for p in reversed(points)]
    return [b for a, b in pairwise([(0.0, 0.0), *found]) if a != b]


def least_per_hour(hours: float) -> float:
    """Where "never" is drawn: below the rate that one false accept would be."""
    return 0.5 / hours if hours else 0.01


class Axes:
    """From rates to places in the drawing; what lies beyond an axis is drawn at its end."""

    def __init__(self, least: float) -> None:
        self.least = 10 ** math.floor(math.log10(least))
        self.most = max(_MOST_PER_HOUR, 10 * self.least)

    def x(self, per_hour: float) -> float:
        """From the left, of false accepts an hour."""
        inside = max(self.least, min(per_hour, self.most))
        share = math.log(inside / self.least) / math.log(self.most / self.least)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, miss_rate: float) -> float:
        """From the top, of the share of missed words."""
        return _TOP + (1 - miss_rate) * (_HEIGHT - _TOP - _BOTTOM)

    def decades(self) -> list[float]:
        """The powers of ten between the ends."""
        first, last = round(math.log10(self.least)), math.floor(math.log10(self.most))
        return [10.0**n for n in range(first, last + 1)]


def curve_svg(e: Evaluation) -> Markup:
    """The curve of an evaluation that has hours, with the model's own threshold."""
    return curves_svg([e.points], e.own, e.hours, LIMITS_PER_HOUR)


def curves_svg(
    curves: Sequence[Sequence[Point]], own: Point, hours: float, limits: Sequence[float]
) -> Markup:
    """One or two curves with their axes, the limits, and a model's own threshold."""
    least = least_per_hour(hours)
    axes = Axes(least)
    own_x, own_y = axes.x(max(own.false_accepts_per_hour, least)), axes.y(own.miss_rate)
    said = tag("title", f"the model's own threshold {own.threshold:g}")
    names = ("curve", "curve second")
    return chart(
        _WIDTH,
        _HEIGHT,
        "missed words against false accepts an hour",
        *_grid(axes),
        *(_limit(axes, limit) for limit in limits),
        *(_curve(axes, points, least, name) for points, name in zip(curves, names, strict=False)),
        tag("circle", said, cx=f"{own_x:.1f}", cy=f"{own_y:.1f}", r="6", class_="own"),
    )


def _curve(axes: Axes, points: Sequence[Point], least: float, name: str) -> Markup:
    places = [(axes.x(x), axes.y(y)) for x, y in corners(points, least)]
    return way(places, name)


def _grid(axes: Axes) -> list[Markup]:
    drawn = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = axes.y(share)
        drawn.append(line(_LEFT, y, _WIDTH - _RIGHT, y))
        drawn.append(text(_LEFT - 8, y + 4, f"{100 * share:.0f} %", "end"))
    for rate in axes.decades():
        x = axes.x(rate)
        drawn.append(line(x, _TOP, x, _HEIGHT - _BOTTOM))
        drawn.append(text(x, _HEIGHT - _BOTTOM + 18, f"{rate:g}", "middle"))
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    drawn.append(text(middle, _HEIGHT - 8, "false accepts an hour", "middle"))
    drawn.append(text(_LEFT + 6, _TOP + 14, "missed"))
    return drawn


def _limit(axes: Axes, limit: float) -> Markup:
    x = axes.x(max(limit, axes.least))
    return line(x, _HEIGHT - _BOTTOM - 8, x, _HEIGHT - _BOTTOM, "limit")


def draw_curve(path: Path, e: Evaluation) -> None:
    """Write a PNG, whole or not at all; raises `PictureError`."""
    figure, axes = new_figure()
    least = least_per_hour(e.hours)
    rates = corners(e.points, least)
    axes.plot([x for x, _ in rates], [100 * y for _, y in rates], color=BLUE)
    own = (max(e.own.false_accepts_per_hour, least), 100 * e.own.miss_rate)
    axes.plot(*own, "o", color=ORANGE, label=f"its own threshold, {e.own.threshold:g}")
    axes.set_xscale("log")
    axes.set_xlim(least, _MOST_PER_HOUR)
    axes.set_ylim(0, 100)
    axes.set_xlabel(f"false accepts an hour ({e.hours:.2f} h; never is drawn at the left edge)")
    axes.set_ylabel(f"missed, % of {len(e.words)} words")
    axes.set_title(e.bundle.name, parse_math=False)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False)
    save_figure(figure, path)
