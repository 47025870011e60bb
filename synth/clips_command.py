"""``wakeful synth clips``: clips of a word, of what sounds like it, and of ordinary sentences."""

from __future__ import annotations

from pathlib import Path

import click

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("word")
@click.option("--out", type=FOLDER, required=True, help="Folder for positive, hard and sentence.")
@click.option(
    "--sentences", type=FOLDER, multiple=True, help="More text to say, one sentence a line."
)
@click.option("--near", type=FOLDER, help="Text, one phrase a line that must not wake it.")
@click.option("--positive", default=1_000, show_default=True, help="Clips of the word.")
@click.option("--hard", default=700, show_default=True, help="Clips of what sounds like it.")
@click.option("--sentence", default=700, show_default=True, help="Clips of ordinary sentences.")
@click.option("--engine", "engines", multiple=True, help="Only these (default: all there are).")
@click.option("--seed", default=1, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
def clips(
    word: str,
    out: Path,
    sentences: tuple[Path, ...],
    near: Path | None,
    positive: int,
    hard: int,
    sentence: int,
    engines: tuple[str, ...],
    seed: int,
    processes: int,
) -> None:
    """Make clips of WORD, of what sounds like it, and of ordinary sentences, by many voices.

    A run that was stopped goes on where it was when the same command is given again.
    """
    from .clips import Order, make_clips
    from .engines import ENGINES, installed
    from .phrases import texts_for
    from .progress import bar
    from .pronounce import grapheme_to_phoneme
    from .warp import has_world

    there, missing = installed(engines or ENGINES)
    left_out = list(missing.values())
    if not has_world():
        left_out.append("changed speakers (pyworld): pip install 'wakeful[synth]'")
    for line in left_out:
        click.echo(f"wakeful: left out: {line}", err=True)
    said = [line for path in sentences for line in _lines(path)]
    texts = texts_for(word, said, _lines(near) if near else (), grapheme_to_phoneme())
    counts = {"positive": positive, "hard": hard, "sentence": sentence}
    order = Order(texts, counts, tuple(there), seed)
    found = make_clips(order, out, processes, bar())
    click.echo(", ".join(f"{count} {kind}" for kind, count in found.items()))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path}: {error}") from error
