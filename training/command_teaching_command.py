"""``wakeful train commands-backbone``: what every command model starts from."""

from __future__ import annotations

from pathlib import Path

import click

from .train_options import command_line, data_option, say_since, used_data

FOLDER = click.Path(path_type=Path)


@click.command()
@click.option("--speech", type=FOLDER, multiple=True, required=True, help="Clean English speech.")
@click.option("--noise", type=FOLDER, multiple=True, help="Recorded noise.")
@click.option("--out", type=FOLDER, default=Path(), help="Where it goes (default: here).")
@click.option("--hours", type=click.FloatRange(0.01, 100), default=5.0, show_default=True)
@click.option("--epochs", type=click.IntRange(1, 1_000), default=8, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@data_option
def train_commands_backbone(
    speech: tuple[Path, ...],
    noise: tuple[Path, ...],
    out: Path,
    hours: float,
    epochs: int,
    seed: int,
    data: Path | None,
) -> None:
    """Teach the trigger's backbone what whisper hears in speech (pip install 'wakeful[asr]').

    \b
    wakeful train commands-backbone --speech podcasts --noise kitchen --hours 5
    wakeful train commands-default --data speech_commands --backbone backbone-commands.npz

    A run that was stopped goes on where it was when the same command is given again.
    """
    from dataclasses import replace

    from .command_teaching import TeachingRecipe, TeachingRequest, teach_commands

    recipe = TeachingRecipe(hours=hours)
    request = TeachingRequest(
        speech=speech,
        noise=noise,
        out=out,
        recipe=replace(recipe, fit=replace(recipe.fit, epochs=epochs)),
        seed=seed,
        data=used_data(data),
        command=command_line(),
    )
    click.echo(teach_commands(request, say_since()))
