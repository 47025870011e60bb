"""``wakeful listen``: from the flags to a running listener."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from . import one_thread  # noqa: F401 - before numpy
from .options import config_option, device_option, models_option, source_option

if TYPE_CHECKING:
    from .opening import RawFormat


@click.command()
@source_option
@device_option
@models_option
@click.option(
    "--threshold",
    "-t",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Fire at this probability instead of the model's own.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Wake for this enrolled person alone (wakeful enroll --verify); may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="One event a line, for programs.")
@click.option(
    "--real-time/--full-speed", default=False, help="Play a file as fast as it would be heard."
)
@click.option("--no-sleep", is_flag=True, help="Let the network run in silence too.")
@click.option(
    "--rate",
    "rate_hz",
    type=click.IntRange(4_000, 384_000),
    help="Rate in Hz of raw sound on standard input (default: 16000).",
)
@click.option(
    "--channels",
    type=click.IntRange(1, 64),
    help="Channels of raw sound on standard input (default: 1).",
)
@click.option(
    "--or-demo", is_flag=True, help="Where there is no microphone, play the bundled recording."
)
@config_option
def listen(
    source: str | None,
    device: str | None,
    models: tuple[str, ...],
    threshold: float | None,
    only: tuple[str, ...],
    as_json: bool,
    real_time: bool,
    no_sleep: bool,
    rate_hz: int | None,
    channels: int | None,
    or_demo: bool,
    config_file: str | None,
) -> None:
    """Listen to a microphone, a file or a pipe, and say what was heard.

    \b
    The default microphone:   wakeful listen
    A recording:              wakeful listen --input kitchen.flac
    A pipe:                   arecord -t raw -f S16_LE -r 16000 | wakeful listen --input -
    For programs:             wakeful listen --json | jq 'select(.event == "wake")'

    Ends with the sound, with Ctrl-C or with SIGTERM, after a last "bye"; the exit code is then 0.
    """
    from .config import load
    from .listen import Listener
    from .opening import open_source
    from .reports import report

    flags = _flags(source, device, models, threshold, only, no_sleep)
    settings = load(config_file, flags)
    raw = _raw_format(settings.audio.input, rate_hz, channels)
    listener = Listener(settings, config=config_file)
    opened = open_source(settings.audio, raw, real_time, or_demo)
    with report(as_json, listener.model_names) as out:
        listener.run(opened, out)


def _raw_format(source: str, rate_hz: int | None, channels: int | None) -> RawFormat:
    """What standard input carries; to say it of anything else is a mistake."""
    from .opening import RawFormat

    if source != "-" and (rate_hz or channels):
        raise click.UsageError(
            f"--rate and --channels tell of raw sound, as on --input -; {source!r} tells its own"
        )
    return RawFormat(rate_hz or 16_000, channels or 1)


def _flags(
    source: str | None,
    device: str | None,
    models: tuple[str, ...],
    threshold: float | None,
    only: tuple[str, ...],
    no_sleep: bool,
) -> dict[str, Any]:
    """The flags that were given, as a partial configuration tree."""
    audio = {"input": source, "device": device}
    flags: dict[str, Any] = {"audio": {k: v for k, v in audio.items() if v is not None}}
    if models:
        flags["models"] = list(models)
    if threshold is not None:
        flags["detector"] = {"threshold": threshold}
    if only:
        flags.setdefault("detector", {})["only"] = list(only)
    if no_sleep:
        flags["gate"] = {"sleep": False}
    return flags
