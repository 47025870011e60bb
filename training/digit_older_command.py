"""``wakeful train digits-lstm-…``: one of the older digit networks, fitted and measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .train_options import say_since

if TYPE_CHECKING:
    from .digit_older import Fitted

FOLDER = click.Path(path_type=Path)


def _command(name: str, said: str) -> click.Command:
    """The command of one network; they differ in nothing but their names."""

    @click.command(name, help=f"{said}\n\n\b\nwakeful train {name} --data fsdd")
    @_options
    def train(**options: Any) -> None:
        _train(name, **options)

    return train


def _options(function: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.option(
            "--data",
            type=FOLDER,
            required=True,
            help="FSDD, or any corpus that names digit and speaker.",
        ),
        click.option("--out", type=FOLDER, default=Path(), help="Where it goes (default: here)."),
        click.option("--ninefold/--plain", default=None, help="Of each recording nine, or one."),
        click.option(
            "--leave-out",
            metavar="SPEAKER",
            help="Fit on all others and measure on this one (default: a random split).",
        ),
        click.option(
            "--minutes", type=click.FloatRange(0.01, 6_000), default=10.0, show_default=True
        ),
        click.option("--seed", type=click.IntRange(0), default=1, show_default=True),
        click.option("--tensorboard", type=FOLDER, help="Where the losses go for TensorBoard."),
        click.option("--json", "as_json", is_flag=True, help="The figures as one JSON object."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def _train(
    name: str,
    data: Path,
    out: Path,
    ninefold: bool | None,
    leave_out: str | None,
    minutes: float,
    seed: int,
    tensorboard: Path | None,
    as_json: bool,
) -> None:
    from .digit_one import OneRequest, train_one
    from .scalars import require_folder

    if tensorboard:
        require_folder(tensorboard)
    request = OneRequest(
        name=name,
        data=data,
        out=out,
        ninefold=name.endswith("-augmented") if ninefold is None else ninefold,
        leave_out=leave_out,
        minutes=minutes,
        seed=seed,
        tensorboard=tensorboard,
    )
    fitted = train_one(request, say_since())
    told = {"model": str(out / f"{name}.npz"), "micro_f1": fitted.micro_f1}
    figures = told | asdict(fitted) | {"confusion": fitted.confusion.tolist()}
    click.echo(json.dumps(figures) if as_json else _told(name, out, fitted))


def _told(name: str, out: Path, fitted: Fitted) -> str:
    return (
        f"{out / name}.npz: micro-F1 {fitted.micro_f1:.4f} of {int(fitted.confusion.sum())} "
        f"clips that it never heard; {fitted.epochs} epochs of {fitted.clips} clips, "
        f"{fitted.seconds:.0f} s"
    )


train_raw = _command(
    "digits-lstm-raw", "Train an LSTM that hears digits one sample at a time: 4,510 parameters."
)
train_raw_augmented = _command(
    "digits-lstm-raw-augmented",
    "Train the larger one of these, on nine of each recording: 18,218 parameters.",
)
train_mel = _command(
    "digits-lstm-mel", "Train an LSTM on log-mel, 64 bands by 35 frames: 349,834 parameters."
)
