"""An ear for what has been recorded already: it looks both ways, and knows what comes after.

Residual convolutions on frames and bands as a picture, then along time alone. Unlike the layers of
`causal` it can't be streamed: it hears a clip at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .keras_import import keras

STRIDE = 2
"""Frames a step."""


@dataclass(frozen=True)
class EarSize:
    """What decides its shape: 10 ms frames of `bands` in, `width` numbers each `STRIDE` of them."""

    bands: int = 40
    channels: tuple[int, ...] = (16, 24, 32, 48)
    """Of each scale of the picture, from fine to coarse: each has half as many bands."""
    blocks: int = 2
    """Of two convolutions, at each scale."""
    width: int = 128
    rows: int = 3
    """Of two convolutions along time."""
    reach: int = 7
    """Steps that each of those sees."""


def ear(size: EarSize | None = None) -> tuple[Any, Any]:
    """What it is given [batch, frames, bands], and what it makes of it [batch, steps, width]."""
    s, layers = size or EarSize(), keras.layers
    heard = layers.Input((None, s.bands))
    x = layers.Reshape((-1, s.bands, 1))(heard)
    x = _normalised(layers.Conv2D(s.channels[0], 3, STRIDE, **_named("ear-first"))(x))
    for scale, channels in enumerate(s.channels):
        for block in range(s.blocks):
            x = _block(x, channels, 1 if block else 2, f"ear-{scale}-{block}")
    x = layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)
    x = _normalised(layers.Dense(s.width, use_bias=False, name="ear-joined")(x))
    for row in range(s.rows):
        x = _row(x, s, f"ear-row-{row}")
    return heard, x


def taught(width: int, size: EarSize | None = None) -> keras.Model:
    """With an end that a teacher can be told about: [batch, steps, `width`], linear in its own."""
    heard, steps = ear(size)
    return keras.Model(heard, keras.layers.Dense(width, name="embedding")(steps), name="taught-ear")


def _named(name: str) -> dict[str, Any]:
    """What all of the convolutions have in common."""
    return {"padding": "same", "use_bias": False, "name": name}


def _normalised(x: Any, relu: bool = True) -> Any:
    """Under the name of the layer that it stands behind."""
    layers = keras.layers
    name = x._keras_history.operation.name
    x = layers.BatchNormalization(name=f"{name}-norm")(x)
    return layers.ReLU()(x) if relu else x


def _block(x: Any, channels: int, every: int, name: str) -> Any:
    """Two 3×3 convolutions beside the way past them, on `every` second band or on each."""
    layers, strides = keras.layers, (1, every)
    past = x
    if x.shape[-1] != channels or every > 1:
        past = layers.Conv2D(channels, 1, strides, **_named(f"{name}-past"))(x)
        past = _normalised(past, relu=False)
    y = _normalised(layers.Conv2D(channels, 3, strides, **_named(f"{name}-one"))(x))
    y = _normalised(layers.Conv2D(channels, 3, **_named(f"{name}-two"))(y), relu=False)
    return layers.ReLU()(layers.Add()([past, y]))


def _row(x: Any, s: EarSize, name: str) -> Any:
    """Two convolutions along time beside the way past them, each band of its own, then joined."""
    layers, y = keras.layers, x
    for number in ("one", "two"):
        y = layers.SeparableConv1D(s.width, s.reach, **_named(f"{name}-{number}"))(y)
        y = _normalised(y, relu=number == "one")
    return layers.ReLU()(layers.Add()([x, y]))
