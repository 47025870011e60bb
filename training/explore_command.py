"""``wakeful explore``: look at a folder of recordings before one trains from it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..daemon import one_thread  # noqa: F401 - before numpy
from .train_options import require_place

if TYPE_CHECKING:
    from ..synth.progress import Show
    from .explore import Explored
    from .explore_pass import Hands
    from .explore_store import Store
    from .explore_surprise import Surprises

FOLDER = FILE = click.Path(path_type=Path)


@click.command()
@click.argument("folder", type=FOLDER, required=False)
@click.option(
    "--html",
    type=FILE,
    is_flag=False,
    flag_value="explored.html",
    help="A page with pictures and players (without a name: explored.html).",
)
@click.option("--png", type=FOLDER, help="A folder for the charts as pictures.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, its keys always the same.")
@click.option("--clip", "clips", type=FILE, multiple=True, help="A recording to show in full.")
@click.option("--model", help="Also what surprises this model, shipped or a bundle's path.")
@click.option("--noises", is_flag=True, help="Also the five noises that training lays under clips.")
@click.option("--keep", type=FILE, help="Keep what is measured in this file, and go on from it.")
@click.option("--processes", type=click.IntRange(1, 64), help="Default: one for each core.")
def explore(
    folder: Path | None,
    html: Path | None,
    png: Path | None,
    as_json: bool,
    clips: tuple[Path, ...],
    model: str | None,
    noises: bool,
    keep: Path | None,
    processes: int | None,
) -> None:
    """Count, measure, draw and hear the recordings in FOLDER.

    \b
    wakeful explore speech_commands --html
    wakeful explore fsdd --html digits.html --png pictures
    wakeful explore corpus --keep corpus.sqlite --json | jq .labels
    wakeful explore my_words --model commands-default --html
    wakeful explore --noises --html noises.html

    A folder for each word, FSDD, LibriSpeech, a table of files, or any tree of recordings. What
    is told and how it is found: docs/explore.md
    """
    if folder is None:
        _noises_alone(html, noises)
        return
    require_place(html, png)
    if model is not None:
        from .explore_surprise import ranker

        ranker(model)  # says what is wrong with it before an hour's work
    from . import explore as exploring
    from .explore_pass import Hands
    from .explore_store import Store

    with Store(keep, folder) as store:
        total = exploring.listed(store)
        with Hands(processes or len(os.sched_getaffinity(0)), total) as hands:
            explored = exploring.explore(store, hands, total, _bar())
            surprises = _asked(store, hands, model)
            if as_json:
                _tell_json(explored, surprises)
            else:
                _tell(explored, surprises)
            if html:
                _write_page(html, store, hands, explored, surprises, clips, noises=noises)
            if png:
                _write_pictures(png, store, explored)


def _noises_alone(html: Path | None, noises: bool) -> None:
    if not noises:
        raise click.UsageError("name a folder of recordings")
    from ..synth.page import write_page
    from .explore_page import noises_page

    path = html or Path("noises.html")
    write_page(path, noises_page())
    click.echo(path)


def _bar() -> Show:
    from ..synth.progress import bar

    return bar()


def _asked(store: Store, hands: Hands, model: str | None) -> Surprises | None:
    """What a model makes of each recording, if one is named."""
    if model is None:
        return None
    from .explore_surprise import surprises

    return surprises(store, hands, model, _bar())


def _tell_json(explored: Explored, surprises: Surprises | None) -> None:
    import msgspec

    from .explore_json import plain

    click.echo(msgspec.json.encode(plain(explored, surprises)).decode())


def _tell(explored: Explored, surprises: Surprises | None) -> None:
    from .explore_text import summary_lines

    for text in summary_lines(explored, surprises):
        click.echo(text)


def _write_page(
    path: Path,
    store: Store,
    hands: Hands,
    explored: Explored,
    surprises: Surprises | None,
    clips: tuple[Path, ...],
    *,
    noises: bool,
) -> None:
    from ..synth.page import write_page
    from .explore_page import explored_page
    from .explore_sights import gather
    from .explore_surprise import surprise_section

    sights = gather(store, hands, explored, clips, _bar())
    heard = [surprise_section(store, hands, surprises)] if surprises else []
    write_page(path, explored_page(explored, sights, heard, noises=noises))
    click.echo(path, err=True)


def _write_pictures(folder: Path, store: Store, explored: Explored) -> None:
    from .explore_pictures import write_pictures

    for path in write_pictures(folder, store, explored):
        click.echo(path, err=True)
