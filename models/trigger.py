"""The trigger networks by name: the classic one, and the one that we ship."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .causal import ConvolutionSize, Layers, convolutions, recurrent
from .errors import UsageError
from .keras_import import keras


class UnknownNetworkError(UsageError):
    """No network has this name."""


@dataclass(frozen=True)
class TriggerSize(ConvolutionSize):
    """What decides the shape of `trigger-default`: 10 ms frames in, one probability each 30 ms."""

    units: int = 128
    recurrent_layers: int = 2
    dropout: float = 0.2


def trigger_classic() -> keras.Model:
    """The net of the classic system: 10 s at 44.1 kHz as 5511 × 101 in, 1375 probabilities out.

    Its last layer was a `TimeDistributed` one; a dense layer does the same at each step, without a
    graph of 1,375 of them, which took a minute to prepare.
    """
    layers = keras.layers
    blocks: list[keras.layers.Layer] = []
    for _ in range(2):
        blocks += [
            layers.GRU(128, return_sequences=True, reset_after=False),
            layers.Dropout(0.8),
            layers.BatchNormalization(),
        ]
    return keras.Sequential(
        [
            layers.Input((5511, 101)),
            layers.Conv1D(196, 15, strides=4),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Dropout(0.8),
            *blocks,
            layers.Dropout(0.8),
            layers.Dense(1, activation="sigmoid"),
        ],
        name="trigger-classic",
    )


def trigger_default(size: TriggerSize | None = None) -> keras.Model:
    """Two convolutions and two GRUs; padded in front alone, so no step waits for later sound."""
    s, layers = size or TriggerSize(), keras.layers
    blocks: Layers = []
    for number in range(1, s.recurrent_layers + 1):
        blocks += [recurrent(number, s.units), layers.Dropout(s.dropout)]
    return keras.Sequential(
        [
            *convolutions(s),
            layers.Dropout(s.dropout),
            *blocks,
            layers.Dense(1, activation="sigmoid", name="probability"),
        ],
        name="trigger-default",
    )


def embedding(model: keras.Model, width: int) -> keras.Model:
    """The same layers, but for the last one, with an end that a teacher can be told about.

    [batch, steps, `width`], linear in what the probability is made from.
    """
    last = model.get_layer("probability")
    found = keras.layers.Dense(width, name="embedding")(last.input)
    return keras.Model(model.inputs[0], found, name="embedding")


NETWORKS: dict[str, Callable[[], keras.Model]] = {
    "trigger-classic": trigger_classic,
    "trigger-default": trigger_default,
}


def build(name: str) -> keras.Model:
    """A fresh network by its name; raises `UnknownNetworkError` that lists the names."""
    if name not in NETWORKS:
        raise UnknownNetworkError(f"network {name!r}: there are {', '.join(NETWORKS)}")
    return NETWORKS[name]()
