"""The classic trigger's confusion matrix and loss curve as PNG, by matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..models.errors import WakefulError
from ..models.whole_file import whole
from ..synth.collection import shown
from .classic_fit import Epoch
from .classic_scores import Counts

_BLUE, _ORANGE = "#0072b2", "#d55e00"
_SAID, _WAS = ("said nothing", "said the word"), ("was nothing", "was the word")


class ClassicPictureError(WakefulError):
    """The picture can't be written."""


def can_draw() -> bool:
    """Whether matplotlib is installed: the figures stand in the manifest in any case."""
    try:
        import matplotlib.figure  # noqa: F401
    except ModuleNotFoundError:
        return False
    return True


def draw_losses(path: Path, history: Sequence[Epoch]) -> None:
    """By epochs: of what is fitted on (with dropout), and of what is not."""
    figure, axes = _figure()
    epochs = [epoch.number for epoch in history]
    axes.plot(epochs, [e.loss for e in history], ".-", color=_BLUE, label="fitted, with dropout")
    axes.plot(
        epochs, [e.development_loss for e in history], ".-", color=_ORANGE, label="development"
    )
    axes.set_xlabel("epoch")
    axes.set_ylabel("binary cross-entropy")
    axes.set_yscale("log")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False)
    _save(figure, path)


def draw_confusion(path: Path, steps: Counts) -> None:
    """Steps, and their share of what was there."""
    figure, axes = _figure()
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
    _save(figure, path)


def _figure() -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4.5), dpi=120, layout="constrained")
    return figure, figure.add_subplot()


def _save(figure: Any, path: Path) -> None:
    try:
        with whole(path) as beside:
            figure.savefig(beside, format="png", metadata={"Software": "wakeful"})
    except OSError as error:
        raise ClassicPictureError(
            f"{shown(path)}: can't be written ({error.strerror or error})"
        ) from error
