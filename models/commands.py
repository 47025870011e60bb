"""The command networks by name: five older ones, and the one that we ship.

Each takes one second of sound at 16 kHz, as features or raw, and gives a score (a logit) for each
of its labels. Layers and counts are those that the older systems are known by.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .ear import EarSize, ear
from .errors import UsageError
from .keras_import import keras

Shape = tuple[int, ...]

LABELS = 12


class UnknownCommandNetworkError(UsageError):
    """No command network has this name."""


def commands_dense(shape: Shape = (98, 98, 1), labels: int = LABELS) -> keras.Model:
    """Three dense layers on the flattened picture."""
    layers = keras.layers
    return _chain("commands-dense", shape, [layers.Flatten(), *_dense((512, 512, 512))], labels)


def commands_cnn(shape: Shape = (98, 98, 1), labels: int = LABELS) -> keras.Model:
    """Four convolutions, three of them pooled, and the three dense layers behind them."""
    layers = keras.layers
    blocks: list[Any] = []
    for filters, kernel, pooled in ((8, 4, True), (16, 4, True), (32, 3, True), (512, 3, False)):
        blocks.append(layers.Conv2D(filters, kernel, activation="relu"))
        if pooled:
            blocks.append(layers.MaxPooling2D(2))
    return _chain(
        "commands-cnn", shape, [*blocks, layers.Flatten(), *_dense((512, 512, 512))], labels
    )


def commands_vgg(shape: Shape = (98, 98, 1), labels: int = LABELS) -> keras.Model:
    """Blocks of two, three and three small convolutions, each twice as wide as the one before."""
    layers = keras.layers
    blocks: list[Any] = []
    for filters, convolutions in ((64, 2), (128, 3), (256, 3)):
        blocks += [layers.Conv2D(filters, 3, activation="relu") for _ in range(convolutions)]
        blocks.append(layers.MaxPooling2D(2))
    return _chain("commands-vgg", shape, [*blocks, layers.Flatten(), *_dense((512,))], labels)


def commands_light_cnn(shape: Shape = (99, 81, 1), labels: int = LABELS) -> keras.Model:
    """Five small convolutions and two normalised dense layers, on a spectrogram at 8 kHz."""
    layers = keras.layers
    blocks: list[Any] = [layers.BatchNormalization()]
    for filters, kernel, convolutions in ((8, 2, 2), (16, 3, 2), (32, 3, 1)):
        blocks += [layers.Conv2D(filters, kernel, activation="relu") for _ in range(convolutions)]
        blocks += [layers.MaxPooling2D(2), layers.Dropout(0.2)]
    blocks.append(layers.Flatten())
    for _ in range(2):
        blocks += [layers.Dense(128, activation="relu"), layers.BatchNormalization()]
    return _chain("commands-light-cnn", shape, blocks, labels)


def commands_wavception(shape: Shape = (16_000, 1), labels: int = LABELS) -> keras.Model:
    """Inception on the raw wave: at each of seven scales, looks of several lengths side by side."""
    layers = keras.layers
    inputs = layers.Input(shape)
    x = layers.BatchNormalization()(inputs)
    for filters, pool in ((8, 8), (16, 4), (24, 4), (32, 4), (48, 4), (64, 2), (96, 2)):
        x = layers.MaxPooling1D(pool, padding="same")(_inception(x, filters))
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling1D()(x))
    return keras.Model(inputs, layers.Dense(labels)(x), name="commands-wavception")


def commands_default(labels: int = LABELS, size: EarSize | None = None) -> keras.Model:
    """The ear that whisper taught, under one look at all of its steps.

    What is pooled is where it looks (`attend`) and the most that each unit ever said.
    """
    layers = keras.layers
    heard, steps = ear(size)
    looked = layers.Softmax(axis=1)(layers.Dense(1, name="attend")(steps))
    attended = layers.Flatten()(layers.Dot(axes=1)([looked, steps]))
    pooled = layers.Concatenate()([attended, layers.GlobalMaxPooling1D()(steps)])
    scores = layers.Dense(labels, name="labels")(layers.Dropout(0.3)(pooled))
    return keras.Model(heard, scores, name="commands-default")


NETWORKS: dict[str, Callable[..., keras.Model]] = {
    "commands-dense": commands_dense,
    "commands-cnn": commands_cnn,
    "commands-vgg": commands_vgg,
    "commands-light-cnn": commands_light_cnn,
    "commands-wavception": commands_wavception,
}
"""The older ones; each takes the shape of its features and the number of labels."""


def build(name: str, shape: Shape | None = None, labels: int = LABELS) -> keras.Model:
    """A fresh network; raises `UnknownCommandNetworkError` that lists the names.

    Without a shape it takes what it is known to take.
    """
    if name == "commands-default":
        return commands_default(labels)
    if name not in NETWORKS:
        names = ", ".join((*NETWORKS, "commands-default"))
        raise UnknownCommandNetworkError(f"network {name!r}: there are {names}")
    return NETWORKS[name](shape, labels=labels) if shape else NETWORKS[name](labels=labels)


def _inception(x: Any, filters: int) -> Any:
    """Looks 1, 3, 9 and 27 samples long, and what is loudest nearby: 5 × `filters` channels."""
    layers = keras.layers
    looks = [layers.Conv1D(filters, 1, use_bias=False)(x)]
    for length in (3, 9, 27):
        narrow = layers.Conv1D(filters, 1, activation="relu")(x)
        looks.append(layers.Conv1D(filters, length, padding="same", use_bias=False)(narrow))
    loudest = layers.MaxPooling1D(3, strides=1, padding="same")(x)
    looks.append(layers.Conv1D(filters, 1, use_bias=False)(loudest))
    return layers.Activation("relu")(layers.BatchNormalization()(layers.Concatenate()(looks)))


def _dense(widths: tuple[int, ...]) -> list[Any]:
    return [keras.layers.Dense(width, activation="relu") for width in widths]


def _chain(name: str, shape: Shape, blocks: list[Any], labels: int) -> keras.Model:
    layers = [keras.layers.Input(shape), *blocks, keras.layers.Dense(labels)]
    return keras.Sequential(layers, name=name)
