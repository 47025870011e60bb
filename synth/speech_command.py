"""``wakeful speech``: real speech by hundreds of people, out of Debian's archive."""

from __future__ import annotations

import click

from .speech_install_command import install
from .speech_list_command import list_speech
from .transcribe_command import transcribe


@click.group()
def speech() -> None:
    """List and install recorded speech, for training to tell a word from.

    \b
    wakeful speech list
    wakeful speech install --only amazon-queen --only drascula
    """


for command in (list_speech, install, transcribe):
    speech.add_command(command)
