"""The classic trigger's confusion matrix and loss curve as PNG, by matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .classic_fit import Epoch
from .classic_scores import Counts
from .drawing import BLUE, ORANGE, new_figure, save_figure

_SAID, _WAS = ("said nothing", "said the word"), ("was nothing", "was the word")
_WIDTH_INCH, _HEIGHT_INCH = 6, 4.5


def draw_losses(path: Path, history: Sequence[Epoch]) -> None:
    """By epochs: of what is fitted on (with dropout), and of what is not."""
    figure, axes = new_figure(_WIDTH_INCH, _HEIGHT_INCH)
    epochs = [epoch.number for epoch in history]
    axes.plot(epochs, [e.loss for e in history], ".-", color=BLUE, label="fitted, with dropout")
    axes.plot(
        epochs, [e.development_loss for e in history], ".-", color=ORANGE, label="development"
    )
    axes.set_xlabel("epoch")
    axes.set_ylabel("binary cross-entropy")
    axes.set_yscale("log")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False)
    save_figure(figure, path)


def draw_confusion(path: Path, steps: Counts) -> None:
    """Steps, and their share of what was there."""
    figure, axes = new_figure(_WIDTH_INCH, _HEIGHT_INCH)
    rows = ((steps.right_silences, steps.false_accepts), (steps.misses, steps.hits))
    shares = [[n / max(1, sum(row)) for n in row] for row in rows]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for y, row in enumerate(rows):
        for x, count in enumerate(row):
            colour = "white" if shares[y][x] > 0.5 else "black"
            said = f"{count:,}\n{100 * shares[y][x]:.1f} %"
            axes.text(x, y, said, ha="center", va="center", color=colour)
    axes.set_xticks((0, 1), _SAID)
    axes.set_yticks((0, 1), _WAS)
    axes.set_title("trigger-classic, steps")
    save_figure(figure, path)
