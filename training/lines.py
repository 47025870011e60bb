"""Curves over a plane with axes of round numbers: spectra, accuracies, whatever there is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..synth.page import Markup, joined
from .strokes import NAMES, chart, legend, line, text, way

_WIDTH, _HEIGHT = 640, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 16, 44


@dataclass(frozen=True)
class Line:
    """Places of a curve, from left to right."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


def lines_svg(lines: Sequence[Line], unit_x: str, unit_y: str, said: str) -> Markup:
    """Up to seven curves over one another, with axes of round numbers and a legend."""
    xs = [x for curve in lines for x in curve.x] or [0.0, 1.0]
    ys = [y for curve in lines for y in curve.y] or [0.0, 1.0]
    plane = _Plane((min(xs), max(xs)), (min(ys), max(ys)))
    drawn = plane.grid(unit_x, unit_y)
    for name, curve in zip(NAMES, lines, strict=False):
        places = [plane.at(*place) for place in zip(curve.x, curve.y, strict=True)]
        drawn.append(way(places, f"curve {name}"))
    return joined(chart(_WIDTH, _HEIGHT, said, *drawn), legend([curve.name for curve in lines]))


class _Plane:
    """From values to places in a drawing."""

    def __init__(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        self._x, self._y = x, y

    def at(self, x: float, y: float) -> tuple[float, float]:
        """From the left and from the top."""
        across = (x - self._x[0]) / (self._x[1] - self._x[0] or 1)
        up = (y - self._y[0]) / (self._y[1] - self._y[0] or 1)
        tall = _HEIGHT - _TOP - _BOTTOM
        return _LEFT + across * (_WIDTH - _LEFT - _RIGHT), _TOP + (1 - up) * tall

    def grid(self, unit_x: str, unit_y: str) -> list[Markup]:
        """Lines at round values, and what they are."""
        drawn = []
        for x in round_values(*self._x, 8):
            at, _ = self.at(x, 0)
            drawn.append(line(at, _TOP, at, _HEIGHT - _BOTTOM))
            drawn.append(text(at, _HEIGHT - _BOTTOM + 18, number(x), "middle"))
        for y in round_values(*self._y, 6):
            _, at = self.at(0, y)
            drawn.append(line(_LEFT, at, _WIDTH - _RIGHT, at))
            drawn.append(text(_LEFT - 8, at + 4, number(y), "end"))
        drawn.append(text(_WIDTH - _RIGHT, _HEIGHT - 6, unit_x, "end"))
        return [*drawn, text(_LEFT + 6, _TOP + 13, unit_y, class_="over")]


def round_values(low: float, high: float, most: int) -> list[float]:
    """Multiples of 1, 2 or 5 of a power of ten between two values."""
    if not high > low:
        return [low]
    power = 10 ** math.floor(math.log10((high - low) / most))
    step = next(power * m for m in (1, 2, 5, 10, 20) if (high - low) / (power * m) <= most)
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 10) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def number(value: float) -> str:
    """As it is told on an axis: three digits, and a real minus."""
    return f"{value:.3g}".replace("-", "−")
