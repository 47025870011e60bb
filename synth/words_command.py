"""``wakeful synth words``: single words by many voices, a folder for each."""

from __future__ import annotations

import json
from pathlib import Path

import click

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("words", nargs=-1)
@click.option("--list", "listed", type=FOLDER, help="More words, one a line.")
@click.option("--count", type=click.IntRange(1), default=100, show_default=True, help="Of each.")
@click.option("--out", type=FOLDER, required=True, help="The folder of folders.")
@click.option("--engine", "engines", multiple=True, help="Only these (default: all there are).")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The counts as one JSON object.")
def words(
    words: tuple[str, ...],
    listed: Path | None,
    count: int,
    out: Path,
    engines: tuple[str, ...],
    seed: int,
    processes: int,
    as_json: bool,
) -> None:
    """Make clips of WORDS in the form of Speech Commands, voices standing for speakers.

    A run that was stopped goes on where it was when the same command is given again.

    \b
    wakeful synth words yes no stop go --count 300 --out voices
    wakeful synth words --list unknown.txt --count 20 --out voices
    """
    from .engines import ENGINES, installed
    from .progress import bar
    from .words import WordOrder, make_words

    said = [*words, *(_lines(listed) if listed else ())]
    if not said:
        raise click.UsageError("no words; for example: wakeful synth words yes no --out voices")
    there, missing = installed(engines or ENGINES)
    for line in missing.values():
        click.echo(f"wakeful: left out: {line}", err=True)
    order = WordOrder(dict.fromkeys(said, count), tuple(there) or engines, seed)
    made = make_words(order, out, processes, bar(" clips"))
    click.echo(json.dumps(made) if as_json else "\n".join(f"{n:6} {w}" for w, n in made.items()))


def _lines(path: Path) -> list[str]:
    try:
        return [s for line in path.read_text(encoding="utf-8").splitlines() if (s := line.strip())]
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path}: {error}; a word on each line") from error
