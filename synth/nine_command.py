"""``wakeful synth nine``: a folder of short recordings, ninefold."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where they go.")
@click.option("--json", "as_json", is_flag=True, help="What was made, for a program.")
def nine(folder: Path, out: Path, as_json: bool) -> None:
    """Of each recording in FOLDER make nine: three lengths, each at three pitches.

    \b
    wakeful synth nine digits --out digits-ninefold

    Sub-folders stay as they are. What is there is left alone, so a run that was stopped goes on.
    """
    from .ninefold_files import make_ninefold
    from .progress import bar

    began = time.monotonic()
    made = make_ninefold(folder, out, bar())
    taken_s = time.monotonic() - began
    if as_json:
        told = {"recordings": made.recordings, "written": made.written}
        click.echo(json.dumps(told | {"seconds": round(taken_s, 1)}))
        return
    click.echo(
        f"{made.recordings} recordings ninefold in {out}, "
        f"{made.written} files written now in {taken_s:.0f} s"
    )
