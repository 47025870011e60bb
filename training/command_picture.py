"""Which label was taken for which, as a PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .drawing import new_figure, save_figure


def draw_confusion(path: Path, labels: Sequence[str], counts: Sequence[Sequence[int]]) -> None:
    """A row for each label that was said, a column for each that was heard, shares as shades.

    Raises `PictureError`.
    """
    table = np.array(counts, np.int64)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    side = 1.5 + 0.45 * len(labels)
    figure, axes = new_figure(side, side)
    axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
    places = range(len(labels))
    axes.set_xticks(places, labels, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(places, labels, fontsize=8)
    for said, heard in np.argwhere(table).tolist():
        colour = "white" if shares[said, heard] > 0.3 else "black"
        text = str(table[said, heard])
        axes.text(heard, said, text, ha="center", va="center", fontsize=7, color=colour)
    right = int(np.trace(table))
    axes.set(xlabel="heard", ylabel="said", title=f"{right} of {int(table.sum())} right")
    save_figure(figure, path)
