"""The digit networks by name: those of the older systems, and the one that we ship.

All end in logits: the older ones' softmax is the loss's now, which changes no weight.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .causal import Layers, convolutions, recurrent
from .keras_import import keras
from .trigger import TriggerSize, UnknownNetworkError

DIGITS = tuple("0123456789")
RAW_RATE_HZ, RAW_SAMPLES = 22_050, 17_640
"""0.8 s, which the raw networks hear one sample at a time."""
MASKED = -10.0
"""What fills up a raw clip that is shorter: no sample is ever that low."""
BANDS, FRAMES = 64, 35


@dataclass(frozen=True)
class DigitSize(TriggerSize):
    """What decides the shape of `digits-default`: the trigger's, and a row of tokens each step."""

    tokens: int = len(DIGITS) + 2
    """The digits, any other word, and the blank that CTC puts between tokens."""


def digits_lstm_raw() -> keras.Model:
    """Samples one by one, [17640, 1]; those that are `MASKED` are not listened to."""
    return _raw(25, 50, "digits-lstm-raw")


def digits_lstm_raw_augmented() -> keras.Model:
    """The larger one, for the nine-fold set."""
    return _raw(50, 128, "digits-lstm-raw-augmented")


def _raw(units: int, hidden: int, name: str) -> keras.Model:
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((RAW_SAMPLES, 1)),
            layers.Masking(MASKED),
            layers.LSTM(units, name="lstm"),
            layers.Dense(hidden, activation="relu", name="hidden"),
            layers.Dense(len(DIGITS), name="digit"),
        ],
        name=name,
    )


def digits_lstm_mel() -> keras.Model:
    """Log-mel [64 bands, 35 frames], read from low bands to high; the mean over units is kept."""
    layers = keras.layers
    inputs = layers.Input((BANDS, FRAMES))
    units = layers.LSTM(256, return_sequences=True, name="lstm")(inputs)
    # One number for each band: a pooling over time, once the units are what it takes for time.
    mean = layers.GlobalAveragePooling1D(name="mean")(layers.Permute((2, 1))(units))
    hidden = layers.Dense(256, activation="relu", name="hidden1")(mean)
    hidden = layers.Dense(128, activation="relu", name="hidden2")(hidden)
    outputs = layers.Dense(len(DIGITS), name="digit")(hidden)
    return keras.Model(inputs, outputs, name="digits-lstm-mel")


def digits_default(size: DigitSize | None = None) -> keras.Model:
    """[frames, bands] in, logits [frames // 3, tokens] out, for CTC; no step waits for later sound.

    All but the last layer are the trigger's, so that its backbone's weights fit.
    """
    s, layers = size or DigitSize(), keras.layers
    blocks: Layers = []
    for number in range(1, s.recurrent_layers + 1):
        blocks += [recurrent(number, s.units), layers.Dropout(s.dropout)]
    return keras.Sequential(
        [
            *convolutions(s),
            layers.Dropout(s.dropout),
            *blocks,
            layers.Dense(s.tokens, name="tokens"),
        ],
        name="digits-default",
    )


def lower_part(model: keras.Model) -> keras.Model:
    """What of `digits-default` the backbone gives it: up to the first GRU, [steps, units]."""
    return keras.Model(model.inputs[0], model.get_layer("gru1").output, name="digits-lower")


def upper_part(size: DigitSize | None = None) -> keras.Model:
    """The rest of it: from the lower part's output to logits. Its layers have the same names."""
    s, layers = size or DigitSize(), keras.layers
    return keras.Sequential(
        [
            layers.Input((None, s.units)),
            layers.Dropout(s.dropout),
            recurrent(2, s.units),
            layers.Dropout(s.dropout),
            layers.Dense(s.tokens, name="tokens"),
        ],
        name="digits-upper",
    )


NETWORKS: dict[str, Callable[[], keras.Model]] = {
    "digits-lstm-raw": digits_lstm_raw,
    "digits-lstm-raw-augmented": digits_lstm_raw_augmented,
    "digits-lstm-mel": digits_lstm_mel,
    "digits-default": digits_default,
}


def build(name: str) -> keras.Model:
    """A fresh network by its name; raises `UnknownNetworkError` that lists the names."""
    if name not in NETWORKS:
        raise UnknownNetworkError(f"network {name!r}: there are {', '.join(NETWORKS)}")
    return NETWORKS[name]()
