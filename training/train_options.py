"""What every ``wakeful train`` takes and says: the data it names, its own command, the time."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..models.bundle import TrainingData

Say = Callable[[str], None]
FOLDER = click.Path(path_type=Path)

speech_option = click.option(
    "--data",
    "speech",
    type=FOLDER,
    multiple=True,
    required=True,
    help="Speech with texts: LibriSpeech, a table, a folder for each word, or clips.",
)

data_option = click.option(
    "--data", type=FOLDER, help="JSON list of what is used: name, licence, hours."
)


def used_data(path: Path | None) -> tuple[TrainingData, ...]:
    """What a JSON list tells; raises `UsageError` for anything else."""
    if path is None:
        return ()
    import msgspec

    from ..models.bundle import TrainingData

    try:
        return tuple(msgspec.json.decode(path.read_bytes(), type=list[TrainingData]))
    except (OSError, msgspec.DecodeError) as error:
        raise click.UsageError(f"{path}: {error}; a JSON list of name, licence, hours") from error


def command_line() -> str:
    """What was typed, for the manifest."""
    return shlex.join(["wakeful", *sys.argv[1:]])


def require_place(*paths: Path | None) -> None:
    """Raise `UsageError` for a file in a folder that isn't there: not after an hour's work."""
    for path in filter(None, paths):
        if not path.absolute().parent.is_dir():
            raise click.UsageError(f"{path}: there is no folder {path.parent}; make it first")


def say_since() -> Say:
    """Says lines on standard error, each with the minutes and seconds since now."""
    began = time.monotonic()

    def say(line: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - began), 60)
        click.echo(f"{minutes:3d}:{seconds:02d}  {line}", err=True)

    return say
