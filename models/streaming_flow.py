"""What flows between the layers of a streamed network, and what one layer of it is.

Stream position ``i`` of a tensor is position ``i - lead`` of the same tensor in the whole-clip
network; the first `lead` positions exist in the stream alone and hold nothing that counts. A
convolution without padding makes them: it can't answer before it has heard its kernel's length. A
recurrent layer must not learn from them, so its state waits until they are over.

Everything is built of operations that XNNPACK takes over, so that the whole step is one call into
it: each operation left outside would cut the step in two and cost more than it computes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import WakefulError
from .keras_import import keras
from .tensorflow_import import tensorflow as tf

Array = npt.NDArray[np.float32]
Tensor = Any
Norm = tuple[Array, Array] | None
"""A scale and a shift for each channel."""


class StreamingError(WakefulError):
    """The network can't be run frame by frame."""


@dataclass(frozen=True)
class Flow:
    """What is known of the tensor between two layers, for one call of the step.

    `stride` is how many frames of sound one position stands for; `padding` zeros in front of it are
    still to be taken by a convolution; `counts` says that a layer has asked for the position.
    """

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


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda x: x,
    "relu": tf.nn.relu,
    "relu6": tf.nn.relu6,
    "sigmoid": tf.sigmoid,
    "tanh": tf.tanh,
    "silu": tf.nn.silu,
    "hard_sigmoid": lambda x: tf.nn.relu6(x + 3.0) / 6.0,
}


def activation_of(layer: keras.layers.Layer) -> Callable[[Tensor], Tensor]:
    """Its TensorFlow form, whatever Keras runs on; raises `StreamingError` for another one."""
    name = layer.activation.__name__
    if name not in ACTIVATIONS:
        known = ", ".join(ACTIVATIONS)
        raise StreamingError(f"layer {layer.name}: activation {name!r} is not one of {known}")
    return ACTIVATIONS[name]


def pointwise(apply: Callable[[Tensor], Tensor]) -> Stage:
    """A stage that looks at one frame at a time and remembers nothing."""
    return Stage(lambda x, _past, _position: (apply(x), None))


def mask(position: Tensor, flow: Flow) -> Tensor:
    """[frames, 1]: 1 where the stream has reached what the whole-clip network knows, else 0."""
    # Whole numbers all: no comparison and no cast, which would leave the fast path.
    first = flow.stride * (np.arange(flow.frames, dtype=np.float32)[:, np.newaxis] - flow.lead)
    return tf.minimum(tf.maximum(position + (first + 1.0), 0.0), 1.0)
