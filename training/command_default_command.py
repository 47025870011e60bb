"""``wakeful train commands-default``: the command model that ships, from people and voices."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from .train_options import command_line, say_since, used_data

FOLDER = click.Path(path_type=Path)


@click.command()
@click.option("--data", type=FOLDER, required=True, help="Speech Commands, or a part of it.")
@click.option("--voices", type=FOLDER, multiple=True, help="What `wakeful synth words` made.")
@click.option("--speech", type=FOLDER, multiple=True, help="Running speech: unknown words.")
@click.option("--noise", type=FOLDER, multiple=True, help="Recorded noise, beside the data set's.")
@click.option("--out", type=FOLDER, default=Path(), help="Where the bundle goes (default: here).")
@click.option(
    "--folds",
    type=click.IntRange(0, 50),
    default=3,
    show_default=True,
    help="Parts of the speakers, each of which measures a network that hasn't heard it.",
)
@click.option("--backbone", type=FOLDER, help="What every fit starts from (default: the shipped).")
@click.option("--epochs", type=click.IntRange(1, 1_000), help="Of each way (default: 5).")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), help="Default: one for each core.")
@click.option("--used", type=FOLDER, help="JSON list of what is used: name, licence, hours.")
@click.option("--png", type=FOLDER, help="A picture of what was taken for what.")
@click.option("--json", "as_json", is_flag=True, help="The figures as one JSON object.")
def train_commands_default(
    data: Path,
    voices: tuple[Path, ...],
    speech: tuple[Path, ...],
    noise: tuple[Path, ...],
    out: Path,
    folds: int,
    backbone: Path | None,
    epochs: int | None,
    seed: int,
    processes: int | None,
    used: Path | None,
    png: Path | None,
    as_json: bool,
) -> None:
    """Train the network that ships: ten words, unknown ones, and silence.

    \b
    wakeful synth words yes no up down left right on off stop go bird cat --out voices
    wakeful train commands-default --data speech_commands --voices voices --speech podcasts

    It is fitted once for each fold, to know what strangers get and to calibrate, and at last on
    everybody. A run that was stopped goes on where it was when the same command is given again.
    """
    from dataclasses import replace

    from .backbone import SHIPPED_EAR
    from .command_default import DefaultRecipe, DefaultRequest, train_default
    from .command_picture import draw_confusion
    from .command_sources import Folders

    if folds == 1:
        raise click.UsageError("--folds 1: one fold leaves nobody to fit on; 2 at least, or 0")
    if png and not folds:
        raise click.UsageError("--png draws what was measured; without --folds nothing is")
    recipe = DefaultRecipe()
    if epochs:
        first = min(recipe.first_epochs, epochs)
        recipe = replace(recipe, fit=replace(recipe.fit, epochs=epochs), first_epochs=first)
    request = DefaultRequest(
        folders=Folders(data, voices, speech, noise),
        out=out,
        recipe=recipe,
        backbone=backbone or SHIPPED_EAR,
        folds=folds,
        seed=seed,
        processes=processes or len(os.sched_getaffinity(0)),
        data=used_data(used),
        command=command_line(),
    )
    measured = train_default(request, say_since())
    if png:
        draw_confusion(png, measured.figures["labels"], measured.figures["confusion"])
    figures = {"model": str(measured.bundle.path), **measured.figures}
    click.echo(json.dumps(figures) if as_json else _told(figures))


def _told(figures: dict[str, Any]) -> str:
    lines = [str(figures["model"])]
    if "right" in figures:
        lines.append(
            f"people never heard  {figures['right']:.4f} of {figures['clips']} clips, "
            f"confidence off by {figures['calibration_error']:.3f}"
        )
        lines += [f"  {name:<17} {right:.4f}" for name, right in figures["by_label"].items()]
    return "\n".join(lines)
