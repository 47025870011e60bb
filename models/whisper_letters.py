"""Letters from what whisper's encoder hears: two small convolutions instead of its decoder.

The encoder was trained on so much speech that the letters lie open in what it gives, each 20 ms; a
small network reads them, for `ctc` and for a grammar. That takes a tenth of the time of writing a
text token by token, and says of every letter how sure it is. Numpy, and faster-whisper's encoder.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .bundle import PRETRAINED
from .ctc import LogProbabilities, greedy, log_softmax
from .errors import WakefulError
from .letters import OUTPUTS
from .whisper import encoded, find_weights, load_whisper
from .whole_file import whole

Array = npt.NDArray[np.float32]

SHIPPED = PRETRAINED / "whisper-letters.npz"
FORMAT = 1
STEP_SAMPLES = 640
"""Two of the encoder's steps to one row of symbols: nobody says more than 25 letters a second."""

_TAKEN_OFF = np.float32(0.4)
_ABOUT, _USUAL = "about.json", "usual"
_AROUND_STEPS, _ENCODER_SAMPLES = 25, 320
"""Half a second of silence is put before and behind the sound."""


class LetterHeadError(WakefulError):
    """The file holds no network for letters, or one for another encoder."""


@dataclass(frozen=True)
class Convolution:
    """`kernel` [taps, in, out], the taps `dilation` steps apart, as many before as after.

    With a `stride` there is an output for each so many steps, the first for the first.
    """

    kernel: Array
    bias: Array
    dilation: int = 1
    stride: int = 1

    def __call__(self, x: Array) -> Array:
        """[steps, in] to [steps, out]; beyond the ends are zeros."""
        taps, reach = len(self.kernel), (len(self.kernel) - 1) * self.dilation // 2
        padded = np.pad(x, ((reach, reach), (0, 0)))
        total = np.tile(self.bias, (-(-len(x) // self.stride), 1))
        for tap in range(taps):
            start = tap * self.dilation
            total += padded[start : start + len(x) : self.stride] @ self.kernel[tap]
        return total


@dataclass(frozen=True)
class LetterHead:
    """From the encoder's steps to symbols; `about` is how it was made and what it is worth."""

    layers: tuple[Convolution, ...]
    about: dict[str, Any]
    usual: Array | None = None
    """The logarithm of how often each symbol is given, whatever is said; mostly it is the blank."""

    def __call__(self, x: Array) -> LogProbabilities:
        """[steps, width] to [steps, 29].

        What is usual is taken off in part: else a letter that was heard badly would rather be a
        blank than what it was.
        """
        x = standardised(x)
        for layer in self.layers[:-1]:
            x = np.maximum(layer(x), np.float32(0))
        rows = log_softmax(self.layers[-1](x))
        return rows if self.usual is None else log_softmax(rows - _TAKEN_OFF * self.usual)


def standardised(x: Array) -> Array:
    """Each step about 0 with a deviation of 1: how loud a step is says nothing about its letter."""
    centred = x - x.mean(axis=-1, keepdims=True)
    found: Array = centred / np.sqrt(
        (centred * centred).mean(axis=-1, keepdims=True) + np.float32(1e-6)
    )
    return found


class WhisperLetters:
    """Whisper's encoder and a `LetterHead`: as a `Transcriber`, but for whole utterances."""

    step_samples = STEP_SAMPLES

    def __init__(self, model: Any, head: LetterHead) -> None:
        """`model` is a `faster_whisper.WhisperModel`."""
        self._model, self.head = model, head

    def hear(self, samples: npt.NDArray[np.int16]) -> LogProbabilities:
        """An utterance of at most half a minute, and half a second after it: [steps, 29]."""
        if not len(samples):
            return np.zeros((0, OUTPUTS), np.float32)
        heard = encoded(self._model, samples)[0]
        width = self.head.layers[0].kernel.shape[1]
        if heard.shape[1] != width:
            raise LetterHeadError(
                f"whisper's encoder gives {heard.shape[1]} numbers a step, the letters were "
                f"trained on {width}; use the weights that came with wakeful[asr]"
            )
        return self.head(within(heard, len(samples)))

    def text(self, samples: npt.NDArray[np.int16]) -> str:
        """The likeliest symbols, as they are: spelled by ear."""
        return greedy(self.hear(samples)).text


def within(heard: Array, samples: int) -> Array:
    """Of the encoder's steps those of an utterance, with half a second after it."""
    count = -(-samples // _ENCODER_SAMPLES) + _AROUND_STEPS
    return heard[_AROUND_STEPS : _AROUND_STEPS + count]


def steps_of(samples: int) -> int:
    """How many rows of symbols an utterance has."""
    return -(-(-(-samples // _ENCODER_SAMPLES) + _AROUND_STEPS) // 2)


def load_whisper_letters(weights: str = "", head: Path = SHIPPED) -> WhisperLetters:
    """The encoder by its folder or package, and the shipped head or one's own.

    Raises `WhisperError` or `LetterHeadError`.
    """
    return WhisperLetters(load_whisper(find_weights(weights), 1), load_head(head))


def save_head(path: Path, head: LetterHead) -> None:
    """Write it, whole or not at all, as float16."""
    arrays: dict[str, Any] = {}
    for number, layer in enumerate(head.layers):
        arrays[f"{number}/kernel"] = layer.kernel.astype(np.float16)
        arrays[f"{number}/bias"] = layer.bias.astype(np.float16)
    if head.usual is not None:
        arrays[_USUAL] = head.usual.astype(np.float16)
    shape = [[layer.dilation, layer.stride] for layer in head.layers]
    about = head.about | {"format": FORMAT, "shape": shape}
    text = json.dumps(about, sort_keys=True).encode()
    with whole(path) as beside, beside.open("wb") as file:
        np.savez_compressed(file, **arrays | {_ABOUT: np.frombuffer(text, np.uint8)})


def load_head(path: Path = SHIPPED) -> LetterHead:
    """Read one; raises `LetterHeadError`."""
    try:
        with path.open("rb") as file, np.load(file) as saved:
            about = json.loads(saved[_ABOUT].tobytes())
            layers = tuple(
                Convolution(
                    saved[f"{number}/kernel"].astype(np.float32),
                    saved[f"{number}/bias"].astype(np.float32),
                    *shape,
                )
                for number, shape in enumerate(about["shape"])
            )
            usual = saved[_USUAL].astype(np.float32) if _USUAL in saved.files else None
    except FileNotFoundError as error:
        raise LetterHeadError(
            f"{path}: no such file; wakeful train whisper-letters makes one"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise LetterHeadError(f"{path}: no network for letters ({error}); take another") from error
    if about.get("format") != FORMAT:
        raise LetterHeadError(
            f"{path}: format {about.get('format')}, this version reads {FORMAT}; update wakeful"
        )
    return LetterHead(layers, about, usual)
