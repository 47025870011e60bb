"""What each kind of Keras layer becomes in a stream: a stage with at most one state.

Stream position ``i`` of a tensor is position ``i - lead`` of the same tensor in the whole-clip
network; the first `lead` positions exist in the stream alone and hold nothing that counts. A
convolution without padding makes them: it can't answer before it has heard its kernel's length. A
recurrent layer must not learn from them, so its state waits until they are over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from .errors import WakefulError

Array = npt.NDArray[np.float32]
Tensor = Any


class StreamingError(WakefulError):
    """The network can't be run frame by frame."""


@dataclass(frozen=True)
class Flow:
    """What is known of the tensor between two layers, for one call of the step."""

    frames: int
    channels: int
    stride: int = 1
    lead: int = 0
    padding: int = 0
    counts: bool = False


@dataclass(frozen=True)
class Stage:
    """One layer of the step: [frames, channels] and its state in, the same out."""

    run: Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
    state_name: str = ""
    state_shape: tuple[int, ...] = ()


_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda x: x,
    "relu": tf.nn.relu,
    "relu6": tf.nn.relu6,
    "sigmoid": tf.sigmoid,
    "tanh": tf.tanh,
    "silu": tf.nn.silu,
    "hard_sigmoid": lambda x: tf.nn.relu6(x + 3.0) / 6.0,
}


def stage_of(layer: keras.layers.Layer, flow: Flow) -> tuple[Stage | None, Flow]:
    """The stage that a layer becomes (None where nothing is left of it) and what flows on.

    Raises `StreamingError` for a layer that looks ahead or that isn't known.
    """
    if isinstance(layer, keras.layers.TimeDistributed):
        layer = layer.layer
    name = layer.name
    for kind, make in _MAKERS.items():
        if isinstance(layer, kind):
            if flow.padding and make not in (_nothing, _padding, _convolution):
                raise StreamingError(f"layer {name}: padding before it must meet a convolution")
            return make(layer, flow)
    known = ", ".join(sorted({kind.__name__ for kind in _MAKERS}))
    raise StreamingError(
        f"layer {name}: a {type(layer).__name__} can't be streamed; these can: {known}"
    )


def _activation(layer: keras.layers.Layer) -> Callable[[Tensor], Tensor]:
    name = layer.activation.__name__
    if name not in _ACTIVATIONS:
        known = ", ".join(_ACTIVATIONS)
        raise StreamingError(f"layer {layer.name}: activation {name!r} is not one of {known}")
    return _ACTIVATIONS[name]


def _pointwise(apply: Callable[[Tensor], Tensor]) -> Stage:
    return Stage(lambda x, _past, _position: (apply(x), None))


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
    return _pointwise(_activation(layer)), flow


def _relu(layer: keras.layers.Layer, flow: Flow) -> tuple[Stage, Flow]:
    if layer.negative_slope or layer.threshold or layer.max_value not in (None, 6):
        raise StreamingError(f"layer {layer.name}: only plain ReLU and ReLU6 can be streamed")
    return _pointwise(tf.nn.relu if layer.max_value is None else tf.nn.relu6), flow


def _batch_normalisation(layer: keras.layers.Layer, flow: Flow) -> tuple[Stage, Flow]:
    values = dict(zip((v.name for v in layer.variables), layer.get_weights(), strict=True))
    scale = values.get("gamma", 1.0) / np.sqrt(values["moving_variance"] + layer.epsilon)
    shift = values.get("beta", 0.0) - values["moving_mean"] * scale
    return _pointwise(lambda x: x * scale.astype(np.float32) + shift.astype(np.float32)), flow


def _layer_normalisation(layer: keras.layers.Layer, flow: Flow) -> tuple[Stage, Flow]:
    values = dict(zip((v.name for v in layer.variables), layer.get_weights(), strict=True))

    def normalise(x: Tensor) -> Tensor:
        centred = x - tf.reduce_mean(x, axis=1, keepdims=True)
        variance = tf.reduce_mean(centred * centred, axis=1, keepdims=True)
        scaled = centred * tf.math.rsqrt(variance + layer.epsilon)
        return scaled * values.get("gamma", np.float32(1)) + values.get("beta", np.float32(0))

    return _pointwise(normalise), flow


def _dense(layer: keras.layers.Layer, flow: Flow) -> tuple[Stage, Flow]:
    kernel, bias = _kernel_and_bias(layer, layer.units)
    act = _activation(layer)
    stage = _pointwise(lambda x: act(tf.matmul(x, kernel) + bias))
    return stage, replace(flow, channels=layer.units)


