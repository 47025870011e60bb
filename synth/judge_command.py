"""``wakeful synth judge``: which recordings hold something else than the word."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .collection import Entry
    from .judge import Verdict

_COLUMN = 36


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--word", help="What they should say (default: what the folder was made for).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, every file in it.")
@click.option("--processes", "threads", type=click.IntRange(1, 64), default=2, show_default=True)
def judge(folder: Path, word: str | None, as_json: bool, threads: int) -> None:
    """List the recordings in FOLDER in which whisper hears something else than the word.

    \b
    wakeful synth judge recordings --word "activate"

    Of clips that `wakeful synth clips` made, the positives are judged. A small recogniser is wrong
    about one good clip in ten: listen to what it lists before you take it away.
    """
    from .phrases import sayable

    wanted = sayable(word or word_of(folder))
    found = list(_judged(folder, wanted, threads))
    others = [(entry, verdict) for entry, verdict in found if not verdict.heard]
    if as_json:
        files = [{"file": entry.name, **asdict(verdict)} for entry, verdict in found]
        click.echo(json.dumps({"word": wanted, "files": files}, indent=2))
        return
    for entry, verdict in others:
        click.echo(f"{entry.name:{_COLUMN}} {verdict.transcript or '(nothing)'}")
    told = f"{len(others)} of {len(found)} say something else than {wanted!r}"
    click.echo(click.style(told, fg="yellow" if others else "green"), err=bool(others))


def _judged(folder: Path, word: str, threads: int) -> Iterator[tuple[Entry, Verdict]]:
    from .collection import collect
    from .judge import Judge
    from .levels import to_float
    from .progress import bar
    from .shelf import read_sound

    ears, show = Judge(threads), bar()
    entries = collect(folder).entries
    entries = tuple(e for e in entries if e.kind == "positive") or entries
    for done, entry in enumerate(entries, 1):
        yield entry, ears.hears(to_float(read_sound(entry.path)), word)
        show(done, len(entries))


def word_of(folder: Path) -> str:
    """The word that a folder of clips was made for; raises `UsageError` where nothing tells."""
    from ..models.errors import UsageError
    from .clips import ORDER

    for file in (folder / ORDER, folder.parent / ORDER):
        try:
            return str(json.loads(file.read_text(encoding="utf-8"))["word"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    raise UsageError(f"{folder}: nothing here tells its word; give it with --word")
