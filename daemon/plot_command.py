"""``wakeful plot``: a recording, and what the models made of it, as a picture."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import one_thread  # noqa: F401 - before numpy
from .options import config_option, models_option
from .printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models.runtime import TriggerModel
    from .events import Event
    from .plot_rows import Curve
    from .settings import Settings
    from .source import Samples, Source

_LONGEST_S = 3_600
"""An hour on a picture's width is three seconds a column: more would show nothing more."""


@click.command()
@click.argument("file", type=click.Path())
@models_option
@click.option("--out", "-o", type=click.Path(), help="The picture (default: FILE.png, here).")
@click.option("--linear", is_flag=True, help="A linear spectrogram instead of the mel one.")
@click.option("--dark", is_flag=True, help="Light on dark.")
@config_option
def plot(
    file: str,
    models: tuple[str, ...],
    out: str | None,
    linear: bool,
    dark: bool,
    config_file: str | None,
) -> None:
    """Draw a recording with what the model heard in it.

    \b
    wakeful plot kitchen.flac
    wakeful plot kitchen.flac --model activate --model ./computer.json --out both.png

    From the top: waveform, spectrogram, and for each model the probability of its word with the
    threshold and the places where it fired, through the very pipeline that `listen` runs.
    """
    from .config import load
    from .opening import open_file, open_models
    from .plot import draw

    flags: dict[str, Any] = {"gate": {"sleep": False}}
    if models:
        flags["models"] = list(models)
    settings = load(config_file, flags)
    opened, source = open_models(settings.models), open_file(file)
    # Where it is missing, that is told before an hour of sound is worked on, not after.
    import matplotlib  # noqa: F401

    with contextlib.closing(source):
        samples, events, curves = _heard(source, opened, settings)
    path = Path(out) if out else Path(Path(file).name).with_suffix(".png")
    draw(
        path,
        samples,
        curves,
        events,
        printable(Path(file).name),
        {model.bundle.name: _threshold(model, settings) for model in opened},
        spectrogram="linear" if linear else "mel",
        theme="dark" if dark else "light",
    )
    click.echo(printable(str(path)))


def _threshold(model: TriggerModel, settings: Settings) -> float:
    return settings.detector.threshold or model.bundle.manifest.detector.threshold


def _heard(
    source: Source, models: Sequence[TriggerModel], settings: Settings
) -> tuple[Samples, list[Event], list[Curve]]:
    """The sound, what happened in it, and each model's probabilities."""
    from .events import Stamp
    from .pipeline import Pipeline

    rows: dict[str, dict[int, float]] = {model.bundle.name: {} for model in models}

    def trace(name: str, samples: Any, probabilities: Any) -> None:
        rows[name].update(zip(samples.tolist(), probabilities.tolist(), strict=True))

    pipeline = Pipeline(settings, models, Stamp(source.name, source.opened_at), trace)
    sound = _read(source)
    events = pipeline.feed(sound) + pipeline.flush()
    return sound, events, [_curve(name, row) for name, row in rows.items()]


def _read(source: Source) -> Samples:
    """All of it, or as much as a picture shows, which is then told."""
    import numpy as np

    from .source import SAMPLE_RATE_HZ

    parts, left = [], _LONGEST_S * SAMPLE_RATE_HZ
    while left and len(samples := source.read(min(left, SAMPLE_RATE_HZ))):
        parts.append(samples)
        left -= len(samples)
    if not left and len(source.read(1)):
        print(f"wakeful: only the first {_LONGEST_S} s are drawn: there is more", file=sys.stderr)
    return np.concatenate(parts) if parts else np.zeros(0, np.int16)


def _curve(name: str, row: dict[int, float]) -> Curve:
    """Sorted by time: what was heard again on waking stands for what was heard first."""
    import numpy as np

    samples = np.array(sorted(row), np.int64)
    return name, samples, np.array([row[sample] for sample in samples.tolist()], np.float32)
