"""The rows of `plot`'s picture: waveform, spectrogram, a model's probability. Nothing is written.

Whatever the length, a pixel shows the extremes of what falls on it, so that neither a click nor a
single high probability is lost between two columns. matplotlib is only met through what is passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from ..models.features import LINEAR_161, LOG_MEL_80
from ..models.mel import hz_to_mel
from .events import Event, SpeechEnd, Wake
from .source import SAMPLE_RATE_HZ, Samples

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

Curve = tuple[str, npt.NDArray[np.int64], npt.NDArray[np.float32]]
"""A model's name, the sample at which each of its steps ended, and the probabilities."""

Spectrogram = Literal["mel", "linear"]

_PIECE_FRAMES = 6_000
_SHOWN_DB = 75.0
_MOST_LINES = 20
_TICKS_HZ = {
    "mel": (250, 500, 1_000, 2_000, 4_000, 7_000),
    "linear": (0, 2_000, 4_000, 6_000, 8_000),
}


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
    spectrum: str = "magma"


LIGHT = Theme(
    paper="#ffffff",
    ink="#1c1c1c",
    faint="#808080",
    wave="#3b4a5a",
    speech="#f6e0b3",
    fired="#d55e00",
    curves=("#0072b2", "#007a59", "#a0528a"),
)
DARK = Theme(
    paper="#15181c",
    ink="#e6e6e6",
    faint="#8b939b",
    wave="#a9bccf",
    speech="#57451d",
    fired="#ff8c42",
    curves=("#56b4e9", "#2fc39a", "#d992bd"),
)


