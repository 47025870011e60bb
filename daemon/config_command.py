"""``wakeful config``: what is in force, where it is from, and whether it is right."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from .config import as_toml, check_keys, config_path, default_paths, load, read_tree, settings
from .settings import Settings


@click.group()
def config() -> None:
    """Show and check the configuration.

    \b
    Begin a configuration of your own:
      mkdir -p ~/.config/wakeful
      wakeful config show > ~/.config/wakeful/wakeful.toml
    """


@config.command()
@click.option("--config", "named", type=click.Path(), help="Another file than the usual one.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def show(named: str | None, as_json: bool) -> None:
    """Print what is in force, as a file that can be loaded again."""
    effective = load(named)
    if as_json:
        click.echo(msgspec.json.encode(effective))
        return
    click.echo(f"# from {config_path(named) or 'no file: all of it built in'}")
    click.echo(as_toml(effective))


@config.command()
@click.argument("file", required=False, type=click.Path())
def check(file: str | None) -> None:
    """Say whether a configuration file is right (default: the one that counts)."""
    path = config_path(file)
    if path is None:
        click.echo("no configuration file: everything is as built in")
        return
    tree = read_tree(Path(path))
    check_keys(tree, Settings, str(path))
    settings(tree, str(path))
    click.echo(f"{path}: right")


@config.command()
def path() -> None:
    """Print which file counts, or where one would."""
    found = config_path()
    click.echo(found if found else f"{default_paths()[0]} (not there)")
