"""The speech recognizers by name: six older networks, and the streaming one that we ship.

Each takes [batch, frames, bands] and gives [batch, steps, 29] logits: space, apostrophe, a to z and
CTC's blank, as `letters` numbers them. The older ones ended in a softmax; the loss takes it now,
which changes no weight.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .causal import ConvolutionSize, Layers, convolutions, recurrent
from .errors import UsageError
from .keras_import import keras
from .letters import OUTPUTS

SPECTROGRAM_BANDS, MFCC_BANDS = 161, 13
_UNITS, _KERNEL, _STRIDE = 200, 11, 2


class UnknownRecognizerError(UsageError):
    """No recognizer has this name."""


@dataclass(frozen=True)
class AsrSize(ConvolutionSize):
    """What decides the shape of `asr-default`: 10 ms frames in, 29 logits each 30 ms.

    The first four layers are those of `trigger-default`, so that the shipped backbone fits them.
    """

    backbone_units: int = 128
    units: int = 256
    upper_layers: int = 2
    dropout: float = 0.1


def asr_rnn(bands: int = SPECTROGRAM_BANDS) -> keras.Model:
    """One GRU whose units are the symbols."""
    return _model("asr-rnn", bands, [_gru(OUTPUTS)], ends=False)


def asr_rnn_dense(bands: int = SPECTROGRAM_BANDS) -> keras.Model:
    """A GRU, and a layer from its units to the symbols."""
    return _model("asr-rnn-dense", bands, [_gru(_UNITS), _norm()])


def asr_cnn_rnn(bands: int = SPECTROGRAM_BANDS) -> keras.Model:
    """A convolution over 11 frames that halves their number, then a plain recurrent layer."""
    recurrent = keras.layers.SimpleRNN(_UNITS, activation="relu", return_sequences=True)
    return _model("asr-cnn-rnn", bands, [_convolution(), _norm(), recurrent, _norm()])


def asr_deep_rnn(bands: int = SPECTROGRAM_BANDS) -> keras.Model:
    """Two GRUs."""
    return _model("asr-deep-rnn", bands, [_gru(_UNITS), _norm(), _gru(_UNITS), _norm()])


def asr_bidirectional(bands: int = SPECTROGRAM_BANDS) -> keras.Model:
    """A GRU in either direction."""
    return _model("asr-bidirectional", bands, [_both_ways()])


def asr_final(bands: int = MFCC_BANDS) -> keras.Model:
    """A convolution, then two GRUs in both directions: the best of the six."""
    blocks = [_convolution(), _norm(), _both_ways(), _norm(), _both_ways(), _norm()]
    return _model("asr-final", bands, blocks)


def _gru(units: int) -> keras.layers.Layer:
    return keras.layers.GRU(units, return_sequences=True, reset_after=False)


def _both_ways() -> keras.layers.Layer:
    return keras.layers.Bidirectional(_gru(_UNITS))


def _convolution() -> keras.layers.Layer:
    return keras.layers.Conv1D(_UNITS, _KERNEL, strides=_STRIDE, activation="relu")


def _norm() -> keras.layers.Layer:
    return keras.layers.BatchNormalization()


def _model(name: str, bands: int, blocks: Layers, ends: bool = True) -> keras.Model:
    last: Layers = [keras.layers.Dense(OUTPUTS, name="symbols")] if ends else []
    return keras.Sequential([keras.layers.Input((None, bands)), *blocks, *last], name=name)


def asr_default(size: AsrSize | None = None) -> keras.Model:
    """Convolutions padded in front alone and GRUs: no step waits for later sound.

    What the backbone gives is normalised, and what comes after it: it is fitted in far less time.
    """
    s, layers = size or AsrSize(), keras.layers
    units = [s.backbone_units] * 2 + [s.units] * s.upper_layers
    blocks: Layers = []
    for number, width in enumerate(units, 1):
        blocks += [
            recurrent(number, width),
            *([] if number == 1 else [layers.LayerNormalization(name=f"norm{number + 1}")]),
            layers.Dropout(s.dropout),
        ]
    return keras.Sequential(
        [
            *convolutions(s),
            *blocks,
            layers.Dense(OUTPUTS, name="symbols"),
        ],
        name="asr-default",
    )


def steps_of(name: str, frames: int) -> int:
    """How many steps a network gives for so many frames."""
    if name in ("asr-cnn-rnn", "asr-final"):
        return max(0, (frames - _KERNEL) // _STRIDE + 1)
    return frames // AsrSize().stride if name == "asr-default" else frames


OLDER: dict[str, Callable[..., keras.Model]] = {
    "asr-rnn": asr_rnn,
    "asr-rnn-dense": asr_rnn_dense,
    "asr-cnn-rnn": asr_cnn_rnn,
    "asr-deep-rnn": asr_deep_rnn,
    "asr-bidirectional": asr_bidirectional,
    "asr-final": asr_final,
}
NETWORKS: dict[str, Callable[..., keras.Model]] = {**OLDER, "asr-default": asr_default}


def build(name: str, bands: int | None = None) -> keras.Model:
    """A fresh network by its name; raises `UnknownRecognizerError` that lists the names.

    An older one may be asked for with other bands than it had.
    """
    if name not in NETWORKS:
        raise UnknownRecognizerError(f"recognizer {name!r}: there are {', '.join(NETWORKS)}")
    return NETWORKS[name](bands) if bands and name in OLDER else NETWORKS[name]()
