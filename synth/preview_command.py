"""``wakeful synth preview``: hear and see what training would be given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from .preview import Example
    from .shelf import Shelf

_WIDTH = 100


@click.command()
@click.argument("word")
@click.option(
    "--clips",
    type=click.Path(path_type=Path),
    help="A folder that `wakeful synth clips` made (default: speak a few now).",
)
@click.option(
    "--html",
    type=click.Path(path_type=Path),
    is_flag=False,
    flag_value="preview.html",
    help="Write a page with players and pictures (without a name: preview.html).",
)
@click.option(
    "--rooms",
    type=click.Path(path_type=Path),
    help="A bank that `wakeful synth rooms` made, or a folder of recorded impulse responses.",
)
@click.option("--household", is_flag=True, help="With crowds, televisions and cheap devices.")
@click.option("--count", type=click.IntRange(1, 500), default=12, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
def preview(
    word: str,
    clips: Path | None,
    html: Path | None,
    rooms: Path | None,
    household: bool,
    count: int,
    seed: int,
) -> None:
    """Look at training mixtures of WORD: what is said, where it is labelled, what was drawn.

    \b
    wakeful synth preview "activate" --html activate.html
    wakeful synth preview "activate" --clips clips/activate --html activate.html
    wakeful synth preview "activate" --rooms rooms --household --html

    Of each kind of mixture there is one at least, if the count allows.
    """
    import numpy as np

    from .mixture_settings import HOUSEHOLD, MixtureSettings
    from .page import write_page
    from .preview import PreviewSettings, draw_examples, preview_page
    from .progress import bar
    from .rooms import read_rooms
    from .shelf import read_shelf, speak_shelf

    responses = read_rooms(rooms) if rooms else ()

    if clips:
        shelf = read_shelf(clips, word, np.random.default_rng(seed))
    else:
        shelf = speak_shelf(word, seed, bar())
    shelf = replace(shelf, palette=replace(shelf.palette, rooms=responses))
    settings = PreviewSettings(count, seed, HOUSEHOLD if household else MixtureSettings())
    examples = draw_examples(shelf.palette, settings)
    for example in examples:
        click.echo(_line(example, shelf))
    if html:
        write_page(html, preview_page(word, examples, shelf, settings))
        click.echo(html)


def _line(example: Example, shelf: Shelf) -> str:
    """One row for the terminal, cut where a line would wrap."""
    from .collection import shown
    from .preview import said_in, told_briefly

    said = shown(said_in(example.mixture, shelf)) or "–"
    short = said if len(said) <= _WIDTH else said[: _WIDTH - 1] + "…"
    kind = click.style(f"{example.mixture.kind:6}", bold=True)
    return f"{example.number:4}  {kind}  {short}\n{'':14}{told_briefly(example)}"
