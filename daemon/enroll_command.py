"""``wakeful enroll``: a few takes of one's own voice, and what follows from them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import one_thread  # noqa: F401 - before numpy
from .options import complete_devices, complete_models, config_option

if TYPE_CHECKING:
    from ..models.runtime import TriggerModel
    from .enroll import Say
    from .profile import Profile
    from .settings import Settings
    from .takes import Take
    from .threshold_rule import Advice


@click.command()
@click.argument("model", default="activate", shell_complete=complete_models)
@click.option(
    "--takes", "count", type=click.IntRange(3, 50), default=5, show_default=True, help="How many."
)
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path),
    help="Take the recordings in a folder, one word a file, instead of a microphone.",
)
@click.option("--device", "-d", shell_complete=complete_devices, help="As in wakeful listen.")
@click.option(
    "--most-per-hour",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="The most false accepts an hour that a lower threshold may cost.",
)
@click.option("--verify", is_flag=True, help="Make a profile, so that it can wake for you alone.")
@click.option("--name", default="me", show_default=True, help="Whose profile it is.")
@click.option(
    "--keep", type=click.Path(path_type=Path), help="Keep the good takes in a folder, as WAV."
)
@click.option("--yes", "-y", is_flag=True, help="Write without asking.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object; asks nothing.")
@click.option("--list", "is_list", is_flag=True, help="List who has a profile, and stop.")
@click.option("--forget", metavar="NAME", help="Delete somebody's profiles, and stop.")
@config_option
def enroll(
    model: str,
    count: int,
    folder: Path | None,
    device: str | None,
    most_per_hour: float,
    verify: bool,
    name: str,
    keep: Path | None,
    yes: bool,
    as_json: bool,
    is_list: bool,
    forget: str | None,
    config_file: str | None,
) -> None:
    """Fit MODEL (default: activate) to a voice: where it fires, and on request for whom.

    \b
    Say the word five times:         wakeful enroll activate
    Take recordings instead:         wakeful enroll activate --from takes
    Let it answer to anna alone:     wakeful enroll activate --verify --name anna
                                     wakeful listen --only anna
    Who has a profile?               wakeful enroll --list

    Sound stays in memory unless --keep is given. Nothing is written before you agree to it.
    """
    if is_list or forget:
        _about_profiles(forget, as_json, config_file)
        return
    from .config import load
    from .enroll import advice_for, keep_takes, profile_for
    from .opening import open_models
    from .profile import checked_name

    checked_name(name)
    flags: dict[str, Any] = {"audio": {"device": device}} if device else {}
    settings = load(config_file, flags)
    (opened,) = open_models([model])
    say: Say = (lambda _: None) if as_json else click.echo
    takes = _takes(folder, opened, settings, count, say)
    if keep:
        keep_takes(keep, takes)
    advice = advice_for(takes, opened, settings, most_per_hour)
    profile = profile_for(name, takes, opened, settings, advice.after) if verify else None
    say(f"threshold of {opened.bundle.name}: {advice}")
    written = _write(opened, advice, profile, yes or _may_ask(as_json), yes, config_file, say)
    if as_json:
        _print_json(takes, advice, profile, written)


def _takes(
    folder: Path | None, model: TriggerModel, settings: Settings, count: int, say: Say
) -> list[Take]:
    """From the folder, else from the microphone."""
    from .enroll import recorded_takes, takes_from

    if folder:
        return takes_from(folder, model, settings, say)
    from .meter import Meter
    from .microphones import open_microphone

    source = open_microphone(settings.audio.device)
    try:
        with Meter(sys.stderr, [model.bundle.name]) as meter:
            return recorded_takes(source, model, settings, meter, count, say)
    finally:
        source.close()


def _may_ask(as_json: bool) -> bool:
    return not as_json and sys.stdin is not None and sys.stdin.isatty()


def _write(
    model: TriggerModel,
    advice: Advice,
    profile: Profile | None,
    may_write: bool,
    yes: bool,
    config: str | None,
    say: Say,
) -> list[str]:
    """Write what is agreed to; returns the paths."""
    from .enroll import write_threshold
    from .profile import profile_folder, save_profile

    name, written = model.bundle.name, []
    if not may_write:
        say("nothing is written without --yes")
        return []
    if advice.after != advice.before and (yes or click.confirm("write it?", default=True)):
        written.append(str(write_threshold(name, advice.after, config)))
    if profile and (yes or click.confirm(f"keep a profile of {profile.name}?", default=True)):
        written.append(str(save_profile(profile_folder(config), profile)))
        say(f"to wake for {profile.name} alone:  wakeful listen --only {profile.name!r}")
    for path in written:
        say(f"written: {path}")
    return written


def _print_json(
    takes: list[Take], advice: Advice, profile: Profile | None, written: list[str]
) -> None:
    from .enroll import as_json

    likeness = profile.least_likeness if profile else None
    click.echo(as_json(takes, advice, least_likeness=likeness, written=written))


def _about_profiles(forget: str | None, as_json: bool, config: str | None) -> None:
    """List the profiles, or delete somebody's."""
    import msgspec

    from .profile import forget_profiles, list_profiles, profile_folder

    folder = profile_folder(config)
    if forget:
        for path in forget_profiles(folder, forget):
            click.echo(f"deleted: {path}")
        return
    rows = [
        {"name": p.name, "model": p.model, "takes": len(p.vectors)} for p in list_profiles(folder)
    ]
    if as_json:
        click.echo(msgspec.json.encode(rows))
    elif not rows:
        click.echo(f"nobody has a profile in {folder}")
    else:
        for row in rows:
            click.echo(f"{row['name']:16} {row['model']:16} {row['takes']} takes")
