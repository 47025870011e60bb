"""Misses against false accepts an hour, as a picture: in a page as SVG, as a file by matplotlib."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from ..models.errors import WakefulError
from ..synth.page import Markup, tag
from .evaluate import Evaluation
from .matching import LIMITS_PER_HOUR, Counted

_WIDTH, _HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 16, 48
_MOST_PER_HOUR = 100.0
_BLUE, _ORANGE = "#0072b2", "#d55e00"


class CurveError(WakefulError):
    """The picture can't be drawn or can't be written."""


def corners(points: Sequence[Counted], least_per_hour: float) -> list[tuple[float, float]]:
    """(false accepts an hour, miss rate) of each point, the rarest first, equal ones once.

    What never fired is drawn at `least_per_hour`, for a logarithm has no 0.
    """
    found = [(max(p.false_accepts_per_hour, least_per_hour), p.miss_rate) for p in reversed(points)]
    return [b for a, b in pairwise([(0.0, 0.0), *found]) if a != b]


def least_per_hour(hours: float) -> float:
    """Where "never" is drawn: below the rate that one false accept would be."""
    return 0.5 / hours if hours else 0.01


class _Axes:
    """From rates to places in the drawing."""

    def __init__(self, least: float) -> None:
        self.least = 10 ** math.floor(math.log10(least))
        self.most = max(_MOST_PER_HOUR, 10 * self.least)

    def x(self, per_hour: float) -> float:
        share = math.log(min(per_hour, self.most) / self.least) / math.log(self.most / self.least)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, miss_rate: float) -> float:
        return _TOP + (1 - miss_rate) * (_HEIGHT - _TOP - _BOTTOM)

    def decades(self) -> list[float]:
        first, last = round(math.log10(self.least)), math.floor(math.log10(self.most))
        return [10.0**n for n in range(first, last + 1)]


def curve_svg(e: Evaluation) -> Markup:
    """The curve with its axes, the limits, and the model's own threshold; nothing without hours."""
    least = least_per_hour(e.hours)
    axes = _Axes(least)
    places = [(axes.x(x), axes.y(y)) for x, y in corners(e.points, least)]
    line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    own_x, own_y = axes.x(max(e.own.false_accepts_per_hour, least)), axes.y(e.own.miss_rate)
    said = tag("title", f"the model's own threshold {e.own.threshold:g}")
    return tag(
        "svg",
        *_grid(axes),
        *(_limit(axes, limit) for limit in LIMITS_PER_HOUR),
        tag("path", d=line, class_="curve"),
        tag("circle", said, cx=f"{own_x:.1f}", cy=f"{own_y:.1f}", r="6", class_="own"),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        class_="det",
        role="img",
        aria_label="missed words against false accepts an hour",
    )


def _grid(axes: _Axes) -> list[Markup]:
    drawn = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = f"{axes.y(share):.1f}"
        drawn.append(_line(str(_LEFT), y, str(_WIDTH - _RIGHT), y))
        drawn.append(_text(_LEFT - 8, axes.y(share) + 4, f"{100 * share:.0f} %", "end"))
    for rate in axes.decades():
        x = f"{axes.x(rate):.1f}"
        drawn.append(_line(x, str(_TOP), x, str(_HEIGHT - _BOTTOM)))
        drawn.append(_text(axes.x(rate), _HEIGHT - _BOTTOM + 18, f"{rate:g}", "middle"))
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    drawn.append(_text(middle, _HEIGHT - 8, "false accepts an hour", "middle"))
    drawn.append(_text(_LEFT + 6, _TOP + 14, "missed", "start"))
    return drawn


def _line(x1: str, y1: str, x2: str, y2: str, name: str = "grid") -> Markup:
    return tag("line", class_=name, x1=x1, y1=y1, x2=x2, y2=y2)


def _text(x: float, y: float, said: str, anchor: str) -> Markup:
    return tag("text", said, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor)


def _limit(axes: _Axes, limit: float) -> Markup:
    x = f"{axes.x(max(limit, axes.least)):.1f}"
    return _line(x, str(_HEIGHT - _BOTTOM - 8), x, str(_HEIGHT - _BOTTOM), "limit")


def draw_curve(path: Path, e: Evaluation) -> None:
    """Write a PNG, beside its place and renamed; raises `CurveError`."""
    figure, axes = _figure()
    least = least_per_hour(e.hours)
    rates = corners(e.points, least)
    axes.plot([x for x, _ in rates], [100 * y for _, y in rates], color=_BLUE)
    own = (max(e.own.false_accepts_per_hour, least), 100 * e.own.miss_rate)
    axes.plot(*own, "o", color=_ORANGE, label=f"its own threshold, {e.own.threshold:g}")
    axes.set_xscale("log")
    axes.set_xlim(least, _MOST_PER_HOUR)
    axes.set_ylim(0, 100)
    axes.set_xlabel(f"false accepts an hour ({e.hours:.2f} h; never is drawn at the left edge)")
    axes.set_ylabel(f"missed, % of {len(e.words)} words")
    axes.set_title(e.bundle.name, parse_math=False)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False)
    _save(figure, path)


def _figure() -> tuple[Any, Any]:
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise CurveError(
            "evaluate: --png needs matplotlib, which is not installed: pip install 'wakeful[plot]'"
        ) from error
    figure = Figure(figsize=(8, 5), dpi=120, layout="constrained")
    return figure, figure.add_subplot()


def _save(figure: Any, path: Path) -> None:
    beside = path.with_name(f".{path.name}.writing")
    try:
        figure.savefig(beside, format="png", metadata={"Software": "wakeful"})
        beside.replace(path)
    except OSError as error:
        raise CurveError(f"{path}: can't be written ({error.strerror or error})") from error
    finally:
        beside.unlink(missing_ok=True)
