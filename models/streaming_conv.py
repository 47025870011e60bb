"""Convolutions in a stream: they keep the frames that their kernels reach back to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .keras_import import keras
from .streaming_flow import (
    Array,
    Flow,
    Norm,
    Stage,
    StreamingError,
    Tensor,
    activation_of,
    mask,
)
from .tensorflow_import import tensorflow as tf


def convolution(layer: keras.layers.Layer, flow: Flow, norm: Norm = None) -> tuple[Stage, Flow]:
    """Keeps the frames that its kernel reaches back to, as many as make the strides line up."""
    kernel, stride, dilation = layer.kernel_size[0], layer.strides[0], layer.dilation_rate[0]
    span = (kernel - 1) * dilation + 1
    if layer.padding not in ("valid", "causal"):
        raise StreamingError(
            f"layer {layer.name}: padding {layer.padding!r} looks ahead; use 'causal'"
        )
    if layer.data_format != "channels_last" or getattr(layer, "groups", 1) != 1:
        raise StreamingError(
            f"layer {layer.name}: only channels_last without groups can be streamed"
        )
    padding = flow.padding + (span - 1 if layer.padding == "causal" else 0)
    past = max(0, span - stride, padding - flow.lead)
    past += -(past + flow.lead - padding) % stride
    convolve, outputs = _products(layer, norm)
    must_mask = bool(padding and flow.lead)

    # Ranks change by reshape alone: a slice that drops an axis would leave the fast path.
    def run(x: Tensor, before: Tensor, position: Tensor) -> tuple[Tensor, Tensor]:
        if must_mask:
            x = x * mask(position, flow)
        sound = tf.concat([tf.reshape(before, [past, -1]), x], 0) if past else x
        kept = tf.reshape(sound[flow.frames :], [1, past, -1]) if past else None
        # Past what the last output needs lies nothing that this call may use.
        needed = flow.frames - stride + span
        return convolve(sound if needed == flow.frames + past else sound[:needed]), kept

    stage = Stage(run, f"{layer.name}_past", (1, past, flow.channels) if past else ())
    return stage, replace(
        flow,
        frames=flow.frames // stride,
        channels=outputs,
        stride=flow.stride * stride,
        lead=(past + flow.lead - padding) // stride,
        padding=0,
        counts=flow.counts or must_mask,
    )


def _products(layer: keras.layers.Layer, norm: Norm) -> tuple[Callable[[Tensor], Tensor], int]:
    """The convolution itself, [frames, channels] in and out, and its number of channels.

    Bias, activation and the normalisation `norm` that follows it are in it.
    """
    stride, dilation, act = layer.strides[0], layer.dilation_rate[0], activation_of(layer)
    weights = layer.get_weights()
    separable = not isinstance(layer, keras.layers.Conv1D)
    outputs = layer.filters if hasattr(layer, "filters") else weights[0].shape[1]
    if isinstance(layer, keras.layers.DepthwiseConv1D):
        outputs = weights[0].shape[1] * layer.depth_multiplier
    scale, shift = norm or (np.ones(outputs, np.float32), np.zeros(outputs, np.float32))
    bias = (weights[-1] if layer.use_bias else np.zeros(outputs, np.float32)) * scale + shift
    first = weights[0][np.newaxis]
    last = weights[1][np.newaxis] * scale if len(weights) - layer.use_bias > 1 else None
    if last is None:
        first = first * (scale.reshape(first.shape[2:]) if separable else scale)

    def convolve(x: Tensor) -> Tensor:
        x = tf.reshape(x, [1, 1, -1, x.shape[-1]])
        if separable:
            strides, dilations = [1, stride, stride, 1], [dilation, dilation]
            y = tf.nn.depthwise_conv2d(x, first, strides, "VALID", dilations=dilations)
            y = y if last is None else tf.nn.conv2d(y, last, 1, "VALID")
        else:
            y = tf.nn.conv2d(x, first, [1, 1, stride, 1], "VALID", dilations=[1, 1, dilation, 1])
        return tf.reshape(act(y + bias), [-1, outputs])

    return convolve, outputs


def folded(layer: keras.layers.Layer, after: keras.layers.Layer | None) -> Norm:
    """The scale and shift of a normalisation that comes straight after a linear convolution."""
    convolutions = (keras.layers.Conv1D, keras.layers.DepthwiseConv1D, keras.layers.SeparableConv1D)
    fits = isinstance(after, keras.layers.BatchNormalization) and isinstance(layer, convolutions)
    if not fits or layer.activation.__name__ != "linear":
        return None
    return scale_and_shift(after)


def scale_and_shift(layer: keras.layers.Layer) -> tuple[Array, Array]:
    """What a trained batch normalisation does to each channel."""
    values = normalising_weights(layer)
    scale = values.get("gamma", 1.0) / np.sqrt(values["moving_variance"] + layer.epsilon)
    shift = values.get("beta", 0.0) - values["moving_mean"] * scale
    return scale.astype(np.float32), shift.astype(np.float32)


def normalising_weights(layer: keras.layers.Layer) -> dict[str, Array]:
    """By name; raises `StreamingError` where it isn't the channels that are normalised."""
    axes = layer.axis if isinstance(layer.axis, list | tuple) else [layer.axis]
    if list(axes) not in ([-1], [2]) or getattr(layer, "rms_scaling", False):
        raise StreamingError(
            f"layer {layer.name}: can be streamed only where it normalises channels, axis -1"
        )
    names = (variable.name for variable in layer.variables)
    return dict(zip(names, layer.get_weights(), strict=True))


def kernel_and_bias(layer: keras.layers.Layer, outputs: int) -> tuple[Array, Array]:
    """A layer's weights; zeros for a bias that it does without."""
    kernel, *rest = layer.get_weights()
    return kernel, rest[0] if rest else np.zeros(outputs, np.float32)
