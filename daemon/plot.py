"""What was in a recording and what the models made of it, as one picture on one time axis.

Waveform, spectrogram, then one row per model. matplotlib comes with the plot extra and is imported
when something is drawn.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..models.errors import WakefulError
from ..models.whole_file import whole
from .events import Event, SpeechEnd, Wake
from .plot_rows import (
    DARK,
    LIGHT,
    Curve,
    Spectrogram,
    Theme,
    draw_probability,
    draw_spectrogram,
    draw_wave,
    mark_wakes,
    shade_speech,
    shortened,
)
from .source import SAMPLE_RATE_HZ, Samples

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DPI = 100
_LEFT_PX, _RIGHT_PX, _TOP_PX, _BOTTOM_PX, _BETWEEN_PX = 88, 92, 72, 54, 16
_ROWS_THAT_FIT, _ROW_PX = 3, 130
_LONGEST_TITLE = 84


class PlotError(WakefulError):
    """The picture can't be drawn or can't be written."""


def draw(
    path_out: Path,
    samples: Samples,
    curves: Sequence[Curve],
    events: Sequence[Event],
    title: str,
    threshold: float | Mapping[str, float],
    *,
    spectrogram: Spectrogram = "mel",
    theme: Literal["light", "dark"] = "light",
    width_px: int = 1_200,
    height_px: int = 800,
) -> None:
    """Write a PNG of some 16 kHz sound; `threshold` is for all models, or one for each by name.

    Above three models the picture grows by a row each. It is written beside `path_out`, then
    renamed. Raises `PlotError`: no matplotlib, no sound, no place to write.
    """
    if not len(samples):
        raise PlotError(f"plot: there is no sound in {title}; nothing to draw")
    height_px += _ROW_PX * max(0, len(curves) - _ROWS_THAT_FIT)
    colours = DARK if theme == "dark" else LIGHT
    with _matplotlib(colours):
        figure, rows = _layout(len(curves), width_px, height_px)
        columns = width_px - _LEFT_PX - _RIGHT_PX
        draw_wave(rows[0], samples, columns, colours)
        shade_speech(rows[0], events, colours)
        image = draw_spectrogram(rows[1], samples, spectrogram, columns, colours)
        _scale_beside(figure, rows[1], image)
        for number, (row, curve) in enumerate(zip(rows[2:], curves, strict=True)):
            limit = threshold[curve[0]] if isinstance(threshold, Mapping) else threshold
            colour = colours.curves[number % len(colours.curves)]
            draw_probability(row, curve, limit, columns, colour, colours)
        mark_wakes(rows, curves, events, colours)
        _share_time(rows, len(samples) / SAMPLE_RATE_HZ)
        _say_what_it_is(figure, title, samples, events, colours)
        _save(figure, path_out)


@contextmanager
def _matplotlib(theme: Theme) -> Iterator[None]:
    """matplotlib with our colours, its own settings untouched before and after."""
    try:
        import matplotlib as mpl
    except ModuleNotFoundError as error:
        raise PlotError(
            "plot: drawing needs matplotlib, which is not installed: pip install 'wakeful[plot]'"
        ) from error
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rc("font", size=11)
        mpl.rc("text", color=theme.ink, parse_math=False)
        mpl.rc("figure", facecolor=theme.paper)
        mpl.rc("axes", edgecolor=theme.faint, labelcolor=theme.ink, facecolor=theme.paper)
        mpl.rc("axes.spines", top=False, right=False)
        mpl.rc("xtick", color=theme.faint, labelcolor=theme.ink)
        mpl.rc("ytick", color=theme.faint, labelcolor=theme.ink)
        mpl.rc("legend", frameon=False)
        # A file's name may be in any script; a box for what the font lacks is told by itself.
        warnings.filterwarnings("ignore", message="Glyph")
        yield


def _layout(curves: int, width_px: int, height_px: int) -> tuple[Figure, list[Axes]]:
    """An axes for the waveform, one for the spectrogram, and one for each model, top down."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_px / _DPI, height_px / _DPI), dpi=_DPI)
    shares = np.array([1.1, 1.9] + [1.0] * curves)
    room = height_px - _TOP_PX - _BOTTOM_PX - _BETWEEN_PX * (len(shares) - 1)
    heights = room * shares / shares.sum()
    tops = height_px - _TOP_PX - np.cumsum(np.append(0, heights[:-1] + _BETWEEN_PX))
    width = (width_px - _LEFT_PX - _RIGHT_PX) / width_px
    places = [
        (_LEFT_PX / width_px, float(top - height) / height_px, width, float(height) / height_px)
        for top, height in zip(tops, heights, strict=True)
    ]
    return figure, [figure.add_axes(place) for place in places]


def _scale_beside(figure: Figure, axes: Axes, image: Any) -> None:
    """What the spectrogram's colours mean, in the margin, so that all rows stay one width."""
    place = axes.get_position()
    beside = figure.add_axes((place.x1 + 0.01, place.y0, 0.009, place.height))
    figure.colorbar(image, cax=beside, label="dB below the loudest")


def _share_time(rows: Sequence[Axes], duration_s: float) -> None:
    for row in rows:
        row.set_xlim(0, duration_s)
        row.tick_params(labelbottom=row is rows[-1])
        row.yaxis.set_label_coords(-0.066, 0.5)
    rows[-1].set_xlabel("seconds")


def _say_what_it_is(
    figure: Figure, title: str, samples: Samples, events: Sequence[Event], theme: Theme
) -> None:
    """The title and the figures under it to the left; to the right what the marks mean."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    wakes = sum(isinstance(event, Wake) for event in events)
    told = f"{len(samples) / SAMPLE_RATE_HZ:.2f} s   {_peak(samples)}   "
    told += f"fired {wakes}×" if wakes else "did not fire"
    x, height_px = _LEFT_PX / figure.bbox.width, figure.bbox.height
    line = shortened(title, _LONGEST_TITLE)
    figure.text(x, 1 - 28 / height_px, line, fontsize=13, fontweight="bold")
    figure.text(x, 1 - 54 / height_px, told, color=theme.faint)
    marks: list[Any] = [Line2D([], [], color=theme.faint, linestyle="--", label="threshold")]
    if any(isinstance(event, SpeechEnd) and event.ending != "nothing" for event in events):
        marks.insert(0, Patch(color=theme.speech, label="speech taken down"))
    if wakes:
        marker: Any = {"color": theme.fired, "marker": "v", "markersize": 8, "linestyle": ""}
        marks.append(Line2D([], [], label="fired", **marker))
    place = (1 - _RIGHT_PX / figure.bbox.width, 1 - 49 / height_px)
    figure.legend(
        handles=marks,
        loc="center right",
        bbox_to_anchor=place,
        ncols=len(marks),
        borderaxespad=0,
        borderpad=0,
    )


def _peak(samples: Samples) -> str:
    peak = max(int(samples.max()), -int(samples.min()))
    if not peak:
        return "digital silence"
    return f"peak {20 * np.log10(peak / 32_768):.1f} dBFS".replace("-", "−")


def _save(figure: Figure, path_out: Path) -> None:
    try:
        with whole(path_out) as beside:
            figure.savefig(beside, format="png", metadata={"Software": "wakeful"})
    except OSError as error:
        raise PlotError(f"plot: can't write {path_out}: {error.strerror or error}") from error
