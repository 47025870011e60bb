"""``wakeful synth``: everything that is made from a word's text; one file for each command."""

from __future__ import annotations

import click

from .check_command import check
from .classic_command import classic
from .clips_command import clips
from .judge_command import judge
from .nine_command import nine
from .preview_command import preview
from .rooms_command import rooms
from .sayings_command import sayings
from .speakers_command import speakers
from .words_command import words


@click.group()
def synth() -> None:
    """Make labelled clips of a word, mix them, and look at them.

    \b
    wakeful synth clips "activate"
    """


for command in (clips, sayings, classic, rooms, nine, preview, check, judge, speakers, words):
    synth.add_command(command)
