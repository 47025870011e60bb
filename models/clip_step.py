"""From a network that hears a clip of any length to one LiteRT call for clips of one length.

The layers that the trigger has too are those that `streaming` builds, all frames in one call: what
Keras makes of a GRU would be a loop, and twice as slow. Behind them stands the look at all steps.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from .keras_import import keras
from .streaming import chain_stages
from .streaming_flow import Flow, StreamingError
from .tensorflow_import import tensorflow as tf

Weights = Literal["float32", "int8"]


def convert_clip(model: keras.Model, frames: int, weights: Weights = "int8") -> bytes:
    """A network of `commands_default`'s make: `frames` [1, frames, bands] in, `scores` out.

    Raises `StreamingError` where its layers are others. `weights` "int8" keeps weights in 8 bits,
    a scale for each output.
    """
    if weights not in get_args(Weights):
        raise StreamingError(f"network {model.name}: weights {weights!r}: float32 or int8")
    bands = int(model.input_shape[-1])
    attend, labels = (_dense(model, name) for name in ("attend", "labels"))
    body = keras.Model(model.inputs[0], attend.input)
    stages, _ = chain_stages(body, Flow(frames=frames, channels=bands))
    look, give = attend.get_weights(), labels.get_weights()

    def run(heard: Any) -> dict[str, Any]:
        x = tf.reshape(heard, [frames, bands])
        for stage in stages:
            fresh = tf.zeros(stage.state_shape) if stage.state_shape else None
            x, _ = stage.run(x, fresh, None)
        looked = tf.nn.softmax(tf.matmul(x, look[0]) + look[1], axis=0)
        attended = tf.reduce_sum(looked * x, axis=0, keepdims=True)
        pooled = tf.concat([attended, tf.reduce_max(x, axis=0, keepdims=True)], axis=1)
        return {"scores": tf.matmul(pooled, give[0]) + give[1]}

    return _to_tflite(run, [1, frames, bands], weights)


def _dense(model: keras.Model, name: str) -> Any:
    found = [layer for layer in model.layers if layer.name == name]
    if not found:
        raise StreamingError(
            f"network {model.name}: has no layer {name!r}; only what is made as commands-default "
            "is can become one call"
        )
    return found[0]


def _to_tflite(run: Any, shape: list[int], weights: Weights) -> bytes:
    module = tf.Module()
    module.run = tf.function(run, input_signature=[tf.TensorSpec(shape, tf.float32, "frames")])
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [module.run.get_concrete_function()], module
    )
    if weights == "int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    content: bytes = converter.convert()
    return content
