"""Which label was taken for which, as a picture in a page."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..models.errors import WakefulError
from ..synth.page import Markup, tag
from .strokes import box, chart, text

_CELL, _LETTER, _TOP, _MOST_LETTERS = 44, 8, 26, 16
_FIRST_BRIGHT = 0.6
"""From this shade on, figures are written in the colour of the page."""

Counts = npt.NDArray[np.int64]


class ConfusionError(WakefulError):
    """Labels and counts don't fit each other."""


def confusion(truths: Sequence[int], guesses: Sequence[int], labels: int) -> Counts:
    """How often each label (row) was taken for each (column): [labels, labels]."""
    pairs = np.asarray(truths, np.int64) * labels + np.asarray(guesses, np.int64)
    return np.bincount(pairs, minlength=labels * labels).reshape(labels, labels).astype(np.int64)


def confusion_svg(labels: Sequence[str], counts: npt.ArrayLike) -> Markup:
    """A row for each label that was said, a column for each that was heard.

    Blue is right, orange is wrong, the deeper the larger its share of the row; a cell tells its
    count in words to who points at it. It scrolls sideways where there is no room. Raises
    `ConfusionError`.
    """
    table = _checked(labels, counts)
    left = 16 + _LETTER * max(len(_short(name)) for name in (*labels, "said"))
    width, height = left + _CELL * len(labels) + _beyond(labels), _TOP + left + _CELL * len(labels)
    drawn = [text(left, 14, "heard as …", class_="faint"), text(8, left + 12, "said")]
    for i, name in enumerate(labels):
        along, down = left + _CELL * (i + 0.5), _TOP + left + _CELL * (i + 0.5)
        turn = f"rotate(-60 {along:.1f} {_TOP + left - 10:.1f})"
        drawn.append(text(along, _TOP + left - 10, _short(name), transform=turn))
        drawn.append(text(left - 8, down + 4, _short(name), "end"))
        drawn += _row(labels, table[i], i, left)
    said = f"confusion matrix: {int(np.trace(table))} of {int(table.sum())} right"
    picture = chart(width, height, said, *drawn, name="confusion")
    return tag("div", picture, class_="wide", style=f"--least: {min(width, 640)}px")


def _beyond(labels: Sequence[str]) -> int:
    """What the last column's heading, which is turned, takes to the right of its column."""
    last = len(_short(labels[-1])) if labels else 0
    return max(8, _LETTER * last // 2 - _CELL // 2 + 8)


def _checked(labels: Sequence[str], counts: npt.ArrayLike) -> Counts:
    table = np.asarray(counts, np.int64)
    if table.shape != (len(labels), len(labels)) or (table < 0).any():
        raise ConfusionError(
            f"confusion matrix: {len(labels)} labels need as many rows and columns of counts from "
            f"0 up; got a shape of {table.shape}"
        )
    return table


def _row(labels: Sequence[str], counts: Counts, i: int, left: int) -> list[Markup]:
    """The cells of one label; what never happened is left empty."""
    drawn, all_of_it = [], max(1, int(counts.sum()))
    for j, count in enumerate(counts.tolist()):
        x, y = left + _CELL * j, _TOP + left + _CELL * i
        told = f"{labels[i]} heard as {labels[j]}: {count} of {int(counts.sum())}"
        # A few mistakes must be seen beside a thousand that are right.
        shade = math.sqrt(count / all_of_it)
        name = "right" if i == j else "wrong"
        drawn.append(
            box(x, y, _CELL - 2, _CELL - 2, told, class_=name, style=f"fill-opacity:{shade:.3f}")
        )
        if count:
            bright = " bright" if shade >= _FIRST_BRIGHT else ""
            middle = x + _CELL / 2 - 1
            drawn.append(text(middle, y + _CELL / 2 + 3, str(count), "middle", class_=f"n{bright}"))
    return drawn


def _short(name: str) -> str:
    return name if len(name) <= _MOST_LETTERS else name[: _MOST_LETTERS - 1] + "…"
