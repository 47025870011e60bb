"""``wakeful config``: what is in force, where it is from, and whether it is right."""

from __future__ import annotations

import click
import msgspec

from .config import config_path, default_paths, load, read
from .config_text import as_toml
from .printable import printable


@click.group()
def config() -> None:
    """Show and check the configuration.

    What counts: flags, before the file, before what is built in. The file is $WAKEFUL_CONFIG, else
    ~/.config/wakeful/wakeful.toml, else /etc/wakeful/wakeful.toml.

    \b
    Begin a configuration of your own:
      mkdir -p ~/.config/wakeful
      wakeful config show > ~/.config/wakeful/wakeful.toml
    """


@config.command()
@click.option("--config", "named", type=click.Path(), help="Another file than the usual one.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def show(named: str | None, as_json: bool) -> None:
    """Print what is in force, as a file that can be loaded again.

    \b
    wakeful config show
    wakeful config show --json | jq .gate
    """
    effective = load(named)
    if as_json:
        click.echo(msgspec.json.encode(effective))
        return
    path = config_path(named)
    origin = printable(str(path)) if path else "none, all is built in"
    click.echo(f"# the file: {origin}")
    click.echo(as_toml(effective, read(path) if path else {}))


@config.command()
@click.argument("file", required=False, type=click.Path())
def check(file: str | None) -> None:
    """Say whether a configuration file is right (default: the one that counts).

    \b
    wakeful config check ./wakeful.toml
    """
    path = config_path(file)
    if path is None:
        click.echo("no configuration file: everything is as built in")
        return
    read(path)
    click.echo(f"{path}: right")


@config.command()
def path() -> None:
    """Print which file counts, or where one would.

    \b
    $EDITOR "$(wakeful config path)"
    """
    click.echo(config_path() or default_paths()[0])
