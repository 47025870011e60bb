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
    "asr-rnn": (
        "..training.asr_command:train_asr_rnn",
        "Speech by one GRU.",
    ),
    "asr-rnn-dense": (
        "..training.asr_command:train_asr_rnn_dense",
        "Speech by a GRU and a dense layer.",
    ),
    "asr-cnn-rnn": (
        "..training.asr_command:train_asr_cnn_rnn",
        "Speech by a convolution and a recurrent layer.",
    ),
    "asr-deep-rnn": (
        "..training.asr_command:train_asr_deep_rnn",
        "Speech by two GRUs.",
    ),
    "asr-bidirectional": (
        "..training.asr_command:train_asr_bidirectional",
        "Speech by a GRU in either direction.",
    ),
    "asr-final": (
        "..training.asr_command:train_asr_final",
        "Speech by a convolution and two GRUs in both directions.",
    ),
    "asr-default": (
        "..training.asr_command:train_asr_default",
        "The streaming recognizer that ships.",
    ),
}
"""In the order of the help. What is no such name is a word to train a model for."""
