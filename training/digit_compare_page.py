"""The comparison of digit systems as a picture, and as a page with every confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..models.digits import DIGITS
from ..models.labels import SILENCE, UNKNOWN
from ..synth.page import Markup, columns, contents, joined, page, section, tag
from ..synth.timeline import SCRIPT
from .confusion import confusion_svg
from .digit_compare import Row
from .mistake_cards import mistakes_told
from .page_style import STYLE

_TITLE = "Spoken digits: four older networks, and ours"


def draw_comparison(rows: Sequence[Row], path: Path) -> None:
    """Bars for the random split and for speakers left out, dots for each speaker, as a PNG.

    Raises `PictureError`.
    """
    from .drawing import BLUE, ORANGE, new_figure, save_figure

    figure, axes = new_figure(8, 4.2)
    at = np.arange(len(rows))
    axes.bar(at - 0.2, [r.random_split or 0 for r in rows], 0.38, color=BLUE, label="random split")
    means = [r.strangers or 0 for r in rows]
    axes.bar(at + 0.2, means, 0.38, color=ORANGE, label="speaker left out, mean and each")
    for place, row in zip(at, rows, strict=True):
        found = list(row.speakers.values())
        axes.plot([place + 0.2] * len(found), found, "o", color="black", ms=3.5)
        if row.published is not None:
            axes.plot([place - 0.38, place], [row.published] * 2, color="black", lw=1.5, ls=":")
    axes.plot([], [], color="black", lw=1.5, ls=":", label="published, random split")
    axes.set_xticks(at, [_short(r.name) for r in rows])
    axes.set(ylabel="micro-F1", ylim=(0, 1.02))
    figure.legend(loc="outside upper center", ncols=3, fontsize=8, frameon=False)
    axes.grid(axis="y", alpha=0.3)
    save_figure(figure, path)


def _short(name: str) -> str:
    return name.removeprefix("digits-").removeprefix("lstm-").replace("-augmented", ",\nnine-fold")


def comparison_page(rows: Sequence[Row]) -> str:
    """A whole document that loads nothing."""
    told = tag(
        "p",
        "Micro-F1: over all digits together. In a random split a speaker's other takes were "
        "learnt from; with a speaker left out, nothing of theirs was.",
        class_="faint",
    )
    sections = [_network(row) for row in rows]
    body = (tag("h1", _TITLE), told, contents(sections), _table(rows), *sections)
    return page(_TITLE, *body, style=STYLE, script=SCRIPT)


def _table(rows: Sequence[Row]) -> Markup:
    names = sorted({who for row in rows for who in row.speakers})
    heads = ["network", "parameters", "published", "random split", "left out", *names]
    return columns("", heads, [_cells(row, names) for row in rows], wide=True)


def _cells(row: Row, names: Sequence[str]) -> list[str]:
    shares = [row.published, row.random_split, row.strangers, *(row.speakers.get(n) for n in names)]
    figures = ["–" if share is None else f"{share:.3f}" for share in shares]
    return [row.name, f"{row.parameters:,}", *figures]


def _network(row: Row) -> Markup:
    """What strangers' digits were taken for, and what it was surest of and wrong."""
    if not (row.confusion or row.mistakes):
        return joined()
    title = f"{row.name}: speakers left out"
    drawn = [tag("article", _matrix(row.confusion))] if row.confusion else []
    return section(row.name, title, row.note, *drawn, mistakes_told(row.mistakes))


def _matrix(counted: Sequence[Sequence[int]]) -> Markup:
    """Square, though nobody says what is no digit."""
    table = np.array(counted)
    square = np.zeros((table.shape[1], table.shape[1]), np.int64)
    square[: len(table)] = table
    return confusion_svg([*DIGITS, UNKNOWN, SILENCE][: table.shape[1]], square)
