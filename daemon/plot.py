"""What was in a recording and what the models made of it, as one picture on one time axis.

Waveform, spectrogram, then one row per model. matplotlib comes with the plot extra and is imported
when something is drawn. Whatever the length, each pixel shows the extremes of what falls on it, so
that a click or a single high probability is never lost between two columns.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from ..models.errors import WakefulError
from ..models.features import LINEAR_161, LOG_MEL_80, LinearSpectrogram, MelSpectrogram
from ..models.mel import hz_to_mel
from .events import Event, SpeechEnd, Wake
from .source import SAMPLE_RATE_HZ, Samples

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Curve = tuple[str, npt.NDArray[np.int64], npt.NDArray[np.float32]]
"""A model's name, the sample at which each of its steps ended, and the probabilities."""

_DPI = 100
_ROW_HEIGHT_PX = 150
_PIECE_FRAMES = 6_000
_SHOWN_DB = 75.0


class PlotError(WakefulError):
    """The picture can't be drawn or can't be written."""


@dataclass(frozen=True)
class Theme:
    """Colours; those that tell things apart do so for the colour-blind as well (Okabe and Ito)."""

    paper: str
    ink: str
    faint: str
    wave: str
    speech: str
    fired: str
    curves: tuple[str, ...]
    map_name: str = "magma"


THEMES = {
    "light": Theme(
        paper="#ffffff",
        ink="#1c1c1c",
        faint="#8a8a8a",
        wave="#3b4a5a",
        speech="#f3d9a4",
        fired="#d55e00",
        curves=("#0072b2", "#009e73", "#a0528a", "#8a6d00"),
    ),
    "dark": Theme(
        paper="#15181c",
        ink="#e6e6e6",
        faint="#7d848c",
        wave="#a9bccf",
        speech="#57451d",
        fired="#ff8c42",
        curves=("#56b4e9", "#2fc39a", "#d992bd", "#f0e442"),
    ),
}


def draw(
    path_out: Path,
    samples: Samples,
    curves: Sequence[Curve],
    events: Sequence[Event],
    title: str,
    threshold: float | Mapping[str, float],
    *,
    spectrogram: Literal["mel", "linear"] = "mel",
    theme: Literal["light", "dark"] = "light",
    width_px: int = 1_200,
    height_px: int = 800,
) -> None:
    """Write a PNG of some 16 kHz sound; `threshold` is for all models or one for each, by name.

    Above three models the picture grows by a row each. It is written beside `path_out` and then
    renamed. Raises `PlotError`: no matplotlib, no sound, no room to write.
    """
    if not len(samples):
        raise PlotError(f"plot: there is no sound in {title}")
    height_px += _ROW_HEIGHT_PX * max(0, len(curves) - 3)
    colours = THEMES[theme]
    with _matplotlib(colours):
        figure, rows = _layout(len(curves), width_px, height_px)
        columns = int(rows[0].bbox.width)
        _title(figure, title, samples)
        _draw_wave(rows[0], samples, columns, colours)
        _shade_speech(rows[0], events, colours)
        _draw_spectrogram(figure, rows[1], samples, columns, spectrogram, colours)
        for number, (row, curve) in enumerate(zip(rows[2:], curves, strict=True)):
            limit = threshold if isinstance(threshold, float) else threshold[curve[0]]
            _draw_probability(row, curve, limit, columns, colours, number)
        _mark_wakes(rows, curves, events, colours)
        _label_time(rows, len(samples) / SAMPLE_RATE_HZ)
        _save(figure, path_out)
