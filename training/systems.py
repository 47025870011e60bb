"""The networks that ``wakeful train NAME`` knows, and where the command of each one is."""

from __future__ import annotations

from ..daemon.command_table import Table

SYSTEMS: Table = {
    "trigger-classic": (
        "..training.classic_command:train_classic",
        "The classic trigger, from compositions.",
    ),
    "digits-default": (
        "..training.digit_default_command:train_digits_default",
        "The digit network that ships: digits and strings of them.",
    ),
}
"""In the order of the help. What is no such name is a word to train a model for."""
