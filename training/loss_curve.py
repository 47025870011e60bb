"""What each epoch of one or more fits cost, one fit after the other, as a picture in a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..synth.page import Markup, joined, tag
from .strokes import NAMES, chart, legend, line, text

_WIDTH, _HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 16, 44
_MOST_NUMBERS = 12
_MARGIN = 1.15
_LEAST = 1e-9
"""A logarithm has no 0."""


@dataclass(frozen=True)
class Fit:
    """A fit and the loss of each of its epochs; not a number where that is not known any more."""

    name: str
    losses: Sequence[float]


class LossAxes:
    """From epochs, counted from 1 through all fits, and losses to places in the drawing.

    Losses on a logarithmic axis: a fit's first epoch costs ten times its last.
    """

    def __init__(self, losses: Sequence[float], epochs: int | None = None) -> None:
        known = [max(_LEAST, loss) for loss in losses if math.isfinite(loss)]
        self.low = min(known, default=0.1) / _MARGIN
        self.high = max(known, default=1.0) * _MARGIN
        self._epochs = max(1, len(losses) if epochs is None else epochs)

    def x(self, epoch: int) -> float:
        """From the left."""
        return _LEFT + (epoch - 0.5) / self._epochs * (_WIDTH - _LEFT - _RIGHT)

    def y(self, loss: float) -> float:
        """From the top."""
        share = math.log(self.high / max(_LEAST, loss)) / math.log(self.high / self.low)
        return _TOP + share * (_HEIGHT - _TOP - _BOTTOM)

    def ticks(self) -> list[float]:
        """Round losses between the ends."""
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        rounds = [m * 10.0**n for n in range(first, last + 1) for m in (1, 2, 5)]
        return [tick for tick in rounds if self.low <= tick <= self.high]


def loss_svg(
    fits: Sequence[Fit], along: str = "epoch, of all fits", *, beside: bool = False
) -> Markup:
    """A line a fit and a dot an epoch, which tells its loss to who points at it.

    Fits follow one another, but if they are `beside` each other, all begin at the first epoch;
    `along` says what is counted there.
    """
    losses = [loss for fit in fits for loss in fit.losses]
    epochs = max((len(fit.losses) for fit in fits), default=0) if beside else len(losses)
    axes = LossAxes(losses, epochs)
    drawn, before = _grid(axes, epochs, along), 0
    for name, fit in zip(NAMES, fits, strict=False):
        drawn += _line(axes, fit, before, name)
        before += 0 if beside else len(fit.losses)
    plot = chart(_WIDTH, _HEIGHT, "loss of each epoch", *drawn)
    return joined(plot, legend([fit.name for fit in fits]))


def _line(axes: LossAxes, fit: Fit, before: int, name: str) -> list[Markup]:
    """Broken where a loss is not known."""
    way, pen, dots = "", "M", []
    for epoch, loss in enumerate(fit.losses, 1):
        if not math.isfinite(loss):
            pen = "M"
            continue
        x, y = f"{axes.x(before + epoch):.1f}", f"{axes.y(loss):.1f}"
        way, pen = f"{way}{pen}{x} {y}", "L"
        told = tag("title", f"{fit.name}, epoch {epoch}: {loss:.4g}")
        dots.append(tag("circle", told, cx=x, cy=y, r="4", class_=f"dot {name}"))
    return [tag("path", d=way, class_=f"curve {name}"), *dots]


def _grid(axes: LossAxes, epochs: int, along: str) -> list[Markup]:
    drawn = []
    for loss in axes.ticks():
        y = axes.y(loss)
        drawn.append(line(_LEFT, y, _WIDTH - _RIGHT, y))
        drawn.append(text(_LEFT - 8, y + 4, f"{loss:g}", "end"))
    numbered = range(1, epochs + 1, -(-epochs // _MOST_NUMBERS) or 1)
    base = _HEIGHT - _BOTTOM + 18
    drawn += [text(axes.x(epoch), base, str(epoch), "middle") for epoch in numbered]
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    return [*drawn, text(middle, _HEIGHT - 6, along, "middle")]
