"""``wakeful compare KIND``: every network of a kind on the same data, as a table and a page."""

from __future__ import annotations

import click

from ..daemon.command_table import CommandTable, Table

KINDS: Table = {
    "commands": (
        "..training.command_compare_command:compare_commands",
        "Command networks: five older ones on their features.",
    ),
    "digits": (
        "..training.digit_compare_command:compare_digits",
        "Spoken digits: four older networks, and ours.",
    ),
    "asr": (
        "..training.asr_compare_command:compare_asr",
        "Speech recognizers: six older ones, and ours.",
    ),
    "grammar": (
        "..training.grammar_compare_command:compare_grammar",
        "Commands of a grammar, and who understands them.",
    ),
}


@click.group(cls=CommandTable, table=KINDS)
def compare() -> None:
    """Train every network of a kind on the same data, and set them side by side.

    \b
    wakeful compare commands --data speech_commands
    """
