"""``wakeful recognize``: what a recognizer makes of recordings."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from . import one_thread  # noqa: F401 - before numpy
from .options import config_option
from .printable import printable

if TYPE_CHECKING:
    from .recognizer import Heard, Recognizer
    from .source import Samples, Source


def complete_kinds(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The table of recognizers."""
    from .recognizer import KINDS

    rows = ((name, kind.summary) for name, kind in KINDS.items() if name.startswith(incomplete))
    return [CompletionItem(name, help=summary) for name, summary in rows]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option(
    "--kind",
    "-k",
    shell_complete=complete_kinds,
    help="The recognizer (default: the configuration's recognizer.kind).",
)
@click.option("--model", "-m", help="What it loads: a model's name, a file, a folder.")
@click.option("--grammar", type=click.Path(), help="Sentences for --kind grammar.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
@config_option
def recognize(
    files: tuple[str, ...],
    kind: str | None,
    model: str | None,
    grammar: str | None,
    as_json: bool,
    config_file: str | None,
) -> None:
    """Write down, or sort, or keep, what is said in recordings.

    \b
    wakeful recognize note.wav --kind whisper
    wakeful recognize takes/*.flac --kind commands,digits --json
    wakeful recognize takes/*.flac --kind grammar --grammar home.txt

    Each file is taken as one utterance. One that can't be read is named, and the others are done
    all the same; the exit code is 1 then.
    """
    from .config import load
    from .recognizer import load_recognizer

    asked = {"kind": kind, "model": model, "grammar": grammar}
    flags = {name: value for name, value in asked.items() if value is not None}
    settings = load(config_file, {"recognizer": flags} if flags else {}).recognizer
    if settings.kind == "none":
        raise click.UsageError("no recognizer is configured: name one with --kind")
    recognizer = load_recognizer(settings)
    done = [_done(file, recognizer, as_json) for file in files]
    sys.exit(0 if all(done) else 1)


def _done(file: str, recognizer: Recognizer, as_json: bool) -> bool:
    """Tell what is in one file; False if that could not be known, which is told too."""
    from ..models.errors import WakefulError
    from .cli import fail

    try:
        heard = _heard(file, recognizer)
    except WakefulError as error:
        fail(str(error), 1)
        return False
    click.echo(_json(file, heard) if as_json else f"{printable(file)}: {_line(heard)}")
    return True


def _heard(file: str, recognizer: Recognizer) -> Heard:
    from .opening import open_file
    from .recognizer import About, RecognizerError

    source = open_file(file)
    with contextlib.closing(source):
        samples = _read(source)
    if len(samples):
        return recognizer.recognize(samples, About(source=source.name, time=source.opened_at))
    if recognizer.nothing is None:
        raise RecognizerError(f"{file}: nothing is said in it")
    return recognizer.nothing


def _read(source: Source) -> Samples:
    import numpy as np

    from .source import SAMPLE_RATE_HZ

    parts = [np.zeros(0, np.int16)]
    while len(samples := source.read(60 * SAMPLE_RATE_HZ)):
        parts.append(samples)
    return np.concatenate(parts)


def _json(file: str, heard: Heard) -> bytes:
    import msgspec

    row: dict[str, Any] = {"file": printable(file)} | msgspec.to_builtins(heard)
    return msgspec.json.encode(row)


def _line(heard: Heard) -> str:
    from .recognizer import HeardCommand, HeardSound

    if isinstance(heard, HeardSound):
        return f"kept as {heard.path}"
    if isinstance(heard, HeardCommand):
        filled = "".join(f", {name}: {value}" for name, value in heard.slots.items())
        said = f"{heard.label}{filled}"
    else:
        said = heard.text
    return f"{printable(said)}  ({heard.confidence:.2f})" if said else "nothing understood"
