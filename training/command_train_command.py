"""``wakeful train commands-dense`` and the other older command networks: one command for each."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from .train_options import command_line, say_since

FOLDER = click.Path(path_type=Path)


def _train(
    network: str,
    feature: str,
    epochs: int,
    batch: int,
    folds: int,
    as_json: bool,
    **options: Any,
) -> None:
    from .classify import Recipe
    from .command_train import CommandRequest, train_command_network

    if folds == 1:
        raise click.UsageError("--folds 1: one fold leaves nobody to fit on; 2 at least")
    request = CommandRequest(
        network,
        feature=feature,
        recipe=Recipe(epochs=epochs, batch=batch),
        folds=folds,
        command=command_line(),
        **options,
    )
    rows = train_command_network(request, say_since())
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows]))
        return
    for number, row in enumerate(rows):
        fold = f"fold {number}: " if folds else ""
        click.echo(
            f"{fold}train {row.train:.4f}, validation {row.validation:.4f}, test {row.test:.4f}"
        )
    if folds:
        click.echo(f"mean of test: {sum(row.test for row in rows) / len(rows):.4f}")


def _command(network: str, features: str) -> click.Command:
    """The command of one network; `features` as its help names them."""

    def run(**options: Any) -> None:
        _train(network, **options)

    options = [
        click.Option(
            ["--data"], type=FOLDER, required=True, help="Speech Commands, or a part of it."
        ),
        click.Option(["--features", "feature"], default="", help=f"One of {features}."),
        click.Option(["--out"], type=FOLDER, default=Path(), help="Where it goes (default: here)."),
        click.Option(["--epochs"], type=click.IntRange(1, 1_000), default=4, show_default=True),
        click.Option(["--batch"], type=click.IntRange(1, 4_096), default=64, show_default=True),
        click.Option(
            ["--folds"],
            type=click.IntRange(0, 50),
            default=0,
            help="Fit once for each of so many parts of the speakers, and measure on it.",
        ),
        click.Option(["--seed"], type=click.IntRange(0), default=1, show_default=True),
        click.Option(["--json", "as_json"], is_flag=True, help="The figures as JSON."),
    ]
    told = (
        f"Fit {network} on ten words, unknown ones and silence, as it was fitted once.\n\n"
        f"\b\nwakeful train {network} --data speech_commands\n"
        f"wakeful train {network} --data speech_commands --folds 5 --json\n\n"
        "Adam, cross-entropy, 4 epochs of batches of 64. A run that was stopped goes on."
    )
    return click.Command(network, callback=run, params=list(options), help=told)


train_dense = _command("commands-dense", "linear, log-mel, mfcc")
train_cnn = _command("commands-cnn", "linear, log-mel, mfcc")
train_vgg = _command("commands-vgg", "linear, log-mel, mfcc")
train_light_cnn = _command("commands-light-cnn", "light")
train_wavception = _command("commands-wavception", "raw")
