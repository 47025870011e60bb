"""``wakeful speech install``: recorded speech from Debian's archive, as folders to train with."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from .judge import Judge


def _names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from .speech_sources import SOURCES

    return [
        CompletionItem(name, help=f"{source.hours:.1f} h, {source.licence}")
        for name, source in SOURCES.items()
        if name.startswith(incomplete)
    ]


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--only", multiple=True, metavar="NAME", shell_complete=_names, help="Just this one.")
@click.option("--without", "word", metavar="WORD", help="Take away what whisper hears WORD in.")
def install(folder: Path | None, only: Sequence[str], word: str | None) -> None:
    """Install recorded speech into FOLDER, all of it or --only some.

    \b
    wakeful speech install
    wakeful speech install corpora/speech --only amazon-queen --only steel-sky
    wakeful speech install --without computer

    Packages are downloaded, not installed: the system stays as it is, and root isn't needed. One
    that fails doesn't keep the others from coming. The same command goes on where it was stopped.
    Each licence lies in FOLDER/LICENCES; the games' may not be sold by themselves.
    """
    from .progress import bar
    from .recording import SpeechError
    from .speech_folder import DATA, speech_folder
    from .speech_install import install_speech
    from .speech_sources import known_sources

    wanted = known_sources(only)
    place = folder or speech_folder()
    judge, failed, there = _judge(word), [], []
    for name, source in wanted.items():
        try:
            came = install_speech(name, source, place, bar())
        except SpeechError as error:
            _say(click.style(f"{name}: {error}", fg="red"))
            failed.append(name)
            continue
        there.append(name)
        left = "".join(f", {count} {why}" for why, count in came.left_out.items())
        told = f"{came.recordings} recordings, {came.hours:.2f} h{left}"
        _say(f"{click.style(name, fg='green')}: {told}")
    if judge and word and there:
        _without(word, place, there, judge)
    if failed:
        raise SpeechError(f"not installed: {', '.join(failed)}; each one's reason is above")
    at = shlex.quote(str(place))
    given = f" --negatives {at} --data {shlex.quote(str(place / DATA))}"
    click.echo(f"wakeful train WORD{'' if place == speech_folder() else given}")


def _judge(word: str | None) -> Judge | None:
    """Before anything is got: without the judge the rest would be in vain."""
    if word is None:
        return None
    from .judge import Judge
    from .sayable import sayable

    sayable(word, "--without")
    return Judge(len(os.sched_getaffinity(0)))


def _without(word: str, folder: Path, names: Sequence[str], judge: Judge) -> None:
    from .progress import bar
    from .speech_without import leave_out

    parted = leave_out(word, folder, names, judge, bar())
    for row in parted.taken:
        _say(f"  {row['package']} {row['file']}: {row['transcript']}")
    _say(f"{len(parted.taken)} recordings that hold {word!r} or nearly were taken away")


def _say(line: str) -> None:
    click.echo(line, err=True)
