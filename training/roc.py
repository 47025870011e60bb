"""What is found against what is falsely found, of clips that each have a score and a truth.

One walk down the scores gives the ROC curve and the DET curve, which shows the same with both
kinds of mistake on axes of normal deviates: there the curves of well-behaved scores are straight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from ..models.errors import WakefulError
from ..synth.page import Markup, joined
from .strokes import NAMES, chart, legend, line, text, way

_WIDTH, _HEIGHT = 640, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 28, 16, 48
_LEAST = 0.001
_ROC_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_DET_TICKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
_MOST_PLACES = 400

Rates = npt.NDArray[np.float64]


class RocError(WakefulError):
    """There is no curve through these scores."""


@dataclass(frozen=True)
class Roc:
    """Rates at every threshold, the highest first: nothing is found at the first place.

    `thresholds` begins with infinity; `false_rate` and `true_rate` rise from 0 to 1.
    """

    thresholds: Rates
    false_rate: Rates
    true_rate: Rates

    @property
    def area(self) -> float:
        """The chance that a true clip scores above a false one, a tie counted as half."""
        return float(np.trapezoid(self.true_rate, self.false_rate))

    @property
    def equal_error(self) -> float:
        """The rate at which both mistakes are as frequent, on straight lines between places."""
        gap = (1 - self.true_rate) - self.false_rate
        after = int(np.argmax(gap <= 0))
        before = max(0, after - 1)
        step = gap[before] - gap[after]
        share = gap[before] / step if step else 0.0
        found = self.false_rate[before] + share * (self.false_rate[after] - self.false_rate[before])
        return float(found)


def roc(scores: npt.ArrayLike, truths: npt.ArrayLike) -> Roc:
    """From a score and a truth each; raises `RocError` without both kinds or for what is no number.

    Equal scores are one threshold: they are found together or not at all.
    """
    score, true = np.asarray(scores, np.float64), np.asarray(truths, bool)
    if score.shape != true.shape or not np.isfinite(score).all():
        raise RocError("ROC: each truth needs one score that is a number")
    if not true.any() or true.all():
        raise RocError("ROC: there must be clips that are it and clips that are not")
    order = np.argsort(-score, kind="stable")
    score, true = score[order], true[order]
    last = np.flatnonzero(np.append(np.diff(score) != 0, True))
    found = np.cumsum(true)[last]
    falsely = last + 1 - found
    return Roc(
        np.concatenate([[np.inf], score[last]]),
        np.concatenate([[0.0], falsely / (~true).sum()]),
        np.concatenate([[0.0], found / true.sum()]),
    )


def roc_svg(curves: Mapping[str, Roc]) -> Markup:
    """Found against falsely found, up to seven curves, with the area under each."""
    drawn = [*_grid(_ROC_TICKS, float), line(_across(0), _up(0), _across(1), _up(1), "chance")]
    for name, c in zip(NAMES, curves.values(), strict=False):
        rates = _thinned(c.false_rate, c.true_rate)
        drawn.append(way([(_across(x), _up(y)) for x, y in rates], f"curve {name}"))
    drawn += _titles("falsely found", "found")
    said = "found against falsely found"
    names = [f"{name} (area {c.area:.4f})" for name, c in curves.items()]
    return joined(chart(_WIDTH, _HEIGHT, said, *drawn), legend(names))


def det_svg(curves: Mapping[str, Roc]) -> Markup:
    """Missed against falsely found, on axes of normal deviates from 0.1 to 40 %.

    What is more frequent than that is left out, what is rarer is drawn at the edge.
    """
    drawn = _grid(_DET_TICKS, _deviate)
    for name, c in zip(NAMES, curves.values(), strict=False):
        shown = (c.false_rate <= _DET_TICKS[-1]) & (1 - c.true_rate <= _DET_TICKS[-1])
        rates = _thinned(c.false_rate[shown], 1 - c.true_rate[shown])
        places = [(_across(_deviate(x)), _up(_deviate(y))) for x, y in rates]
        drawn.append(way(list(dict.fromkeys(places)), f"curve {name}"))
    drawn += _titles("falsely found", "missed")
    said = "missed against falsely found"
    names = [f"{name} (equal at {100 * c.equal_error:.2f} %)" for name, c in curves.items()]
    return joined(chart(_WIDTH, _HEIGHT, said, *drawn), legend(names))


def _deviate(rate: float) -> float:
    """From 0 to 1 along an axis; what lies beyond an end is drawn at it."""
    normal = NormalDist()
    low, high = normal.inv_cdf(_LEAST), normal.inv_cdf(_DET_TICKS[-1])
    inside = max(_LEAST, min(rate, _DET_TICKS[-1]))
    return (normal.inv_cdf(inside) - low) / (high - low)


def _thinned(x: Rates, y: Rates) -> list[tuple[float, float]]:
    """As many places as can be seen, the ends among them."""
    kept = np.unique(np.linspace(0, len(x) - 1, min(len(x), _MOST_PLACES)).round().astype(int))
    return list(zip(x[kept].tolist(), y[kept].tolist(), strict=True))


def _across(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _up(share: float) -> float:
    """From the top: 1 lies there, 0 at the axis."""
    return _TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM)


def _grid(ticks: Sequence[float], scale: Callable[[float], float]) -> list[Markup]:
    drawn = []
    for rate in ticks:
        x, y = _across(scale(rate)), _up(scale(rate))
        drawn.append(line(x, _TOP, x, _HEIGHT - _BOTTOM))
        drawn.append(line(_LEFT, y, _WIDTH - _RIGHT, y))
        told = f"{100 * rate:g} %"
        drawn.append(text(x, _HEIGHT - _BOTTOM + 18, told, "middle"))
        drawn.append(text(_LEFT - 8, y + 4, told, "end"))
    return drawn


def _titles(across: str, down: str) -> list[Markup]:
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    return [text(middle, _HEIGHT - 8, across, "middle"), text(_LEFT + 6, _TOP + 14, down)]
