"""``wakeful train whisper-letters``: letters over whisper's encoder, for grammars."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .train_options import command_line, say_since, speech_option

FOLDER = click.Path(path_type=Path)


@click.command()
@speech_option
@click.option("--noise", type=FOLDER, multiple=True, help="Recorded noise to hear it in.")
@click.option("--out", type=FOLDER, default=Path(), help="Where it goes (default: here).")
@click.option("--examples", type=click.IntRange(1), default=6_000, show_default=True)
@click.option(
    "--minutes", type=click.FloatRange(0.01, 6_000), default=20.0, show_default=True, help="To fit."
)
@click.option("--used", type=FOLDER, help="JSON list of what is used: name, licence, hours.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="What was made, as one JSON object.")
def train_whisper_letters(
    speech: tuple[Path, ...],
    noise: tuple[Path, ...],
    out: Path,
    examples: int,
    minutes: float,
    used: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Train the small network that reads letters from what whisper's encoder hears.

    \b
    wakeful synth sayings --out said
    wakeful train whisper-letters --data said --noise noise
    wakeful compare grammar home.grammar --letters whisper-letters.npz

    Examples are made once, some 30 a second; a run that was stopped goes on when the same command
    is given again. Speech of more than 8 s is left out.
    """
    import msgspec

    from .asr_speech import read_speech
    from .corpus import read_folders
    from .train_options import used_data
    from .whisper_head import HeadRequest, train_head

    say = say_since()
    found = read_speech(speech, longest_s=8.0)
    say(f"speech in hours: {found.hours()}; left out: {found.left_out or 'nothing'}")
    request = HeadRequest(
        out=out,
        examples=examples,
        minutes=minutes,
        seed=seed,
        command=command_line(),
        data=tuple(msgspec.to_builtins(one) for one in used_data(used)),
    )
    head = train_head(request, found, read_folders(noise), say)
    file, loss = out / "whisper-letters.npz", head.about["losses"][-1]
    if as_json:
        click.echo(json.dumps({"file": str(file), "examples": examples, "loss": loss}))
        return
    click.echo(f"{file}: {examples} examples, loss {loss:.3f} nats a symbol")
