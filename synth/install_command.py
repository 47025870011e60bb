"""``wakeful voices install``: gets engines from where pip, apt and npm have them."""

from __future__ import annotations

import sys

import click


@click.command()
@click.argument("engines", nargs=-1)
@click.option("--yes", is_flag=True, help="Don't ask before apt changes the system.")
def install(engines: tuple[str, ...], yes: bool) -> None:
    """Install ENGINES (default: all), saying each command that is run.

    One that fails doesn't keep the others from coming. Giving the same command again goes on.

    \b
    wakeful voices install kokoro hibari
    """
    from .engines import ENGINES, known_engine
    from .install import InstallError, install_engine
    from .voice import VoiceError

    failed = []
    for name in [known_engine(engine) for engine in engines] or ENGINES:
        try:
            came = install_engine(name, lambda line: yes or _may(line), _say)
        except VoiceError as error:
            _say(click.style(f"{name}: {error}", fg="red"))
            failed.append(name)
            continue
        _say(click.style(f"{name}: is here", fg="green") if came else f"{name}: left out")
    if failed:
        raise InstallError(f"not installed: {', '.join(failed)}; each one's reason is above")


def _say(line: str) -> None:
    click.echo(line, err=True)


def _may(command: str) -> bool:
    """Asks on a terminal; where nobody can answer, says how to allow it."""
    if sys.stdin.isatty():
        return click.confirm(f"Run {command} ?", err=True)
    _say(f"--yes would run: {command}")
    return False
