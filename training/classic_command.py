"""``wakeful train trigger-classic``: the classic net, from compositions instead of from a word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .train_options import command_line, data_option, say_since, used_data

if TYPE_CHECKING:
    from .classic import Measured
    from .classic_scores import Counts

FOLDER = click.Path(path_type=Path)
NAME = "trigger-classic"


@click.command()
@click.option("--composed", type=FOLDER, required=True, help="What `wakeful synth classic` made.")
@click.option("--out", type=FOLDER, default=Path(), help="Where the net goes (default: here).")
@click.option("--epochs", type=click.IntRange(1, 10_000), default=10, show_default=True)
@click.option("--held-out", type=FOLDER, help="Other compositions, to measure it by.")
@click.option("--evaluate-only", is_flag=True, help="Measure the net in --out again.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@data_option
@click.option("--json", "as_json", is_flag=True, help="The figures as one JSON object.")
def train_classic(
    composed: Path,
    out: Path,
    epochs: int,
    held_out: Path | None,
    evaluate_only: bool,
    seed: int,
    data: Path | None,
    as_json: bool,
) -> None:
    """Train the classic trigger net, or measure it, and print what it is worth.

    \b
    wakeful synth classic recordings --out composed
    wakeful train trigger-classic --composed composed --epochs 100
    """
    from . import classic

    request = classic.ClassicRequest(
        composed=composed,
        out=out,
        epochs=epochs,
        seed=seed,
        held_out=held_out,
        data=used_data(data),
        command=command_line(),
    )
    train = classic.measure_classic if evaluate_only else classic.train_classic
    measured = train(request, say_since())
    click.echo(json.dumps(measured.figures()) if as_json else _table(measured))


def _table(measured: Measured) -> str:
    scores, silent = measured.scores, measured.scores.silent
    head = f"{'':22}{'accuracy':>10}{'precision':>11}{'recall':>9}{'F1':>9}"
    rows = (
        _row("steps", scores.steps),
        _row("steps, says nothing", silent.steps),
        _row("events", scores.events),
        _row("events, says nothing", silent.events),
    )
    e = scores.events
    return "\n".join(
        (
            f"{measured.out / NAME}: {scores.examples} {measured.on} examples, "
            f"loss {measured.loss:.4f}",
            click.style(head, bold=True),
            *rows,
            f"{e.hits} of {e.hits + e.misses} words heard, {e.false_accepts} false accepts",
        )
    )


def _row(name: str, c: Counts) -> str:
    rates = zip((10, 11, 9, 9), (c.accuracy, c.precision, c.recall, c.f1), strict=True)
    return f"{name:22}" + "".join(
        f"{'-' if rate is None else f'{100 * rate:.1f} %':>{width}}" for width, rate in rates
    )
