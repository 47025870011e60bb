"""``wakeful plot``: a recording, and what the models made of it, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import listen_command  # sets numpy's threads before numpy is loaded

if TYPE_CHECKING:
    from .events import Event
    from .plot_rows import Curve
    from .settings import Settings
    from .source import Samples

_LONGEST_S = 3_600


@click.command()
@click.argument("file", type=click.Path())
@click.option(
    "--model",
    "-m",
    "models",
    multiple=True,
    shell_complete=listen_command.complete_models,
    help="A shipped model's name or a path; may be given more than once.",
)
@click.option("--out", "-o", type=click.Path(), help="The picture (default: FILE.png, here).")
@click.option("--linear", is_flag=True, help="A linear spectrogram instead of the mel one.")
@click.option("--dark", is_flag=True, help="Light on dark.")
@click.option("--config", "config_file", type=click.Path(), help="Another configuration file.")
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
    from .plot import draw

    flags: dict[str, Any] = {"gate": {"sleep": False}}
    if models:
        flags["models"] = list(models)
    settings = load(config_file, flags)
    samples, curves, events, thresholds = _heard(file, settings)
    path = Path(out) if out else Path(Path(file).name).with_suffix(".png")
    draw(
        path,
        samples,
        curves,
        events,
        Path(file).name,
        thresholds,
        spectrogram="linear" if linear else "mel",
        theme="dark" if dark else "light",
    )
    click.echo(path)


def _heard(
    file: str, settings: Settings
) -> tuple[Samples, list[Curve], list[Event], dict[str, float]]:
    """The sound, each model's probabilities, the events, and each model's threshold."""
    import numpy as np

    from ..models.bundle import load_bundle
    from ..models.runtime import TriggerModel
    from .events import Stamp
    from .opening import RawFormat, open_source
    from .pipeline import Pipeline

    models = [TriggerModel(load_bundle(name)) for name in settings.models]
    rows: dict[str, dict[int, float]] = {model.bundle.name: {} for model in models}

    def trace(name: str, samples: Any, probabilities: Any) -> None:
        rows[name].update(zip(samples.tolist(), probabilities.tolist(), strict=True))

    audio = type(settings.audio)(input=file)
    source = open_source(audio, RawFormat())
    pipeline = Pipeline(settings, models, Stamp(source.name, source.opened_at), trace)
    parts: list[Samples] = []
    events: list[Event] = []
    while len(samples := source.read(16_000)) and len(parts) < _LONGEST_S:
        parts.append(samples)
        events += pipeline.feed(samples)
    events += pipeline.flush()
    source.close()
    curves = [_curve(name, row) for name, row in rows.items()]
    thresholds = {
        model.bundle.name: settings.detector.threshold or model.bundle.manifest.detector.threshold
        for model in models
    }
    sound = np.concatenate(parts) if parts else np.zeros(0, np.int16)
    return sound, curves, events, thresholds


def _curve(name: str, row: dict[int, float]) -> Curve:
    """Sorted by time: what was heard again on waking stands for what was heard first."""
    import numpy as np

    samples = np.array(sorted(row), np.int64)
    return name, samples, np.array([row[sample] for sample in samples.tolist()], np.float32)
