"""``wakeful voices``: which synthesizers there are, what brings them, and how they sound."""

from __future__ import annotations

import click

from .install_command import install
from .list_command import list_voices
from .say_command import say


@click.group()
def voices() -> None:
    """List, install and hear synthetic voices.

    \b
    wakeful voices list
    wakeful voices install hibari espeak-ng
    wakeful voices say "activate" --play
    """


for command in (list_voices, install, say):
    voices.add_command(command)
