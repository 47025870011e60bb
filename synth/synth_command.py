"""``wakeful synth``: everything that is made from a word's text; one file for each command."""

from __future__ import annotations

import click

from .clips_command import clips


@click.group()
def synth() -> None:
    """Make labelled clips of a word, mix them, and look at them.

    \b
    wakeful synth clips "activate"
    """


for command in (clips,):
    synth.add_command(command)
