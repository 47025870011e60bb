"""``wakeful keys``: who may connect from other machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from .keys import KeyFolder

F = TypeVar("F", bound=Callable[..., None])


def in_folder(command: F) -> F:
    """The option that all of them have."""
    option = click.option(
        "--folder",
        type=click.Path(path_type=Path),
        help="Where the keys are (default: bus.keys of the configuration, else beside it).",
    )
    return option(command)


def opened(folder: Path | None) -> KeyFolder:
    """The folder that is meant: named, configured, or the usual one."""
    from .config import config_path, default_paths, load
    from .keys import KeyFolder, key_folder

    if folder:
        return KeyFolder(folder)
    if configured := key_folder(load().bus):
        return configured
    return KeyFolder((config_path() or default_paths()[0]).parent / "keys")


def complete_allowed(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Who is allowed."""
    from ..models.errors import WakefulError

    try:
        names = opened(ctx.params.get("folder")).allowed().values()
    except WakefulError:
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.group()
def keys() -> None:
    """Make keys, and say who may connect from other machines.

    \b
    On the daemon's machine:     wakeful keys new daemon
    On the other machine:        wakeful keys new client
                                 wakeful keys trust 'THE-DAEMONS-KEY'
    On the daemon's machine:     wakeful keys allow laptop 'THE-CLIENTS-KEY'
    Both have in their configuration, under [bus]:
      events = "tcp://192.168.1.5:5577"
      control = "tcp://192.168.1.5:5578"
      keys = "/the/folder"

    Private keys stay where they were made. A daemon that runs heeds a change at once.
    """


@keys.command()
@click.argument("name")
@click.option("--replace", is_flag=True, help="Make another in the place of one that is there.")
@in_folder
def new(name: str, replace: bool, folder: Path | None) -> None:
    """Make a pair of keys; print the public one, which others are to be told.

    \b
    wakeful keys new daemon      what the daemon shows to those who connect
    wakeful keys new client      what wakeful events, ctl and on show to a daemon elsewhere
    """
    click.echo(opened(folder).make(name, replace))


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@in_folder
def list_keys(as_json: bool, folder: Path | None) -> None:
    """List our own public keys and those that may connect.

    \b
    wakeful keys list --json | jq -r '.allowed | keys[]'
    """
    found = opened(folder)
    own, allowed = found.own(), {name: key for key, name in found.allowed().items()}
    if as_json:
        click.echo(json.dumps({"folder": str(found.folder), "own": own, "allowed": allowed}))
        return
    click.echo(f"{found.folder}")
    for title, rows in (("our own", own), ("may connect", allowed)):
        for name, key in rows.items():
            click.echo(f"{title:12} {name:16} {key}")
        if not rows:
            click.echo(f"{title:12} -")


@keys.command()
@click.argument("name")
@click.argument("public", metavar="KEY|FILE|-")
@in_folder
def allow(name: str, public: str, folder: Path | None) -> None:
    """Let whoever has this key connect.

    \b
    wakeful keys allow laptop 'rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7'
    wakeful keys allow laptop laptop.public
    """
    click.echo(f"{opened(folder).allow(name, _given(public))}: may connect")


@keys.command()
@click.argument("name", shell_complete=complete_allowed)
@in_folder
def revoke(name: str, folder: Path | None) -> None:
    """Let a key connect no more.

    \b
    wakeful keys revoke laptop
    """
    click.echo(f"{opened(folder).revoke(name)}: may connect no more")


@keys.command()
@click.argument("public", metavar="KEY|FILE|-")
@in_folder
def trust(public: str, folder: Path | None) -> None:
    """Talk to the daemon elsewhere that has this key, and to no other.

    \b
    wakeful keys trust daemon.public
    """
    click.echo(f"{opened(folder).trust(_given(public))}: is trusted")


def _given(text: str) -> str:
    """A key as it stands on the command line, in a file, or on standard input."""
    if text == "-":
        return sys.stdin.read()
    path = Path(text)
    # A key may hold slashes, yet nobody has such a file.
    return path.read_text(encoding="ascii", errors="replace") if path.is_file() else text
