"""``wakeful train WORD``: clips of a word and folders of other sound in, a bundle out."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("word")
@click.option("--clips", type=FOLDER, required=True, help="holds positive, hard and sentence")
@click.option("--negatives", type=FOLDER, multiple=True, help="speech without the word")
@click.option("--halves", type=FOLDER, multiple=True, help="the same; every other file held out")
@click.option("--noise", type=FOLDER, multiple=True, help="recorded noise")
@click.option("--held-out", type=FOLDER, multiple=True, help="speech to set the threshold by")
@click.option("--data", type=FOLDER, help="JSON list of what was used: name, licence, hours")
@click.option("--out", type=FOLDER, required=True, help="where the bundle goes")
@click.option("--minutes", type=click.FloatRange(1, 600), default=30.0, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
def train(
    word: str,
    clips: Path,
    negatives: tuple[Path, ...],
    halves: tuple[Path, ...],
    noise: tuple[Path, ...],
    held_out: tuple[Path, ...],
    data: Path | None,
    out: Path,
    minutes: float,
    seed: int,
    processes: int,
) -> None:
    """Train a model that listens for WORD, and write it to OUT as a bundle.

    \b
    wakeful train computer --clips clips/computer --halves speech --out models

    A run that was stopped goes on where it was when the same command is given again.
    """
    from ..models.bundle import TrainingData
    from .export import Origin
    from .recipe import recipe_for
    from .ship import ship
    from .train import Run, heard_hours, read_sound_for

    recipe = recipe_for(word, minutes, seed)
    sound = read_sound_for(clips, negatives, halves, noise, held_out)
    out.mkdir(parents=True, exist_ok=True)
    run = Run(recipe, sound, out / f".{recipe.name}-work", processes, _say_since(time.monotonic()))
    run.say(f"{recipe.word}: {heard_hours(sound)} hours")
    model = run.fitted()
    used = json.loads(data.read_text(encoding="utf-8")) if data else []
    origin = Origin(
        command=shlex.join(["wakeful", *sys.argv[1:]]),
        recipe=json.dumps(recipe.to_dict()),
        seed=seed,
        data=[TrainingData(**row) for row in used],
    )
    shipped = ship(run, model, out / recipe.name, origin)
    found = shipped.calibration
    chosen = found.chosen
    click.echo(
        f"{shipped.bundle.path}: misses {100 * chosen.miss_rate:.1f} % of {found.words} held-out "
        f"clips at {chosen.false_accepts_per_hour:.2f} false accepts an hour ({found.hours:.1f} h)"
    )


def _say_since(began: float) -> Callable[[str], None]:
    def say(line: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - began), 60)
        click.echo(f"{minutes:3d}:{seconds:02d}  {line}", err=True)

    return say
