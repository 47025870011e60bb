"""``wakeful train digits-default``: the digit network that ships, from recordings and voices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from .train_options import command_line, data_option, say_since, used_data

FOLDER = click.Path(path_type=Path)


@click.command()
@click.option(
    "--digits",
    type=FOLDER,
    required=True,
    help="People's digits: FSDD, or any corpus that names digit and speaker.",
)
@click.option(
    "--voices", type=FOLDER, multiple=True, required=True, help="Synthetic digits and strings."
)
@click.option("--others", type=FOLDER, multiple=True, help="Words and speech without digits.")
@click.option("--noise", type=FOLDER, multiple=True, help="Recorded noise.")
@click.option("--out", type=FOLDER, default=Path(), help="Where the bundle goes (default: here).")
@click.option(
    "--effort",
    type=click.FloatRange(0.1, 100),
    default=1.0,
    show_default=True,
    help="So many times the usual epochs.",
)
@click.option(
    "--leave-one-out/--no-leave-one-out",
    default=True,
    help="Also fit once without each speaker, to know what strangers get (default: yes).",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@data_option
@click.option("--json", "as_json", is_flag=True, help="The figures as one JSON object.")
def train_digits_default(
    digits: Path,
    voices: tuple[Path, ...],
    others: tuple[Path, ...],
    noise: tuple[Path, ...],
    out: Path,
    effort: float,
    leave_one_out: bool,
    seed: int,
    data: Path | None,
    as_json: bool,
) -> None:
    """Train the network that reads single digits and strings of them, and measure it.

    \b
    wakeful synth words zero one two three four five six seven eight nine oh --out voices
    wakeful train digits-default --digits fsdd --voices voices --others speech_commands

    A run that was stopped goes on where it was when the same command is given again.
    """
    from .digit_sources import Folders
    from .digit_train import DigitRequest, recipe_for, train_digits

    request = DigitRequest(
        folders=Folders(digits, voices, others, noise),
        out=out,
        recipe=recipe_for(effort),
        seed=seed,
        leave_one_out=leave_one_out,
        data=used_data(data),
        command=command_line(),
    )
    measured = train_digits(request, say_since())
    click.echo(json.dumps(measured.figures) if as_json else _told(measured.figures))


def _told(figures: dict[str, Any]) -> str:
    lines = [
        f"takes kept apart      {figures['random_split']:7.4f}  of "
        f"{figures['random_split_clips']} clips"
    ]
    if "leave_one_out_mean" in figures:
        lines.append(f"speakers never heard  {figures['leave_one_out_mean']:7.4f}  on average")
        lines += [f"  {who:<19} {found:7.4f}" for who, found in figures["leave_one_out"].items()]
    if figures["other_words"]:
        lines.append(f"other words as digits {figures['other_words_taken_for_digits']:7.4f}")
    return "\n".join(lines)
