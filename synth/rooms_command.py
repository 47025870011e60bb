"""``wakeful synth rooms``: a folder of simulated rooms for mixtures to be heard in."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The bank's folder.")
@click.option("--count", type=click.IntRange(1, 100_000), default=200, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="What was made, for a program.")
def rooms(out: Path, count: int, seed: int, processes: int, as_json: bool) -> None:
    """Simulate rooms of several shapes, sizes and surfaces, once for all trainings.

    A run that was stopped goes on where it was when the same command is given again.

    \b
    wakeful synth rooms --out rooms --count 500
    """
    from .progress import bar
    from .rooms import draw_rooms, make_rooms

    began = time.monotonic()
    made = make_rooms(count, out, seed, processes, bar())
    taken_s = time.monotonic() - began
    decays_s = sorted(g.decay_s for g in draw_rooms(count, seed))
    shortest_s, longest_s = decays_s[0], decays_s[-1]
    if as_json:
        told = {"rooms": count, "simulated": made, "seconds": round(taken_s, 1)}
        click.echo(json.dumps(told | {"decay_s": [round(shortest_s, 3), round(longest_s, 3)]}))
        return
    click.echo(
        f"{count} rooms in {out}, {made} of them simulated now in {taken_s:.0f} s; "
        f"60 dB down after {shortest_s:.2f} to {longest_s:.2f} s"
    )
