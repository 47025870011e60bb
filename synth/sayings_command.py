"""``wakeful synth sayings``: orders, talk and one's own texts by many voices."""

from __future__ import annotations

import json
from pathlib import Path

import click

FOLDER = click.Path(path_type=Path)


@click.command()
@click.option("--out", type=FOLDER, required=True, help="Folder for the clips and their manifest.")
@click.option("--count", type=click.IntRange(1), default=4_000, show_default=True)
@click.option("--sentences", type=FOLDER, multiple=True, help="More to say, one sentence a line.")
@click.option("--engine", "engines", multiple=True, help="Only these (default: all there are).")
@click.option("--held-out", is_flag=True, help="By the voices that training never hears.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The count as a JSON object.")
def sayings(
    out: Path,
    count: int,
    sentences: tuple[Path, ...],
    engines: tuple[str, ...],
    held_out: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Make clips of whole sentences, for a recognizer to learn from.

    A run that was stopped goes on where it was when the same command is given again.

    \b
    wakeful synth sayings --out said --count 8000
    wakeful synth sayings --out said --sentences my-commands.txt --engine espeak-ng
    """
    from .engines import known_engine
    from .progress import bar
    from .sayings import SHARES, Sayings, make_sayings

    said = [line.strip() for path in sentences for line in _lines(path) if line.strip()]
    wanted = Sayings(
        count, tuple(known_engine(name) for name in engines or SHARES), said, held_out, seed
    )
    made = make_sayings(wanted, out, bar())
    click.echo(json.dumps({"clips": made}) if as_json else f"{made} clips in {out}")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path}: {error}") from error
