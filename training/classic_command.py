"""``wakeful train trigger-classic``: the classic net, from compositions instead of from a word."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from .classic import Measured
    from .classic_scores import Counts

Say = Callable[[str], None]
Command = TypeVar("Command", bound=Callable[..., Any])
FOLDER = click.Path(path_type=Path)
NAME = "trigger-classic"
_OWN = ("composed", "epochs", "evaluate_only")
_TAKEN = ("word", "out", "held_out", "data", "seed", "as_json", *_OWN)


def classic_options(command: Command) -> Command:
    """What `wakeful train` takes for this net alone."""
    for option in (
        click.option("--evaluate-only", is_flag=True, help=f"Measure the {NAME} in --out again."),
        click.option("--epochs", type=click.IntRange(1, 10_000), help=f"Of {NAME} (default: 10)."),
        click.option("--composed", type=FOLDER, help=f"For {NAME}: `wakeful synth classic`'s."),
    ):
        command = option(command)
    return command


def take_classic(word: str | None, options: dict[str, Any]) -> dict[str, Any]:
    """All that was asked for if WORD is this net, else nothing; `options` is left without its own.

    Raises `UsageError` for options of the other kind.
    """
    is_classic = word == NAME
    _require_fit(is_classic)
    own = {name: options.pop(name) for name in _OWN}
    return options | own if is_classic else {}


def _require_fit(is_classic: bool) -> None:
    context = click.get_current_context()
    given = {
        name: option
        for name, option in _options(context).items()
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    wrong = [o for n, o in given.items() if (n not in _TAKEN if is_classic else n in _OWN)]
    if wrong:
        why = "not for" if is_classic else "for no word but"
        raise click.UsageError(f"{', '.join(wrong)}: {why} {NAME}; leave it away")


def _options(context: click.Context) -> dict[str, str]:
    return {p.name: max(p.opts, key=len) for p in context.command.params if p.name}


def train_net(given: dict[str, Any], as_json: bool, say: Say) -> None:
    """Train it, or measure it again, and print what it is worth."""
    if not given["composed"]:
        raise click.UsageError(
            f"{NAME} learns from compositions; give --composed FOLDER, which wakeful synth classic "
            "makes"
        )
    if len(given["held_out"]) > 1:
        raise click.UsageError(f"{NAME} is measured by one folder; give --held-out once")
    from .classic import ClassicRequest, measure_classic, train_classic

    request = ClassicRequest(
        composed=given["composed"],
        out=given["out"],
        epochs=given["epochs"] or ClassicRequest.epochs,
        seed=given["seed"],
        held_out=next(iter(given["held_out"]), None),
        data=given["data"],
        command=given["command"],
    )
    measured = (measure_classic if given["evaluate_only"] else train_classic)(request, say)
    click.echo(json.dumps(measured.figures()) if as_json else _table(measured))


def _table(measured: Measured) -> str:
    scores, silent = measured.scores, measured.scores.silent
    head = f"{'':22}{'accuracy':>10}{'precision':>11}{'recall':>9}{'F1':>9}"
    rows = (
        _row("steps", scores.steps),
        _row("steps, says nothing", silent.steps),
        _row("events", scores.events),
        _row("events, says nothing", silent.events),
    )
    e = scores.events
    return "\n".join(
        (
            f"{measured.out / NAME}: {scores.examples} {measured.on} examples, "
            f"loss {measured.loss:.4f}",
            click.style(head, bold=True),
            *rows,
            f"{e.hits} of {e.hits + e.misses} words heard, {e.false_accepts} false accepts",
        )
    )


def _row(name: str, c: Counts) -> str:
    rates = zip((10, 11, 9, 9), (c.accuracy, c.precision, c.recall, c.f1), strict=True)
    return f"{name:22}" + "".join(
        f"{'-' if rate is None else f'{100 * rate:.1f} %':>{width}}" for width, rate in rates
    )
