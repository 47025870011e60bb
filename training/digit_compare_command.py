"""``wakeful compare digits``: the older digit networks and ours on the same recordings."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from .train_options import require_place, say_since

FOLDER = click.Path(path_type=Path)
NAMES = (
    "digits-lstm-raw",
    "digits-lstm-mel",
    "digits-lstm-raw-augmented",
    "digits-lstm-mel-augmented",
    "digits-default",
)


@click.command("digits")
@click.option(
    "--data", type=FOLDER, required=True, help="FSDD, or any corpus that names digit and speaker."
)
@click.option("--out", type=FOLDER, default=Path("digits-comparison"), show_default=True)
@click.option(
    "--minutes",
    type=click.FloatRange(0.01, 6_000),
    default=25.0,
    show_default=True,
    help="That all fits together may take.",
)
@click.option("--network", "networks", type=click.Choice(NAMES), multiple=True, help="Only these.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--tensorboard", type=FOLDER, help="Where the losses go for TensorBoard.")
@click.option("--html", type=FOLDER, help="Where the page goes (default: into --out).")
@click.option("--json", "as_json", is_flag=True, help="All figures as one JSON list.")
def compare_digits(
    data: Path,
    out: Path,
    minutes: float,
    networks: tuple[str, ...],
    seed: int,
    tensorboard: Path | None,
    html: Path | None,
    as_json: bool,
) -> None:
    """Fit the older digit networks on a random split and without each speaker, beside ours.

    \b
    wakeful compare digits --data free-spoken-digit-dataset
    wakeful compare digits --data fsdd --minutes 600 --network digits-lstm-mel

    The table, a picture, and a page with what each network was surest of and wrong go to --out. A
    run that was stopped goes on when the same command is given again.
    """
    from ..synth.page import write_page
    from .digit_compare import CompareRequest, compare_digits, table_of
    from .digit_compare_page import comparison_page, draw_comparison
    from .drawing import can_draw
    from .scalars import require_folder

    require_place(html)
    if tensorboard:
        require_folder(tensorboard)
    request = CompareRequest(data, out, minutes, seed, networks, tensorboard)
    rows = compare_digits(request, say_since())
    write_page(html or out / "digits-comparison.html", comparison_page(rows))
    if can_draw():
        draw_comparison(rows, out / "digits-comparison.png")
    told = [asdict(row) | {"strangers": row.strangers} for row in rows]
    click.echo(json.dumps(told) if as_json else table_of(rows))
