"""From a Keras network for whole clips to one LiteRT step for a stream that never ends.

A chain of layers becomes one function of the next `frames_per_call` frames and the named state of
each layer that reaches back in time; it returns the probabilities and the same state, advanced.
What each kind of layer becomes stands in `streaming_layers`, what holds for all of them in
`streaming_flow`. The streamed outputs, less the first `warmup_steps`, are the whole-clip network's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from .keras_import import keras
from .streaming_conv import folded
from .streaming_flow import Flow, Stage, StreamingError
from .streaming_layers import stage_of
from .tensorflow_import import tensorflow as tf

Weights = Literal["float32", "int8"]


@dataclass(frozen=True)
class StreamingStep:
    """The exported step: `frames` and `states` in, its output and the same `states` out.

    `frames` is [1, frames_per_call, bands]; the output is `probability` [1, frames_per_call //
    stride], or `tokens` [1, frames_per_call // stride, values]; a fresh state is all zeros.
    """

    tflite: bytes
    frames_per_call: int
    stride: int
    warmup_steps: int
    states: dict[str, tuple[int, ...]]
    weights: Weights


def convert(
    model: keras.Model, frames_per_call: int, weights: Weights = "float32", values: int = 1
) -> StreamingStep:
    """One LiteRT step of a network that gives `values` numbers a step: a trigger's one sigmoid.

    `weights` "int8" keeps weights in 8 bits, a scale for each output; state, inputs and outputs
    stay float. Raises `StreamingError` for a layer that can't be streamed and for a call length
    that the strides don't divide.
    """
    if weights not in get_args(Weights):
        raise StreamingError(
            f"network {model.name}: weights {weights!r}: there are {', '.join(get_args(Weights))}"
        )
    bands = _bands(model)
    _refuse_calls_that_do_not_fit(model, frames_per_call)
    stages, flow = _chain_stages(model, Flow(frames=frames_per_call, channels=bands))
    if flow.channels != values:
        wanted = "a trigger gives one" if values == 1 else f"{values} were asked for"
        raise StreamingError(f"network {model.name}: gives {flow.channels} values a step, {wanted}")
    states = dict(_states(stages, flow))
    step = _concrete_step(stages, flow, states, frames_per_call, bands)
    return StreamingStep(
        tflite=_to_tflite(*step, weights),
        frames_per_call=frames_per_call,
        stride=flow.stride,
        warmup_steps=flow.lead,
        states=states,
        weights=weights,
    )


def chain(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """The layers in order; raises `StreamingError` where the network branches."""
    for layer in model.layers:
        if isinstance(layer, keras.Sequential):
            yield from chain(layer)
            continue
        nodes = layer._inbound_nodes if not isinstance(model, keras.Sequential) else []
        if len(nodes) > 1 or any(len(node.parent_nodes) > 1 for node in nodes):
            raise StreamingError(
                f"layer {layer.name}: the network branches here; only a chain can be streamed"
            )
        yield layer


def _bands(model: keras.Model) -> int:
    """How wide a frame is; raises `StreamingError` unless frames × bands go in and one row out."""
    if not model.built or not getattr(model, "inputs", None):
        raise StreamingError(
            f"network {model.name}: its input isn't known; make it of layers that begin with "
            "Input((None, bands))"
        )
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise StreamingError(
            f"network {model.name}: has {len(model.inputs)} inputs and {len(model.outputs)} "
            "outputs; one of each can be streamed"
        )
    shape = model.input_shape
    if len(shape) != 3 or shape[-1] is None:
        raise StreamingError(f"network {model.name}: takes {shape}, not (clips, frames, bands)")
    return int(shape[-1])


def _refuse_calls_that_do_not_fit(model: keras.Model, frames_per_call: int) -> None:
    total = math.prod(layer.strides[0] for layer in chain(model) if hasattr(layer, "strides"))
    if frames_per_call < 1 or frames_per_call % total:
        raise StreamingError(
            f"network {model.name}: {frames_per_call} frames a call; its strides together need "
            f"a multiple of {total}"
        )


def _chain_stages(model: keras.Model, flow: Flow) -> tuple[list[Stage], Flow]:
    """What each layer of a chain becomes, and what flows out of the last of them."""
    stages: list[Stage] = []
    layers = list(chain(model))
    skip = False
    for layer, after in zip(layers, [*layers[1:], None], strict=True):
        norm = None if skip else folded(layer, after)
        stage, flow = (None, flow) if skip else stage_of(layer, flow, norm)
        skip = norm is not None
        if stage is not None:
            stages.append(stage)
    if flow.padding:
        raise StreamingError(f"network {model.name}: ends in padding that no convolution uses")
    return stages, flow


def _states(stages: list[Stage], flow: Flow) -> Iterator[tuple[str, tuple[int, ...]]]:
    for stage in stages:
        if stage.state_shape:
            yield stage.state_name, stage.state_shape
    if flow.counts:
        yield "position", (1, 1)


def _concrete_step(
    stages: list[Stage],
    flow: Flow,
    states: dict[str, tuple[int, ...]],
    frames_per_call: int,
    bands: int,
) -> tuple[Any, tf.Module]:
    """The step traced once, its inputs under their names, and the module that owns it."""

    def run(frames: tf.Tensor, **past: tf.Tensor) -> dict[str, tf.Tensor]:
        x, after = tf.reshape(frames, [frames_per_call, bands]), {}
        position = past.get("position")
        for stage in stages:
            x, new = stage.run(x, past.get(stage.state_name), position)
            if new is not None:
                after[stage.state_name] = new
        if position is not None:
            # Long past every warm-up the count stands still: floats must not run out of digits.
            after["position"] = tf.minimum(position + float(frames_per_call), 1e6)
        if flow.channels == 1:
            return {"probability": tf.reshape(x, [1, -1]), **after}
        return {"tokens": tf.reshape(x, [1, -1, flow.channels]), **after}

    module = tf.Module()
    module.step = tf.function(run)
    signature = {name: tf.TensorSpec(shape, name=name) for name, shape in states.items()}
    frames = tf.TensorSpec([1, frames_per_call, bands], name="frames")
    return module.step.get_concrete_function(frames, **signature), module


def _to_tflite(step: Any, module: tf.Module, weights: Weights) -> bytes:
    converter = tf.lite.TFLiteConverter.from_concrete_functions([step], module)
    if weights == "int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    content: bytes = converter.convert()
    return content
