"""The options that several commands have in common: said in one place, alike everywhere."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


def complete_models(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The shipped models' names, and files."""
    from ..models.bundle import shipped_models

    names = [n for n in shipped_models() if n.startswith(incomplete)]
    return [CompletionItem(name) for name in names] or [CompletionItem(incomplete, type="file")]


def complete_inputs(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The word for a microphone, and files."""
    mic = [CompletionItem("mic")] if "mic".startswith(incomplete) else []
    return [*mic, CompletionItem(incomplete, type="file")]


def complete_devices(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The microphones' names."""
    from ..models.errors import WakefulError
    from .devices import input_devices

    try:
        return [CompletionItem(d.name) for d in input_devices() if incomplete in d.name]
    except WakefulError:
        return []


source_option = click.option(
    "--input",
    "-i",
    "source",
    metavar="mic|FILE|-",
    shell_complete=complete_inputs,
    help="A microphone (default), a sound file, or raw 16-bit sound on standard input.",
)
device_option = click.option(
    "--device",
    "-d",
    shell_complete=complete_devices,
    help="Part of a microphone's name, or its number (wakeful devices).",
)
models_option = click.option(
    "--model",
    "-m",
    "models",
    multiple=True,
    shell_complete=complete_models,
    help="A shipped model's name or a path; may be given more than once.",
)
config_option = click.option(
    "--config", "config_file", type=click.Path(), help="Another configuration file."
)
