"""GRUs in a stream: the products with the input for all frames at once, then frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .keras_import import keras
from .streaming_flow import (
    ACTIVATIONS,
    Array,
    Flow,
    Stage,
    StreamingError,
    Tensor,
    activation_of,
    mask,
)
from .tensorflow_import import tensorflow as tf


def gru(layer: keras.layers.Layer, flow: Flow) -> tuple[Stage, Flow]:
    """All frames' input products at once; only what truly recurs is done frame by frame."""
    if layer.go_backwards or not layer.return_sequences:
        raise StreamingError(
            f"layer {layer.name}: a GRU that is streamed runs forward and returns sequences"
        )
    units, recurrence = layer.units, _recurrence(layer)
    kernel, into = layer.get_weights()[0], _gru_biases(layer)[0]
    waits = flow.lead > 0

    def run(x: Tensor, hidden: Tensor, position: Tensor) -> tuple[Tensor, Tensor]:
        products = tf.matmul(x, kernel) + into
        valid = mask(position, flow) if waits else None
        outputs = []
        for t in range(flow.frames):
            after = recurrence(products[t : t + 1], hidden)
            hidden = after if valid is None else hidden + valid[t : t + 1] * (after - hidden)
            outputs.append(hidden)
        return (tf.concat(outputs, 0) if len(outputs) > 1 else outputs[0]), hidden

    stage = Stage(run, f"{layer.name}_h", (1, units))
    return stage, replace(flow, channels=units, counts=flow.counts or waits)


def _gru_biases(layer: keras.layers.Layer) -> tuple[Array, Array]:
    """The bias of the input products and that of the recurrent ones."""
    none = np.zeros(3 * layer.units, np.float32)
    if not layer.use_bias:
        return none, none
    bias = layer.get_weights()[2]
    return (bias[0], bias[1]) if layer.reset_after else (bias, none)


def _recurrence(layer: keras.layers.Layer) -> Callable[[Tensor, Tensor], Tensor]:
    """One frame of a GRU: from its input products [1, 3 units] and the state to the next state."""
    units, recurrent = layer.units, layer.get_weights()[1]
    bias = _gru_biases(layer)[1]
    act = activation_of(layer)
    gate_name = layer.recurrent_activation.__name__
    if gate_name not in ACTIVATIONS:
        raise StreamingError(f"layer {layer.name}: recurrent activation {gate_name!r} is not known")
    gate = ACTIVATIONS[gate_name]

    def reset_after(product: Tensor, hidden: Tensor) -> Tensor:
        back = tf.matmul(hidden, recurrent) + bias
        ours, theirs = tf.split(product, 3, 1), tf.split(back, 3, 1)
        update, reset = gate(ours[0] + theirs[0]), gate(ours[1] + theirs[1])
        candidate = act(ours[2] + reset * theirs[2])
        return candidate + update * (hidden - candidate)

    def reset_before(product: Tensor, hidden: Tensor) -> Tensor:
        gates = gate(product[:, : 2 * units] + tf.matmul(hidden, recurrent[:, : 2 * units]))
        update, reset = gates[:, :units], gates[:, units:]
        back = tf.matmul(reset * hidden, recurrent[:, 2 * units :])
        candidate = act(product[:, 2 * units :] + back)
        return candidate + update * (hidden - candidate)

    return reset_after if layer.reset_after else reset_before