def seconds(sample: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Where on the time axis a sample lies."""
    return np.asarray(sample, np.float64) / SAMPLE_RATE_HZ


def envelope(
    samples: Samples, columns: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    """Where each column begins, and the lowest and highest sample in it; no more than `columns`."""
    starts = _starts(len(samples), columns)
    return starts, np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)


def _starts(length: int, columns: int) -> npt.NDArray[np.int64]:
    return np.linspace(0, length, min(columns, length), endpoint=False).astype(np.int64)


def draw_wave(axes: Axes, samples: Samples, columns: int, theme: Theme) -> None:
    """The waveform, as high as it needs; full scale is 1."""
    starts, lowest, highest = envelope(samples, columns)
    low, high = lowest / 32_768, highest / 32_768
    # A line of its own width keeps near-silence and single clicks visible.
    axes.fill_between(seconds(starts), low, high, color=theme.wave, linewidth=0.7)
    reach = 1.08 * max(float(-low.min()), float(high.max()), 2e-3)
    axes.set_ylim(-reach, reach)
    axes.locator_params(axis="y", nbins=4)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_ylabel("amplitude")


def shade_speech(axes: Axes, events: Sequence[Event], theme: Theme) -> None:
    """Behind the waveform: what was taken down after a wake word."""
    for event in events:
        if isinstance(event, SpeechEnd) and event.ending != "nothing":
            start_s, end_s = seconds([event.start_sample, event.sample])
            axes.axvspan(start_s, end_s, color=theme.speech, linewidth=0, zorder=0)


def picture(
    samples: Samples, kind: Spectrogram, columns: int
) -> tuple[npt.NDArray[np.float32], int]:
    """Decibels, [columns or fewer, bands], and how many samples a column stands for.

    Worked on piece by piece: ten hours need no more memory than ten minutes.
    """
    features = LOG_MEL_80 if kind == "mel" else LINEAR_161
    window, hop = features.window_samples, features.hop_samples
    sound = np.pad(samples, (0, max(0, window - len(samples))))
    frames = 1 + (len(sound) - window) // hop
    per_column = -(-frames // columns)
    piece = per_column * max(1, _PIECE_FRAMES // per_column)
    parts = []
    for first in range(0, frames, piece):
        part = features.whole(sound[first * hop : (first + piece - 1) * hop + window])
        parts.append(np.maximum.reduceat(part, np.arange(0, len(part), per_column)))
    return np.concatenate(parts) * np.float32(10 / np.log(10)), per_column * hop


def draw_spectrogram(
    axes: Axes, samples: Samples, kind: Spectrogram, columns: int, theme: Theme
) -> AxesImage:
    """Decibels below the loudest, in a map whose lightness rises evenly; returns the image."""
    decibels, column_samples = picture(samples, kind, columns)
    features = LOG_MEL_80 if kind == "mel" else LINEAR_161
    # Digital silence is no loudest: it is drawn dark, as what lies 20 dB below.
    floor = 10 * np.log10(features.floor)
    decibels -= max(np.percentile(decibels, 99.9), floor + 20.0)
    # The background's level decides how deep to look: there is nothing to see below it.
    deepest = np.clip(np.percentile(decibels, 5), -_SHOWN_DB, -20.0)
    # A window's power is drawn around its middle.
    start = (features.window_samples - features.hop_samples) // 2
    left, right = seconds([start, start + len(decibels) * column_samples])
    bottom, top = _frequency_axis(axes, kind)
    image = axes.imshow(
        decibels.T,
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        extent=(float(left), float(right), bottom, top),
        cmap=theme.spectrum,
        vmin=float(deepest),
        vmax=0.0,
    )
    axes.set_facecolor(image.get_cmap()(0.0))
    return image


def _frequency_axis(axes: Axes, kind: Spectrogram) -> tuple[float, float]:
    """Ticks in Hz; returns the lower edge of the lowest row and the upper edge of the highest."""
    ticks = np.array(_TICKS_HZ[kind])
    labels = [f"{hz // 1000}k" if hz >= 1_000 else str(hz) for hz in ticks]
    if kind == "mel":
        low, high = hz_to_mel([LOG_MEL_80.low_hz, LOG_MEL_80.high_hz])
        half = (high - low) / (LOG_MEL_80.bands + 1) / 2
        bottom, top = low + half, high - half
        ticks = hz_to_mel(ticks)
    else:
        half = SAMPLE_RATE_HZ / LINEAR_161.window_samples / 2
        bottom, top = -half, SAMPLE_RATE_HZ / 2 + half
    axes.set_yticks(ticks, labels)
    axes.set_ylabel("Hz, mel scale" if kind == "mel" else "Hz")
    return float(bottom), float(top)


def draw_probability(
    axes: Axes, curve: Curve, threshold: float, columns: int, colour: str, theme: Theme
) -> None:
    """A model's probabilities, and the line that they must cross; gaps where it slept."""
    name, steps, probabilities = curve
    if len(steps) > 2 * columns:
        starts = _starts(len(steps), columns)
        steps, probabilities = steps[starts], np.maximum.reduceat(probabilities, starts)
    at_s, values = seconds(steps), probabilities.astype(np.float64)
    if len(steps) > 2:
        gaps = np.flatnonzero(np.diff(steps) > 2 * np.median(np.diff(steps))) + 1
        at_s, values = np.insert(at_s, gaps, at_s[gaps]), np.insert(values, gaps, np.nan)
    axes.fill_between(at_s, 0, values, color=colour, alpha=0.18, linewidth=0)
    axes.plot(at_s, values, color=colour, linewidth=1.3)
    axes.axhline(threshold, color=theme.faint, linewidth=1, linestyle=(0, (5, 3)))
    axes.annotate(
        f"{threshold:.2f}",
        (1, threshold),
        (4, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        color=theme.faint,
        verticalalignment="center",
    )
    # The name stands inside, below the markers: beside the axis a long one would not fit.
    box = {"facecolor": theme.paper, "edgecolor": "none", "alpha": 0.75, "pad": 2}
    axes.annotate(
        shortened(name, 60),
        (0, 0.98),
        (8, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        color=colour,
        fontweight="bold",
        verticalalignment="top",
        bbox=box,
    )
    axes.set_ylim(-0.04, 1.16)
    axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.set_ylabel("probability")


def mark_wakes(
    rows: Sequence[Axes], curves: Sequence[Curve], events: Sequence[Event], theme: Theme
) -> None:
    """A marker in the row of the model that fired; if they are few, a line through all rows."""
    own = {name: row for (name, _, _), row in zip(curves, rows[2:], strict=True)}
    wakes = [event for event in events if isinstance(event, Wake)]
    for wake in wakes:
        at_s = float(seconds(wake.sample))
        for row in rows if len(wakes) <= _MOST_LINES else ():
            # On the spectrogram's own reds and yellows only white stands out.
            colour = "#ffffff" if row is rows[1] else theme.fired
            row.axvline(at_s, color=colour, linewidth=0.9, alpha=0.75)
        if wake.model in own:
            own[wake.model].plot(at_s, 1.07, "v", color=theme.fired, markersize=8, clip_on=False)


def shortened(line: str, longest: int) -> str:
    """One line that fits: of a long path both ends are worth more than its middle."""
    line = " ".join(line.split())
    half = longest // 2
    return line if len(line) <= longest else f"{line[: half - 1]}…{line[-half:]}"