def _kernel_and_bias(layer: keras.layers.Layer, outputs: int) -> tuple[Array, Array]:
    kernel, *rest = layer.get_weights()
    return kernel, rest[0] if rest else np.zeros(outputs, np.float32)


def _mask(position: Tensor, flow: Flow) -> Tensor:
    """[frames, 1]: 1 where the stream has reached what the whole-clip network knows, else 0."""
    here = position / float(flow.stride) + np.arange(flow.frames, dtype=np.float32)[:, np.newaxis]
    return tf.cast(here >= float(flow.lead), tf.float32)


def _convolution(layer: keras.layers.Layer, flow: Flow) -> tuple[Stage, Flow]:
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
    if flow.frames % stride:
        raise StreamingError(
            f"layer {layer.name}: {flow.frames} frames a call can't be taken in strides of "
            f"{stride}; frames_per_call must be a multiple of all strides together"
        )
    padding = flow.padding + (span - 1 if layer.padding == "causal" else 0)
    past = max(0, span - stride, padding - flow.lead)
    past += -(past + flow.lead - padding) % stride
    convolve, outputs = _products(layer)
    must_mask = bool(padding and flow.lead)

    def run(x: Tensor, before: Tensor, position: Tensor) -> tuple[Tensor, Tensor]:
        if must_mask:
            x = x * _mask(position, flow)
        sound = tf.concat([before[0], x], 0) if past else x
        # Past what the last output needs lies nothing that this call may use.
        needed = flow.frames - stride + span
        out = convolve(sound[tf.newaxis, :needed])[0]
        return out, sound[tf.newaxis, flow.frames :] if past else None

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


def _products(layer: keras.layers.Layer) -> tuple[Callable[[Tensor], Tensor], int]:
    """The convolution itself, bias and activation with it, and its number of channels."""
    stride, dilation, act = layer.strides[0], layer.dilation_rate[0], _activation(layer)
    weights = layer.get_weights()
    if isinstance(layer, keras.layers.Conv1D):
        kernel, bias = _kernel_and_bias(layer, layer.filters)
        return (
            lambda x: act(tf.nn.conv1d(x, kernel, stride, "VALID", dilations=dilation) + bias),
            layer.filters,
        )
    outputs = weights[0].shape[1] * layer.depth_multiplier
    points = None
    if isinstance(layer, keras.layers.SeparableConv1D):
        points, outputs = weights[1], layer.filters
    bias = weights[-1] if layer.use_bias else np.zeros(outputs, np.float32)
    rows = weights[0][np.newaxis]

    def separable(x: Tensor) -> Tensor:
        strides, dilations = [1, stride, stride, 1], [dilation, dilation]
        y = tf.nn.depthwise_conv2d(x[:, tf.newaxis], rows, strides, "VALID", dilations=dilations)
        y = y[:, 0]
        return act((y if points is None else tf.nn.conv1d(y, points, 1, "VALID")) + bias)

    return separable, outputs


def _gru(layer: keras.layers.Layer, flow: Flow) -> tuple[Stage, Flow]:
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
        valid = _mask(position, flow) if waits else None
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
    act = _activation(layer)
    gate_name = layer.recurrent_activation.__name__
    if gate_name not in _ACTIVATIONS:
        raise StreamingError(f"layer {layer.name}: recurrent activation {gate_name!r} is not known")
    gate = _ACTIVATIONS[gate_name]

    def reset_after(product: Tensor, hidden: Tensor) -> Tensor:
        back = tf.matmul(hidden, recurrent) + bias
        gates = gate(product[:, : 2 * units] + back[:, : 2 * units])
        update, reset = gates[:, :units], gates[:, units:]
        candidate = act(product[:, 2 * units :] + reset * back[:, 2 * units :])
        return candidate + update * (hidden - candidate)

    def reset_before(product: Tensor, hidden: Tensor) -> Tensor:
        gates = gate(product[:, : 2 * units] + tf.matmul(hidden, recurrent[:, : 2 * units]))
        update, reset = gates[:, :units], gates[:, units:]
        back = tf.matmul(reset * hidden, recurrent[:, 2 * units :])
        candidate = act(product[:, 2 * units :] + back)
        return candidate + update * (hidden - candidate)

    return reset_after if layer.reset_after else reset_before


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
    _L.Conv1D: _convolution,
    _L.DepthwiseConv1D: _convolution,
    _L.SeparableConv1D: _convolution,
    _L.GRU: _gru,
}
