"""The charts of a report as PNG, for papers and slides. matplotlib comes with the plot extra."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ..models.features import LINEAR_161, LOG_MEL_80
from ..models.mfcc import MFCC_13, deltas
from ..synth.collection import shown
from .drawing import BLUE, ORANGE, PictureError, new_figure, save_figure
from .explore import Explored
from .explore_charts import smoothed
from .explore_labels import BAND_EDGES_HZ, LEVEL_EDGES_DB, LabelSounds
from .explore_measure import RATE_HZ, UNREADABLE
from .explore_sound import first_part
from .explore_spread import Spread
from .explore_store import Row, Store

_COLOURS = (BLUE, ORANGE, "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8b5a2b")
_MARKS = "os^D"
_MOST_LABELS = 40
_MOST_TYPICAL = 24
_MOST_POINTS = 20_000


def write_pictures(folder: Path, store: Store, e: Explored) -> Iterator[Path]:
    """Write each chart into a folder, which is made; raises `PictureError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PictureError(f"{shown(folder)}: can't be made ({error.strerror or error})") from error
    for name, draw in _charts(store, e).items():
        with _any_script():
            save_figure(draw(), folder / f"{name}.png")
        yield folder / f"{name}.png"


@contextmanager
def _any_script() -> Iterator[None]:
    """A name may be in a script that the font lacks: a box in its place tells that by itself."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")
        yield


def _charts(store: Store, e: Explored) -> dict[str, Callable[[], Any]]:
    """What can be drawn of this data set, by name."""
    f, sounds = e.figures, e.sounds
    found: dict[str, Callable[[], Any]] = {}
    if f.labels:
        found["labels"] = lambda: _bars([(x.name, x.recordings) for x in f.labels[:_MOST_LABELS]])
    spreads = {
        "seconds": (f.seconds, "seconds"),
        "level": (f.level_dbfs, "level, dBFS"),
        "snr": (f.snr_db, "signal to noise, dB"),
    }
    for name, (spread, unit) in spreads.items():
        if spread:
            found[name] = partial(_spread, spread, unit)
    if sounds:
        found["spectra"] = lambda: _spectra(sounds)
        for n, number in enumerate(sounds.typical[:_MOST_TYPICAL]):
            row = store.rows("id = ?", number)[0]
            found[f"typical-{n:02d}"] = partial(_recording, store, row)
    if sounds and len(sounds.labels) > 1:
        found["band"] = lambda: _band(sounds)
        found["alike"] = lambda: _alike(sounds)
    if sounds and e.space:
        found["space"] = lambda: _space(store, sounds)
    return found


def _bars(rows: list[tuple[str, int]]) -> Any:
    figure, axes = new_figure(8, 1.2 + 0.25 * len(rows))
    axes.barh([name for name, _ in rows], [count for _, count in rows], color=BLUE)
    axes.invert_yaxis()
    axes.set_xlabel("recordings")
    return figure


def _spread(s: Spread, unit: str) -> Any:
    figure, axes = new_figure(8, 4)
    axes.stairs(s.counts, s.edges, fill=True, color=BLUE)
    axes.axvline(s.percentiles[50], color=ORANGE, label=f"median {s.percentiles[50]:.4g}")
    axes.set_xlabel(unit)
    axes.set_ylabel("recordings")
    axes.legend(frameon=False)
    return figure


def _spectra(sounds: LabelSounds) -> Any:
    """A small picture for each label, before the curves of all others."""
    across = 4
    down = -(-len(sounds.labels) // across)
    figure, axes = new_figure(10, 1.6 * down, nrows=down, ncols=across, sharex=True, sharey=True)
    hz = np.arange(sounds.spectra.shape[1]) * 0.05
    for n, panel in enumerate(np.atleast_1d(axes).ravel()):
        if n >= len(sounds.labels):
            panel.axis("off")
            continue
        panel.plot(hz, sounds.spectra.T, color="#cccccc", linewidth=0.6)
        panel.plot(hz, sounds.spectra[n], color=BLUE)
        panel.set_title(sounds.labels[n], fontsize=9, parse_math=False)
    figure.supxlabel("kHz")
    figure.supylabel("dB of the whole")
    return figure


def _band(sounds: LabelSounds) -> Any:
    """Violins of the band in which labels lie farthest apart."""
    best = int(np.argmax(sounds.apart))
    low, high = list(pairwise(BAND_EDGES_HZ))[best]
    figure, axes = new_figure(8, 1.2 + 0.4 * len(sounds.labels))
    middles = (LEVEL_EDGES_DB[:-1] + LEVEL_EDGES_DB[1:]) / 2
    for n, counts in enumerate(sounds.levels[:, best]):
        width = 0.45 * smoothed(counts)
        axes.fill_between(middles, n - width, n + width, where=width > 0, color=BLUE, alpha=0.7)
    axes.set_yticks(range(len(sounds.labels)), sounds.labels)
    axes.invert_yaxis()
    axes.set_xlabel(f"{low} to {high} Hz, dB of the whole")
    return figure


def _alike(sounds: LabelSounds) -> Any:
    size = 2.5 + 0.3 * len(sounds.labels)
    figure, axes = new_figure(size + 1, size)
    image = axes.imshow(sounds.alike, cmap="PuOr", vmin=-1, vmax=1)
    ticks = range(len(sounds.labels))
    axes.set_xticks(ticks, sounds.labels, rotation=60, ha="right")
    axes.set_yticks(ticks, sounds.labels)
    figure.colorbar(image, label="how alike their mean shapes are")
    return figure


def _space(store: Store, sounds: LabelSounds) -> Any:
    figure, axes = new_figure(8, 7, subplot_kw={"projection": "3d"})
    text = "SELECT x, y, z FROM clips WHERE odd IS NOT NULL AND label = ? ORDER BY id LIMIT ?"
    for n, label in enumerate(sounds.labels):
        places = np.array(list(store.query(text, label, _MOST_POINTS // len(sounds.labels))))
        if len(places):
            mark = _MARKS[n // len(_COLOURS) % len(_MARKS)]
            colour = _COLOURS[n % len(_COLOURS)]
            # matplotlib leaves out of a legend what begins with an underscore.
            axes.scatter(*places.T, s=5, marker=mark, color=colour, label=f" {label}", alpha=0.6)
    axes.set(xlabel="axis 1", ylabel="axis 2", zlabel="axis 3")
    figure.legend(loc="outside right upper", frameon=False, markerscale=3)
    return figure


def _recording(store: Store, row: Row) -> Any:
    """Waveform, log-spectrogram, mel, MFCC and its second difference, one under the other."""
    figure, axes = new_figure(8, 9, nrows=5, sharex=True)
    try:
        sound = first_part(store.path_of(row), 10.0)
    except UNREADABLE:  # gone since it was measured
        sound = np.zeros(RATE_HZ, np.int16)
    length_s = len(sound) / RATE_HZ
    cepstra = MFCC_13.whole(sound)
    axes[0].plot(np.arange(len(sound)) / RATE_HZ, sound / 32_768, color=BLUE, linewidth=0.6)
    pictures = {
        "kHz": (LINEAR_161.whole(sound), 8),
        "mel band": (LOG_MEL_80.whole(sound), 80),
        "MFCC": (cepstra[:, 1:], 12),
        "second difference": (deltas(deltas(cepstra))[:, 1:], 12),
    }
    for panel, (name, (frames, top)) in zip(axes[1:], pictures.items(), strict=True):
        extent = (0, length_s, 0, top)
        panel.imshow(frames.T, origin="lower", aspect="auto", cmap="viridis", extent=extent)
        panel.set_ylabel(name)
    figure.suptitle(shown(row.name), parse_math=False)
    axes[-1].set_xlabel("seconds")
    return figure
