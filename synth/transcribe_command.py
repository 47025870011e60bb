"""``wakeful speech transcribe``: what is said in recordings, written down beside them."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The counts as one JSON object.")
def transcribe(folders: tuple[Path, ...], as_json: bool) -> None:
    """Write down the English recordings in FOLDERS, for a recognizer to learn from.

    \b
    wakeful speech transcribe ~/.local/share/wakeful/speech/amazon-queen

    Whisper's smallest listens; each folder gets a texts.jsonl with texts and how sure they are. A
    run that was stopped goes on when the same command is given again.
    """
    from .judge import Judge
    from .progress import bar
    from .transcribe import transcribe_folder

    judge = Judge()
    counts = {str(folder): transcribe_folder(folder, judge, bar()) for folder in folders}
    if as_json:
        click.echo(json.dumps(counts))
        return
    for folder, count in counts.items():
        click.echo(f"{folder}: {count} recordings are written down")
