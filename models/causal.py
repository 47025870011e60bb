"""The layers that every network of ours begins with, so that one backbone's weights fit them all.

Padded in front alone: no step waits for later sound.
"""

from __future__ import annotations

from dataclasses import dataclass

from .keras_import import keras

Layers = list[keras.layers.Layer]


@dataclass(frozen=True)
class ConvolutionSize:
    """What decides their shape: 10 ms frames of `bands` in, a step each `stride` of them."""

    bands: int = 40
    first_filters: int = 64
    first_kernel: int = 5
    second_filters: int = 96
    second_kernel: int = 6
    stride: int = 3


def convolutions(s: ConvolutionSize) -> Layers:
    """The input and two convolutions, each with its normalisation."""
    layers = keras.layers
    return [
        layers.Input((None, s.bands)),
        layers.ZeroPadding1D((s.first_kernel - 1, 0)),
        layers.Conv1D(s.first_filters, s.first_kernel, use_bias=False, name="conv1"),
        layers.BatchNormalization(name="norm1"),
        layers.Activation("relu"),
        layers.ZeroPadding1D((s.second_kernel - s.stride, 0)),
        layers.Conv1D(
            s.second_filters, s.second_kernel, strides=s.stride, use_bias=False, name="conv2"
        ),
        layers.BatchNormalization(name="norm2"),
        layers.Activation("relu"),
    ]


def recurrent(number: int, units: int) -> keras.layers.Layer:
    """The GRU that is `number` from below."""
    return keras.layers.GRU(units, return_sequences=True, reset_after=True, name=f"gru{number}")
