"""``wakeful compare asr``: every recognizer on the same transcribed speech."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from .asr_command import OLDER
from .train_options import command_line, require_place, say_since, speech_option

FOLDER = click.Path(path_type=Path)


@click.command("asr")
@speech_option
@click.option("--held-out", type=FOLDER, multiple=True, help="Speech to measure with.")
@click.option("--noise", type=FOLDER, multiple=True, help="For asr-default: recorded noise.")
@click.option("--out", type=FOLDER, default=Path("asr-comparison"), show_default=True)
@click.option("--epochs", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option(
    "--network",
    "networks",
    type=click.Choice([*OLDER, "asr-default"]),
    multiple=True,
    help="Only these (default: all).",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--html", type=FOLDER, help="Where the page goes (default: into --out).")
@click.option("--json", "as_json", is_flag=True, help="All figures as one JSON list.")
def compare_asr(
    speech: tuple[Path, ...],
    held_out: tuple[Path, ...],
    noise: tuple[Path, ...],
    out: Path,
    epochs: int,
    networks: tuple[str, ...],
    seed: int,
    html: Path | None,
    as_json: bool,
) -> None:
    """Train the six older recognizers and ours on the same speech, and rank them.

    \b
    wakeful compare asr --data LibriSpeech/dev-clean --epochs 2
    wakeful compare asr --data train-clean-100 --held-out dev-clean --epochs 20

    The table, a picture of the losses, and a page with what each network read worst go to --out. A
    run that was stopped goes on when the same command is given again.
    """
    from ..synth.page import write_page
    from .asr import AsrRequest
    from .asr_compare import NETWORKS, PAGE, PICTURE, compare_asr, draw_losses, table
    from .asr_compare_page import comparison_page

    require_place(html)
    request = AsrRequest(
        name="",
        speech=speech,
        held_out=held_out,
        noise=noise,
        out=out,
        epochs=epochs,
        seed=seed,
        command=command_line(),
    )
    ranked = compare_asr(request, networks or NETWORKS, say_since())
    draw_losses(ranked, out / PICTURE)
    write_page(html or out / PAGE, comparison_page(ranked))
    click.echo(json.dumps([asdict(r) for r in ranked]) if as_json else table(ranked))
