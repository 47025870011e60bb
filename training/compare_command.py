"""``wakeful compare KIND``: every network of a kind on the same data, as a table and a page."""

from __future__ import annotations

import click

from ..daemon.command_table import CommandTable, Table

KINDS: Table = {}


@click.group(cls=CommandTable, table=KINDS)
def compare() -> None:
    """Train every network of a kind on the same data, and set them side by side.

    \b
    wakeful compare commands --data speech_commands
    """
