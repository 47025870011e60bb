"""``wakeful synth classic``: ten-second compositions as the classic trigger learnt from."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where they go.")
@click.option("--count", type=click.IntRange(1, 1_000_000), default=100, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--features", is_flag=True, help="Write what the net is fed, too: 2 MB each.")
@click.option("--json", "as_json", is_flag=True, help="What was made, for a program.")
def classic(folder: Path, out: Path, count: int, seed: int, features: bool, as_json: bool) -> None:
    """Lay words over ten seconds of background, and label the 50 steps after each activate.

    \b
    wakeful synth classic recordings --count 1000 --out classic

    FOLDER holds activates, negatives and backgrounds: WAV, FLAC or Ogg of any rate; backgrounds
    last ten seconds or more. A run that was stopped goes on where it was when the same command is
    given again.
    """
    from .classic_files import Order, make_classics
    from .progress import bar

    began = time.monotonic()
    made = make_classics(folder, out, Order(count, seed, features), bar())
    taken_s = time.monotonic() - began
    if as_json:
        click.echo(json.dumps(asdict(made) | {"seconds": round(taken_s, 1)}))
        return
    click.echo(
        f"{made.compositions} compositions in {out}, {made.written} written now "
        f"in {taken_s:.0f} s; {made.activates} activates, {made.negatives} negatives, "
        f"{made.left_out} left out for want of a place"
    )
