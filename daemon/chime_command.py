"""``wakeful chime``: hear the chimes, or lay one over a recording after each activation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import one_thread  # noqa: F401 - before numpy
from .options import config_option, models_option

if TYPE_CHECKING:
    from .chime_sounds import Kind
    from .settings import Settings


@click.command()
@click.argument("source", metavar="[IN", required=False, type=click.Path())
@click.argument("target", metavar="OUT]", required=False, type=click.Path())
@click.option(
    "--play",
    "kind",
    is_flag=False,
    flag_value="wake",
    type=click.Choice(["wake", "ended", "not-understood"]),
    help="Play one of the chimes (default: wake) through the loudspeaker.",
)
@models_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
@config_option
def chime(
    source: str | None,
    target: str | None,
    kind: Kind | None,
    models: tuple[str, ...],
    as_json: bool,
    config_file: str | None,
) -> None:
    """Hear the chimes, or lay one over a recording after each activation.

    \b
    Hear the one for waking:    wakeful chime --play
    Hear another one:           wakeful chime --play not-understood
    Over a recording:           wakeful chime kitchen.wav chimed.wav --model activate

    OUT keeps the rate, the channels and the sample format of IN. There is at most one chime in 75
    steps of the model. Which sounds, and how loud, is in the configuration under [chime].
    """
    from .config import load

    flags: dict[str, Any] = {"models": list(models)} if models else {}
    settings = load(config_file, flags)
    if kind:
        _refuse_files(source)
        _play(kind, settings)
        return
    if not source or not target:
        raise click.UsageError("name a recording and where to write it, or say --play")
    _lay_over(source, Path(target), settings, as_json)


def _refuse_files(source: str | None) -> None:
    if source:
        raise click.UsageError("--play plays a chime and takes no files; leave one of both out")


def _play(kind: Kind, settings: Settings) -> None:
    """Even where the settings leave it out: whoever asks wants to hear it."""
    import threading

    from .chime_sounds import load_chime, named_file
    from .player import USUAL_HZ, begin

    ours = settings.chime
    made = load_chime(kind, named_file(kind, ours), ours.volume_db, USUAL_HZ)
    begin(ours.device, made.at(USUAL_HZ), USUAL_HZ).run(threading.Event())


def _lay_over(source: str, target: Path, settings: Settings, as_json: bool) -> None:
    import msgspec

    from .chime_overlay import activations, overlay
    from .chime_sounds import load_chime, named_file
    from .opening import open_models
    from .player import USUAL_HZ
    from .printable import printable

    ours = settings.chime
    made = load_chime("wake", named_file("wake", ours), ours.volume_db, USUAL_HZ)
    found = activations(source, open_models(settings.models), settings)
    done = overlay(source, target, made, found)
    at_s = [round(start / done.rate_hz, 3) for start in done.starts]
    if as_json:
        click.echo(msgspec.json.encode({"out": str(target), "chimes_s": at_s}))
        return
    where = f", at {', '.join(f'{s:.2f} s' for s in at_s)}" if at_s else ""
    click.echo(f"{printable(str(target))}: {len(at_s)} chime{'s' * (len(at_s) != 1)}{where}")
