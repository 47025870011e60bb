"""From a network that hears a clip of any length to one LiteRT call for clips of one length."""

from __future__ import annotations

from typing import Any, Literal, get_args

from .keras_import import keras
from .streaming_flow import StreamingError
from .tensorflow_import import tensorflow as tf

Weights = Literal["float32", "int8"]


def convert_clip(model: keras.Model, frames: int, weights: Weights = "int8") -> bytes:
    """`frames` [1, frames, bands] in, `scores` [1, labels] out; a network that gives one of each.

    Raises `StreamingError` for one that gives something else. `weights` "int8" keeps weights in
    8 bits, a scale for each output.
    """
    if weights not in get_args(Weights):
        raise StreamingError(f"network {model.name}: weights {weights!r}: float32 or int8")
    given = tuple(model.output_shape)
    if len(given) != 2:
        raise StreamingError(
            f"network {model.name}: gives {list(given)}, and a clip's has one score a label"
        )
    # As numbers in the graph: what is a variable there would be read by the call that runs.
    trained = [tf.constant(v.numpy()) for v in model.trainable_variables]
    kept = [tf.constant(v.numpy()) for v in model.non_trainable_variables]

    def run(heard: Any) -> dict[str, Any]:
        scores, _ = model.stateless_call(trained, kept, heard, training=False)
        return {"scores": scores}

    return _to_tflite(run, [1, frames, int(model.input_shape[-1])], weights)


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
