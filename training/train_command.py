"""``wakeful train WORD``: a word as text in, a bundle that listens for it out."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from ..daemon.command_table import load_command
from .systems import SYSTEMS
from .train_options import FOLDER, Say, command_line, data_option, say_since, used_data

if TYPE_CHECKING:
    from .ship import Measured

TEACHERS = ("embedding", "whisper")
PUPILS = ("trigger-default", "commands-default")
STAGES = ("clips", "mix", "fit", "mine", "refit", "export")


class WordOrSystem(click.Command):
    """A word is trained here; a network's name, given first, calls that network's own command."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Of this command, or of the network's: what runs is the context's own command."""
        if args and args[0] in SYSTEMS:
            command, name = load_command(SYSTEMS[args[0]][0]), f"{info_name} {args[0]}"
            return command.make_context(name, args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Also where click takes this command for the context's."""
        return super().invoke(ctx) if ctx.command is self else ctx.command.invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The networks, each with options of its own."""
        with formatter.section("Networks by name, each with its own --help"):
            formatter.write_dl([(name, line) for name, (_, line) in SYSTEMS.items()])


def _complete_word(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    fitting = (row for row in SYSTEMS.items() if row[0].startswith(incomplete))
    return [CompletionItem(name, help=line) for name, (_, line) in fitting]


@click.command(cls=WordOrSystem)
@click.argument("word", required=False, shell_complete=_complete_word)
@click.option("--out", type=FOLDER, default=Path(), help="Where the bundle goes (default: here).")
@click.option(
    "--minutes", type=click.FloatRange(1, 600), default=60.0, show_default=True, help="In all."
)
@click.option("--positives", type=FOLDER, multiple=True, help="Your own recordings of the word.")
@click.option(
    "--negatives",
    type=FOLDER,
    multiple=True,
    help="Speech without the word (default: what `wakeful speech install` brought).",
)
@click.option("--backgrounds", type=FOLDER, multiple=True, help="Recorded noise.")
@click.option(
    "--held-out", type=FOLDER, multiple=True, help="Speech to set the threshold by, not fitted on."
)
@click.option("--near", type=FOLDER, help="Text, one phrase a line that must not wake it.")
@click.option(
    "--clips", type=FOLDER, multiple=True, help="What `wakeful synth clips` made, instead."
)
@click.option("--engine", "engines", multiple=True, help="Only these voices (default: all).")
@click.option("--until", type=click.Choice(STAGES), default="export", help="Stop after this stage.")
@data_option
@click.option("--backbone", is_flag=True, help="No word: what all words start from, anew.")
@click.option(
    "--of",
    type=click.Choice(PUPILS),
    help=f"The network whose backbone it is (default: {PUPILS[0]}).",
)
@click.option(
    "--teacher",
    type=click.Choice(TEACHERS),
    help=f"Whom the backbone learns from (default: {TEACHERS[-1]}).",
)
@click.option("--begin", type=FOLDER, help="A backbone that goes on learning (default: none).")
@click.option("--recipe", type=FOLDER, help="The backbone's, in TOML, instead of the usual one.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), help="Default: one for each core.")
@click.option("--tensorboard", type=FOLDER, help="Where a word's losses go for TensorBoard.")
@click.option("--json", "as_json", is_flag=True, help="The figures as one JSON object.")
def train(
    word: str | None,
    near: Path | None,
    data: Path | None,
    backbone: bool,
    of: str | None,
    teacher: str | None,
    begin: Path | None,
    recipe: Path | None,
    processes: int | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Train a model that listens for WORD, from the text alone or with your recordings.

    \b
    wakeful train "hey robot"
    wakeful train "hey robot" --minutes 20 --negatives podcasts --backgrounds kitchen
    wakeful train trigger-classic --help

    A run that was stopped goes on where it was when the same command is given again. What it works
    on lies in a folder beside the bundle, which may be deleted afterwards.
    """
    say = say_since()
    if os.environ.get("TF_CONFIG"):
        from .workers import crew

        crew()  # before TensorFlow does anything else
    common = {
        "data": used_data(data),
        "command": command_line(),
        "processes": processes or len(os.sched_getaffinity(0)),
    }
    own: dict[str, Any] = {"of": of, "teacher": teacher, "begin": begin, "recipe": recipe}
    lone = [name for name, value in own.items() if value]
    if backbone:
        asked = own | {"of": of or PUPILS[0], "teacher": teacher or TEACHERS[-1]}
        _backbone(word, say, **asked, given=options | common)
    elif lone:
        raise click.UsageError(f"--{lone[0]} is the backbone's: give --backbone, or leave it away")
    elif not word:
        raise click.UsageError('no word; for example: wakeful train "hey robot"')
    elif word in SYSTEMS:
        raise click.UsageError(f"{word} is a network: name it first, then its own options")
    else:
        _word(word, _lines(near) if near else (), say, as_json, options | common)


def _backbone(
    word: str | None,
    say: Say,
    *,
    of: str,
    teacher: str,
    begin: Path | None,
    recipe: Path | None,
    given: dict[str, Any],
) -> None:
    from .backbone import load_backbone
    from .teaching import PUPILS as KNOWN
    from .teaching import BackboneRequest, learn, read_recipe

    if word:
        raise click.UsageError(f"--backbone knows no word; leave {word!r} away")
    if not given["negatives"]:
        raise click.UsageError("--backbone learns from speech; give --negatives DIR")
    if teacher == "embedding" and of != PUPILS[0]:
        raise click.UsageError(f"--teacher embedding teaches {PUPILS[0]} alone; {of} has whisper")
    request = BackboneRequest(
        out=given["out"],
        speech=given["negatives"],
        pupil=KNOWN[of],
        backgrounds=given["backgrounds"],
        begin=load_backbone(begin) if begin else None,
        processes=given["processes"],
        data=given["data"],
        command=given["command"],
    )
    if teacher == "whisper":
        from . import whisper_lesson as second

        heard = read_recipe(recipe or second.RECIPES[of], second.WhisperRecipe)
        lesson = second.whisper_lesson(request, heard, say)
    else:
        from . import embedding_lesson as first

        mixed = read_recipe(recipe or first.RECIPE, first.EmbeddingRecipe)
        lesson = first.embedding_lesson(request, mixed, say)
    click.echo(learn(request, lesson, say))


def _word(word: str, near: Sequence[str], say: Say, as_json: bool, given: dict[str, Any]) -> None:
    from .word import Request, train_word

    given = given if given["negatives"] else _with_installed_speech(given, say)
    shipped = train_word(Request(word, near=near, **given), say)
    if shipped:
        click.echo(_figures(shipped) if as_json else _told(shipped))


def _with_installed_speech(given: dict[str, Any], say: Say) -> dict[str, Any]:
    """What `wakeful speech install` brought, where nobody named other speech.

    One package of it, if it is there, is what the threshold is set by: people of whom no other
    package has a word.
    """
    from ..synth.speech_folder import DATA, installed_names, speech_folder
    from ..synth.speech_sources import HELD_OUT

    folder = speech_folder()
    if not (folder / DATA).is_file():
        return given
    say(f"speech without the word: what is installed in {folder}; --negatives DIR names other")
    there = installed_names(folder)
    kept = [HELD_OUT] if HELD_OUT in there and len(there) > 1 and not given["held_out"] else []
    return given | {
        "negatives": tuple(folder / name for name in there if name not in kept),
        "held_out": (*given["held_out"], *(folder / name for name in kept)),
        "data": (*given["data"], *used_data(folder / DATA)),
    }


def _lines(path: Path) -> list[str]:
    try:
        return [s for line in path.read_text(encoding="utf-8").splitlines() if (s := line.strip())]
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path}: {error}") from error


def _figures(shipped: Measured) -> str:
    from .report import report_beside

    found = {"model": str(shipped.bundle.path), "threshold": shipped.calibration.chosen.threshold}
    told = {"report": str(report_beside(shipped.bundle))}
    return json.dumps(found | shipped.calibration.figures() | told)


def _told(shipped: Measured) -> str:
    found, chosen = shipped.calibration, shipped.calibration.chosen
    path = shipped.bundle.path
    return (
        f"{path}: misses {100 * chosen.miss_rate:.1f} % of {found.words} held-out clips at "
        f"{chosen.false_accepts_per_hour:.2f} false accepts an hour ({found.hours:.1f} h)\n"
        f"listen: wakeful listen --model {shlex.quote(str(path))}"
    )
