"""Which of a few words was said: the runtime of a bundle that hears whole clips.

LiteRT and numpy only. The network hears one second. Of longer sound it is asked about several
seconds, each of which holds as much of what was said as it can, so that where a word lies in what
was recorded makes no difference.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .bundle import Bundle, BundleFormatError, BundleShapeError, ClipSettings, load_bundle
from .frontend import FrontEnd
from .labels import SILENCE, UNKNOWN
from .runtime import interpreter_of, tensors_of

Sound = npt.NDArray[np.float32]
Probabilities = npt.NDArray[np.float64]

_FRAME = 160
_ACTIVE_RANGE_DB = 30.0
_APART_S = 0.1
_MOST_S = 10.0
"""Of longer sound only so much, around the loudest part, is listened to."""
_INAUDIBLE = 2.0 / 32_768
"""What never exceeds the last bit of a recording is silence, whatever a network makes of it."""


@dataclass(frozen=True)
class Ranked:
    """A label, and how sure it is: those of all labels add up to one."""

    label: str
    confidence: float


class _Network:
    """The interpreter behind a classifier: `frames` in, `scores` out."""

    def __init__(self, bundle: Bundle, frames: int) -> None:
        self._interpreter = interpreter_of(bundle, bundle.tflite)
        inputs, outputs = tensors_of(self._interpreter, bundle)
        self._frames = _index(bundle, inputs, "frames", (1, frames, bundle.frontend.bands))
        self._scores = _index(bundle, outputs, "scores", (1, len(bundle.manifest.labels)))

    def __call__(self, frames: Sound) -> Sound:
        self._interpreter.set_tensor(self._frames, frames)
        self._interpreter.invoke()
        scores: Sound = self._interpreter.get_tensor(self._scores)
        return scores


def _index(bundle: Bundle, there: Mapping[str, Any], name: str, shape: tuple[int, ...]) -> int:
    """Where a tensor is; raises `BundleShapeError` unless it is what the manifest promises."""
    if name not in there:
        raise BundleShapeError(f"model {bundle.path}: lacks tensor {name!r}; export it again")
    found = tuple(int(n) for n in there[name]["shape"])
    if found != shape:
        raise BundleShapeError(
            f"model {bundle.path}: tensor {name!r} is {list(found)}, the manifest says "
            f"{list(shape)}; copy both files again"
        )
    return int(there[name]["index"])


class Classifier:
    """A loaded model; read-only, but one call at a time. Raises `BundleError`."""

    def __init__(self, bundle: Bundle) -> None:
        m = bundle.manifest
        if m.kind != "commands" or m.clip is None:
            raise BundleFormatError(
                f"model {bundle.path}: is a {m.kind} model; commands need one of kind commands"
            )
        self.bundle, self.labels = bundle, tuple(m.labels)
        self._clip: ClipSettings = m.clip
        self._frontend = FrontEnd(bundle.frontend)
        self._network = _Network(bundle, self._clip.frames)
        self._offsets = np.array([self._clip.offsets.get(name, 0.0) for name in m.labels])

    @property
    def clip_samples(self) -> int:
        """How much sound the network hears at once."""
        return self._clip.frames * self.bundle.frontend.hop_samples

    def hear(self, samples: Sound) -> list[Ranked]:
        """What was most likely said in 16 kHz mono of full scale 1, best first.

        Sound of any length: what is short is padded with silence.
        """
        found = self.probabilities(samples)
        return [Ranked(self.labels[i], float(found[i])) for i in np.argsort(-found, kind="stable")]

    def probabilities(self, samples: Sound) -> Probabilities:
        """The same as [labels], in the order of `labels`."""
        sound = np.asarray(samples, np.float32)
        if SILENCE in self.labels and np.abs(sound).max(initial=0.0) <= _INAUDIBLE:
            sure: Probabilities = np.eye(len(self.labels))[self.labels.index(SILENCE)]
            return sure
        each = calibrated(self.looks(sound), self._clip.temperature, self._offsets)
        if len(each) > 3:
            return _clearest(each, self.labels)
        mean: Probabilities = each.mean(axis=0)
        return mean

    def looks(self, samples: Sound) -> Sound:
        """[looks, labels]: the scores of each second that is listened to, not calibrated."""
        length = self.clip_samples
        return np.stack([self._asked(_cut(samples, at, length)) for at in starts(samples, length)])

    def _asked(self, clip: Sound) -> Sound:
        as_recorded = np.clip(np.rint(clip * 32_768.0), -32_768, 32_767).astype(np.int16)
        frames = self._frontend.whole(as_recorded)[np.newaxis]
        scores: Sound = self._network(frames)[0]
        return scores


def calibrated(
    scores: npt.NDArray[np.floating[Any]],
    temperature: float,
    offsets: npt.NDArray[np.float64] | float = 0.0,
) -> Probabilities:
    """Scores [..., labels] as probabilities."""
    logits = scores.astype(np.float64) / temperature + offsets
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Probabilities = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def starts(sound: Sound, length: int) -> list[int]:
    """Where to begin listening to `length` samples; before 0 where there is less sound than that.

    Three looks, a tenth of a second apart, at what fits into one; else one look every tenth.
    """
    apart = int(_APART_S * 16_000)
    first, last = active_span(sound)
    middle = (len(sound) - length) // 2
    if len(sound) > length:
        middle = int(np.clip((first + last - length) // 2, 0, len(sound) - length))
        begin = max(first - apart, 0)
        end = min(last + apart, len(sound), begin + int(_MOST_S * 16_000)) - length
        if end - begin > 2 * apart:  # three looks would leave out what sounds at either end
            return list(range(begin, end + 1, apart))
    return [middle - apart, middle, middle + apart]


def active_span(sound: Sound) -> tuple[int, int]:
    """First and last sample of what sounds: the 10 ms frames within 30 dB of the loudest."""
    whole = len(sound) - len(sound) % _FRAME
    if not whole:
        return 0, len(sound)
    frames = sound[:whole].reshape(-1, _FRAME)
    power = np.einsum("ij,ij->i", frames, frames)
    loud = np.flatnonzero(power >= power.max() * 10 ** (-_ACTIVE_RANGE_DB / 10))
    return int(loud[0]) * _FRAME, (int(loud[-1]) + 1) * _FRAME


def _cut(sound: Sound, start: int, length: int) -> Sound:
    """`length` samples from `start` on, zeros where there is no sound."""
    clip = np.zeros(length, np.float32)
    piece = sound[max(0, start) : max(0, start + length)]
    clip[max(0, -start) : max(0, -start) + len(piece)] = piece
    return clip


def _clearest(each: Probabilities, labels: Sequence[str]) -> Probabilities:
    """Of many looks the mean of three neighbours that say a word most clearly."""
    three = (each[:-2] + each[1:-1] + each[2:]) / 3
    words = [i for i, label in enumerate(labels) if label not in (SILENCE, UNKNOWN)]
    clearest: Probabilities = three[int(three[:, words].max(axis=1).argmax())]
    return clearest


def load_classifier(name_or_path: str | os.PathLike[str]) -> Classifier:
    """A shipped model by its name, or a bundle by its path; raises a `BundleError`."""
    return Classifier(load_bundle(name_or_path))
