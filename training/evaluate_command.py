"""``wakeful evaluate``: misses, false accepts an hour and latency of a model that ships."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..daemon import one_thread  # noqa: F401 - before numpy
from ..daemon.options import complete_models
from ..synth.scheduler_option import scheduler_option
from .train_options import require_place

if TYPE_CHECKING:
    from .evaluate import Evaluation

FOLDER = FILE = click.Path(path_type=Path)


@click.command()
@click.argument("model", shell_complete=complete_models)
@click.option(
    "--positives",
    type=FOLDER,
    multiple=True,
    required=True,
    help="Recordings of the word: one a file, or as their labels.csv says.",
)
@click.option("--negatives", type=FOLDER, multiple=True, help="Long sound without the word.")
@click.option("--noise", type=FOLDER, multiple=True, help="Noise to lay under the positives.")
@click.option(
    "--snr-db",
    type=click.FloatRange(-60, 120),
    help="How far below the word the noise is (default: 10).",
)
@click.option(
    "--transcripts",
    is_flag=True,
    help="Leave out negatives whose transcript, beside them, holds the word.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, its keys always the same.")
@click.option(
    "--html",
    type=FILE,
    is_flag=False,
    flag_value="evaluation.html",
    help="A page with curves, and the worst to hear (without a name: evaluation.html).",
)
@click.option("--png", type=FILE, help="A picture of the curve.")
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="Of the noise that is laid.",
)
@click.option("--processes", type=click.IntRange(1, 64), help="Default: one for each core.")
@scheduler_option
def evaluate(
    model: str,
    positives: tuple[Path, ...],
    negatives: tuple[Path, ...],
    noise: tuple[Path, ...],
    snr_db: float | None,
    transcripts: bool,
    as_json: bool,
    html: Path | None,
    png: Path | None,
    seed: int,
    processes: int | None,
    scheduler: str,
) -> None:
    """Measure MODEL, a shipped name or a bundle's path, through the pipeline that listens.

    \b
    wakeful evaluate activate --positives calls --negatives podcasts
    wakeful evaluate ./computer.json --positives calls --negatives podcasts \\
        --noise kitchen --snr-db 10 --html computer.html

    How each figure is defined: docs/evaluate.md
    """
    from ..synth.progress import bar
    from .evaluate import evaluate
    from .material import Request

    if snr_db is not None and not noise:
        raise click.UsageError("--snr-db says how loud --noise is; give --noise too")
    _require_places(html, png)
    if scheduler:
        # Workers stand elsewhere: a folder has to be named from the root.
        positives, negatives, noise = (
            tuple(path.absolute() for path in paths) for paths in (positives, negatives, noise)
        )
    request = Request(
        model=model,
        positives=positives,
        negatives=negatives,
        noise=noise,
        scheduler=scheduler,
        snr_db=10.0 if snr_db is None else snr_db,
        transcripts=transcripts,
        seed=seed,
        processes=processes or len(os.sched_getaffinity(0)),
    )
    began = time.monotonic()
    found = evaluate(request, bar(" s of sound"))
    click.echo(_speed(found, time.monotonic() - began), err=True)
    _print(found, as_json)
    _write(found, html, png)


def _require_places(*paths: Path | None) -> None:
    """An hour's work must not end with a folder that isn't there, nor with one that is."""
    require_place(*paths)
    for path in paths:
        if path and path.is_dir():
            raise click.UsageError(f"{path}: is a folder; name a file in it")


def _speed(found: Evaluation, seconds: float) -> str:
    heard = found.hours + sum(take.duration_s for take in found.material.takes) / 3600
    return f"heard {heard:.2f} h in {seconds:.0f} s: {heard / seconds:.3f} h a second"


def _print(found: Evaluation, as_json: bool) -> None:
    import msgspec

    from .figures import figures, lines

    if as_json:
        click.echo(msgspec.json.encode(figures(found)).decode())
        return
    _echo_lines(list(lines(found)))


def _echo_lines(told: Sequence[str]) -> None:
    click.secho(told[0], bold=True)
    for line in told[1:]:
        click.echo(click.style(line, fg="yellow") if line.startswith("note:") else line)


def _write(found: Evaluation, html: Path | None, png: Path | None) -> None:
    if html:
        from ..synth.page import write_page
        from .evaluate_page import evaluation_page

        write_page(html, evaluation_page(found))
    if png:
        from .curve import draw_curve

        draw_curve(png, found)
