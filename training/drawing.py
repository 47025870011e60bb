"""A matplotlib figure to draw on, and the one way to keep it: a PNG, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..models.errors import WakefulError
from ..models.whole_file import whole
from ..synth.collection import shown

BLUE, ORANGE = "#0072b2", "#d55e00"
"""Two colours that the colour-blind can tell apart, as in the pages."""


class PictureError(WakefulError):
    """The picture can't be drawn or can't be written."""


def can_draw() -> bool:
    """Whether matplotlib is installed: every figure is told as a number in any case."""
    try:
        import matplotlib.figure  # noqa: F401
    except ModuleNotFoundError:
        return False
    return True


def new_figure(width_inch: float = 8, height_inch: float = 5, **panels: Any) -> tuple[Any, Any]:
    """A figure and its axes, as `Figure.subplots` gives them; raises `PictureError`."""
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise PictureError(
            "drawing needs matplotlib, which is not installed: pip install 'wakeful[plot]'"
        ) from error
    figure = Figure(figsize=(width_inch, height_inch), dpi=120, layout="constrained")
    return figure, figure.subplots(**panels)


def save_figure(figure: Any, path: Path) -> None:
    """Write a PNG; raises `PictureError`."""
    try:
        with whole(path) as beside:
            figure.savefig(beside, format="png", metadata={"Software": "wakeful"})
    except OSError as error:
        raise PictureError(
            f"{shown(path)}: can't be written ({error.strerror or error})"
        ) from error
