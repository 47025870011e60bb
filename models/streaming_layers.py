"""What each kind of Keras layer becomes in a stream: a stage with at most one state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from .keras_import import keras
from .streaming_conv import convolution, kernel_and_bias, normalising_weights, scale_and_shift
from .streaming_flow import Flow, Norm, Stage, StreamingError, Tensor, activation_of, pointwise
from .streaming_gru import gru
from .tensorflow_import import tensorflow as tf


def stage_of(layer: keras.layers.Layer, flow: Flow, norm: Norm = None) -> tuple[Stage | None, Flow]:
    """The stage that a layer becomes (None where nothing is left of it) and what flows on.

    `norm` is the normalisation that follows a convolution and goes into its weights. Raises
    `StreamingError` for a layer that looks ahead or that isn't known.
    """
    if isinstance(layer, keras.layers.TimeDistributed):
        layer = layer.layer
    name = layer.name
    for kind, make in _MAKERS.items():
        if isinstance(layer, kind):
            if flow.padding and make not in (_nothing, _padding, convolution):
                raise StreamingError(f"layer {name}: padding before it must meet a convolution")
            return make(layer, flow) if norm is None else convolution(layer, flow, norm)
    known = ", ".join(sorted({kind.__name__ for kind in _MAKERS}))
    raise StreamingError(
        f"layer {name}: a {type(layer).__name__} can't be streamed; these can: {known}"
    )


def _nothing(_layer: keras.layers.Layer, flow: Flow) -> tuple[None, Flow]:
    return None, flow


def _padding(layer: keras.layers.Layer, flow: Flow) -> tuple[None, Flow]:
    before, after = layer.padding if isinstance(layer.padding, tuple) else (layer.padding,) * 2
    if after:
        raise StreamingError(
            f"layer {layer.name}: pads behind, which a stream can't; use ({before}, 0)"
        )
    return None, replace(flow, padding=flow.padding + before)


def _act(layer: keras.layers.Layer, flow: Flow) -> tuple[Stage, Flow]:
    return pointwise(activation_of(layer)), flow


def _relu(layer: keras.layers.Layer, flow: Flow) -> tuple[Stage, Flow]:
    if layer.negative_slope or layer.threshold or layer.max_value not in (None, 6):
        raise StreamingError(f"layer {layer.name}: only plain ReLU and ReLU6 can be streamed")
    return pointwise(tf.nn.relu if layer.max_value is None else tf.nn.relu6), flow


def _batch_normalisation(layer: keras.layers.Layer, flow: Flow) -> tuple[Stage, Flow]:
    scale, shift = scale_and_shift(layer)
    return pointwise(lambda x: x * scale + shift), flow


def _layer_normalisation(layer: keras.layers.Layer, flow: Flow) -> tuple[Stage, Flow]:
    values = normalising_weights(layer)

    def normalise(x: Tensor) -> Tensor:
        centred = x - tf.reduce_mean(x, axis=1, keepdims=True)
        variance = tf.reduce_mean(centred * centred, axis=1, keepdims=True)
        scaled = centred * tf.math.rsqrt(variance + layer.epsilon)
        return scaled * values.get("gamma", np.float32(1)) + values.get("beta", np.float32(0))

    return pointwise(normalise), flow


def _dense(layer: keras.layers.Layer, flow: Flow) -> tuple[Stage, Flow]:
    kernel, bias = kernel_and_bias(layer, layer.units)
    act = activation_of(layer)
    stage = pointwise(lambda x: act(tf.matmul(x, kernel) + bias))
    return stage, replace(flow, channels=layer.units)


_L = keras.layers
_MAKERS: dict[type, Callable[[Any, Flow], tuple[Stage | None, Flow]]] = {
    _L.InputLayer: _nothing,
    _L.Dropout: _nothing,
    _L.SpatialDropout1D: _nothing,
    _L.GaussianNoise: _nothing,
    _L.ZeroPadding1D: _padding,
    _L.Activation: _act,
    _L.ReLU: _relu,
    _L.BatchNormalization: _batch_normalisation,
    _L.LayerNormalization: _layer_normalisation,
    _L.Dense: _dense,
    _L.Conv1D: convolution,
    _L.DepthwiseConv1D: convolution,
    _L.SeparableConv1D: convolution,
    _L.GRU: gru,
}
