"""``wakeful scan``: where the word is said in many recordings."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import one_thread  # noqa: F401 - before numpy
from .options import config_option, models_option
from .printable import printable

if TYPE_CHECKING:
    from .scan import Said


@click.command()
@click.argument("places", nargs=-1, required=True, metavar="FILES...", type=click.Path())
@models_option
@click.option(
    "--at-once",
    type=click.IntRange(1, 1_000),
    default=64,
    show_default=True,
    help="How many recordings are heard side by side.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each word.")
@config_option
def scan(
    places: tuple[str, ...],
    models: tuple[str, ...],
    at_once: int,
    as_json: bool,
    config_file: str | None,
) -> None:
    """Find the word in recordings: files, or all sound under folders.

    \b
    wakeful scan talks/
    wakeful scan monday.flac tuesday.flac --model activate --model ./computer.json --json

    Each is heard as `listen` would hear it, to the bit, but front end and network work for many
    at once, which costs less. A line for each word as its recording ends; 1 where one could not be
    read to its end.
    """
    from .config import load
    from .opening import open_models
    from .scan import Read, Unread, scan, sound_paths

    settings = load(config_file, {"models": list(models)} if models else {})
    opened = open_models(settings.models)
    began, heard_s, unread = time.monotonic(), 0.0, 0
    for found in scan(sound_paths(map(Path, places)), opened, settings, at_once):
        if isinstance(found, Read):
            heard_s += found.duration_s
        elif isinstance(found, Unread):
            unread += 1
            click.echo(f"wakeful: {printable(found.reason)}", err=True)
        else:
            click.echo(_as_json(found) if as_json else _as_line(found))
    took_s = max(1e-9, time.monotonic() - began)
    if sys.stderr.isatty():
        times = heard_s / took_s
        click.echo(f"heard {heard_s / 3600:.2f} h in {took_s:.0f} s: {times:.0f} times", err=True)
    if unread:
        sys.exit(1)


def _as_line(said: Said) -> str:
    return f"{said.at_s:9.2f} s  {said.keyword}  {said.score:.2f}  {printable(str(said.path))}"


def _as_json(said: Said) -> str:
    import msgspec

    found = {
        "file": str(said.path).encode(errors="surrogateescape").decode(errors="replace"),
        "at_s": round(said.at_s, 3),
        "keyword": said.keyword,
        "model": said.model,
        "score": said.score,
    }
    return msgspec.json.encode(found).decode()
