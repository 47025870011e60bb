"""The networks that ``wakeful train NAME`` knows, and where the command of each one is."""

from __future__ import annotations

from ..daemon.command_table import Table

SYSTEMS: Table = {
    "trigger-classic": (
        "..training.classic_command:train_classic",
        "The classic trigger, from compositions.",
    ),
    "digits-lstm-raw": (
        "..training.digit_older_command:train_raw",
        "Digits by an LSTM, sample by sample.",
    ),
    "digits-lstm-raw-augmented": (
        "..training.digit_older_command:train_raw_augmented",
        "The same, larger, on nine of each recording.",
    ),
    "digits-lstm-mel": (
        "..training.digit_older_command:train_mel",
        "Digits by an LSTM on log-mel.",
    ),
    "digits-default": (
        "..training.digit_default_command:train_digits_default",
        "The digit network that ships: digits and strings of them.",
    ),
    "commands-dense": (
        "..training.command_train_command:train_dense",
        "Twelve command labels by dense layers.",
    ),
    "commands-cnn": (
        "..training.command_train_command:train_cnn",
        "The same by convolutions.",
    ),
    "commands-vgg": (
        "..training.command_train_command:train_vgg",
        "The same by many small convolutions.",
    ),
    "commands-light-cnn": (
        "..training.command_train_command:train_light_cnn",
        "The same by a few small convolutions, at 8 kHz.",
    ),
    "commands-wavception": (
        "..training.command_train_command:train_wavception",
        "The same from the raw wave.",
    ),
    "commands-default": (
        "..training.command_default_command:train_commands_default",
        "The command network that ships.",
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
    "whisper-letters": (
        "..training.whisper_head_command:train_whisper_letters",
        "Letters over whisper's encoder, for grammars.",
    ),
}
"""In the order of the help. What is no such name is a word to train a model for."""
