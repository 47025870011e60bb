"""A public speech embedding as a teacher, at training time only.

What it makes of clean speech is what a network learns to make of the same speech in a room, in
noise and through a bad microphone. The embedding (96 numbers for 0.78 s of sound) was learned by
its authors from very much speech; it is published under Apache-2.0 and comes inside the package
`pyopen-wakeword`, the only thing of which that is used here.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.errors import WakefulError
from ..synth.levels import Samples, Sound, gain, to_int16

WIDTH = 96
LICENCE = "speech_embedding, Apache-2.0"

Embeddings = npt.NDArray[np.float32]
Targets = npt.NDArray[np.float16]

_SCALE = 1 / 18
"""Brings the embedding's numbers to a variance of about one."""
_HOP, _WINDOW, _FRAMES = 160, 512, 76
"""Of its spectrogram: samples a frame moves and spans, and frames that one embedding sees."""
_STRIDE = 8
_SHIFT = 2
"""The embedding is had every 8 frames; begun 2 frames later each time, every 2."""
_LEVEL_DBFS = -23.0

FIRST_END = _HOP * (_FRAMES - 1) + _WINDOW
"""Where the first embedding's sound ends, in samples."""
EVERY = _SHIFT * _HOP


class TeacherMissingError(WakefulError):
    """The package that holds the embedding isn't installed."""


class Teacher:
    """Sound to embeddings; one for each process, since an interpreter is not shared."""

    def __init__(self) -> None:
        folder = _models()
        self._spectrogram = _interpreter(folder / "melspectrogram.tflite")
        self._embedding = _interpreter(folder / "embedding_model.tflite")

    def __call__(self, samples: Samples) -> Embeddings:
        """[n, 96], one every `EVERY` samples, the first at `FIRST_END`; none for short sound."""
        if len(samples) < FIRST_END:
            return np.zeros((0, WIDTH), np.float32)
        sound = samples.astype(np.float32)[np.newaxis]
        # The two scales are those that the embedding was trained with.
        frames = _run(self._spectrogram, sound).reshape(-1, 32) / 10 + 2
        count = (len(frames) - _FRAMES) // _SHIFT + 1
        found = np.zeros((count, WIDTH), np.float32)
        for first in range(0, _STRIDE, _SHIFT):
            rows = found[first // _SHIFT :: _STRIDE // _SHIFT]
            if len(rows):
                # One length whatever the shift, so that the interpreter is made ready only once.
                part = np.zeros((1, len(frames), 32, 1), np.float32)
                part[0, : len(frames) - first, :, 0] = frames[first:]
                rows[:] = _run(self._embedding, part).reshape(-1, WIDTH)[: len(rows)]
        return found * np.float32(_SCALE)

    def targets(self, said: Sound, steps: int, step_samples: int) -> Targets:
        """[steps, 96]: for each step the embedding that ends nearest to its end, else NaN."""
        found = self(to_int16(said * np.float32(gain(_LEVEL_DBFS))))
        targets = np.full((steps, WIDTH), np.nan, np.float16)
        ends = np.arange(1, steps + 1) * step_samples
        nearest = np.rint((ends - FIRST_END) / EVERY).astype(int)
        there = (nearest >= 0) & (nearest < len(found))
        targets[there] = found[nearest[there]]
        return targets


def has_teacher() -> bool:
    """Whether the package is installed."""
    return importlib.util.find_spec("pyopen_wakeword") is not None


def _models() -> Path:
    found = importlib.util.find_spec("pyopen_wakeword")
    if found is None or found.origin is None:
        raise TeacherMissingError(
            "the speech embedding is not installed: pip install 'wakeful[backbone]'"
        )
    return Path(found.origin).with_name("models")


def _interpreter(path: Path) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter(str(path), num_threads=1)


def _run(interpreter: Any, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """One call, the interpreter fitted to the length of what it is given."""
    given = interpreter.get_input_details()[0]
    if tuple(given["shape"]) != values.shape:
        interpreter.resize_tensor_input(given["index"], values.shape)
        interpreter.allocate_tensors()
    interpreter.set_tensor(given["index"], values)
    interpreter.invoke()
    found: npt.NDArray[np.float32] = interpreter.get_tensor(
        interpreter.get_output_details()[0]["index"]
    )
    return found
