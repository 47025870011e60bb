"""``wakeful train asr-…``: the older recognizers as they were, and the one that we ship."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .train_options import command_line, say_since, speech_option

if TYPE_CHECKING:
    from .asr import Trained

FOLDER = click.Path(path_type=Path)
OLDER = (
    "asr-rnn",
    "asr-rnn-dense",
    "asr-cnn-rnn",
    "asr-deep-rnn",
    "asr-bidirectional",
    "asr-final",
)


def _common(command: click.Command) -> click.Command:
    """What every recognizer's command takes."""
    for option in (
        speech_option,
        click.option("--held-out", type=FOLDER, multiple=True, help="Speech to measure with."),
        click.option("--out", type=FOLDER, default=Path(), help="Where it goes (default: here)."),
        click.option("--seed", type=click.IntRange(0), default=1, show_default=True),
        click.option("--json", "as_json", is_flag=True, help="The figures as one JSON object."),
    ):
        command = option(command)
    return command


def _older(name: str) -> click.Command:
    @click.command(name, help=f"Train {name} as it was trained, and measure it.")
    @click.option("--epochs", type=click.IntRange(1, 10_000), default=20, show_default=True)
    @click.option(
        "--features",
        type=click.Choice(["spectrogram", "mfcc"]),
        help="Default: mfcc for asr-final, spectrogram for the others.",
    )
    def command(as_json: bool, **options: object) -> None:
        from .asr import AsrRequest, train_asr

        request = AsrRequest(name=name, command=command_line(), **options)  # type: ignore[arg-type]
        trained = train_asr(request, say_since())
        click.echo(json.dumps(trained.figures()) if as_json else told(trained))

    return _common(command)


train_asr_rnn, train_asr_rnn_dense, train_asr_cnn_rnn = map(_older, OLDER[:3])
train_asr_deep_rnn, train_asr_bidirectional, train_asr_final = map(_older, OLDER[3:])


@_common
@click.command()
@click.option("--noise", type=FOLDER, multiple=True, help="Recorded noise to hear it in.")
@click.option(
    "--minutes", type=click.FloatRange(0.01, 6_000), default=90.0, show_default=True, help="To fit."
)
@click.option("--used", type=FOLDER, help="JSON list of what is used: name, licence, hours.")
def train_asr_default(
    speech: tuple[Path, ...],
    held_out: tuple[Path, ...],
    noise: tuple[Path, ...],
    out: Path,
    minutes: float,
    used: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Train the streaming recognizer, and write it as a bundle.

    \b
    wakeful synth sayings --out said
    wakeful train asr-default --data said --data LibriSpeech --noise noise --minutes 120

    It begins with the weights that every wake word begins with. A run that was stopped goes on when
    the same command is given again; more speech may have been added since.
    """
    from .asr import AsrRequest, train_asr
    from .train_options import used_data

    request = AsrRequest(
        name="asr-default",
        speech=speech,
        held_out=held_out,
        noise=noise,
        out=out,
        minutes=minutes,
        seed=seed,
        command=command_line(),
        data=used_data(used),
    )
    trained = train_asr(request, say_since())
    click.echo(json.dumps(trained.figures()) if as_json else told(trained))


def told(trained: Trained) -> str:
    """In one line."""
    if trained.rates is None:
        worth = "nothing held out to measure with"
    else:
        r = trained.rates
        worth = (
            f"{100 * r.characters:.1f} % of characters and {100 * r.words:.1f} % of words wrong "
            f"in {r.utterances} held-out utterances"
        )
    loss = f"loss {trained.losses[-1]:.3f}, " if trained.losses else ""
    return f"{trained.name}: {trained.parameters:,} parameters, {loss}{worth}"
