"""Many streams at once over one set of weights: front end and network by the batch.

Each stream has a row in the states, and whatever rows are asked for are worked on together; what
comes out of a row is what `FrontEnd.step` and `TriggerModel.step` would have given it alone, to the
bit. LiteRT is given `WIDTHS` streams in one call: the rows of all of them share each fetch of the
weights, and the price of a call. A network that can't be widened is called once for each stream.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .bundle import Bundle
from .frontend import Frames, FrontEnd, FrontEndConfig, Past, _compress
from .many_network import WideningError, widened
from .runtime import Probabilities, TriggerModel, TriggerState, interpreter_of, tensors_of

Rows = npt.NDArray[np.intp]
Blocks = npt.NDArray[np.int16]

WIDTHS = (32, 8)
"""How many streams LiteRT is given at once, the widest first; places left over hold zeros."""

_TOGETHER = 16
"""Streams whose windows are transformed together: more would not stay in the nearest cache."""


@dataclass
class ManyFrontEndState:
    """`sound` [streams, reach] is what windows reach back to, `mean` [streams, bands]."""

    sound: Frames
    mean: Frames
    primed: npt.NDArray[np.bool_]

    def reset(self, row: int) -> None:
        """One stream is fresh: all zeros."""
        self.sound[row] = 0
        self.mean[row] = 0
        self.primed[row] = False

    def past(self, row: int) -> Past:
        """What one stream's next block is heard with."""
        return Past(self.sound[row], self.mean[row], bool(self.primed[row]))


class ManyFrontEnd:
    """The front end of many streams; not for two threads at once, since it works in one place."""

    def __init__(self, config: FrontEndConfig) -> None:
        self.config = c = config
        self._one = FrontEnd(config)
        self._reach = c.window_samples - c.hop_samples
        bins = c.window_samples // 2 + 1
        self._sound = np.zeros((_TOGETHER, self._reach + c.block_samples), np.float32)
        row, step = self._sound.strides
        shape = (_TOGETHER, c.block_frames, c.window_samples)
        strides = (row, c.hop_samples * step, step)
        self._windows = np.lib.stride_tricks.as_strided(self._sound, shape, strides)
        self._windowed = np.zeros(shape, np.float32)
        self._spectrum = np.zeros((*shape[:2], bins), np.complex64)
        self._power = np.zeros((*shape[:2], bins), np.float32)
        self._levels = np.zeros((_TOGETHER, 1 + c.block_frames, c.bands), np.float32)

    def new_state(self, streams: int) -> ManyFrontEndState:
        """So many fresh streams."""
        c = self.config
        return ManyFrontEndState(
            np.zeros((streams, self._reach), np.float32),
            np.zeros((streams, c.bands), np.float32),
            np.zeros(streams, np.bool_),
        )

    def step(self, state: ManyFrontEndState, rows: Rows, blocks: Blocks) -> Frames:
        """A block [rows, block_samples] for each of some rows, none twice.

        Returns [rows, block_frames, bands], an array of its own.
        """
        c = self.config
        frames = np.empty((len(rows), c.block_frames, c.bands), np.float32)
        for at in range(0, len(rows), _TOGETHER):
            some = slice(at, at + _TOGETHER)
            self._some(state, rows[some], blocks[some], frames[some])
        return frames

    def _some(self, state: ManyFrontEndState, rows: Rows, blocks: Blocks, out: Frames) -> None:
        n, size, sound = len(rows), self.config.block_samples, self._sound[: len(rows)]
        sound[:, : self._reach] = state.sound[rows]
        sound[:, self._reach :] = blocks
        state.sound[rows] = sound[:, size:]
        windowed, spectrum, power = self._windowed[:n], self._spectrum[:n], self._power[:n]
        np.multiply(self._windows[:n], self._one._window, out=windowed)
        self._one._transform(windowed, spectrum)
        parts = spectrum.view(np.float32)
        np.multiply(parts, parts, out=parts)
        np.add(parts[..., 0::2], parts[..., 1::2], out=power)
        levels = self._levels[:n]
        now = levels[:, 1:]
        # By the stream, not by the row: a product over other numbers of rows rounds otherwise.
        np.matmul(power, self._one._filters, out=now)
        np.add(now, self._one._floor, out=now)
        self._normalise(state, rows, levels, out)

    def _normalise(self, state: ManyFrontEndState, rows: Rows, levels: Frames, out: Frames) -> None:
        kind, now = self.config.normalisation, levels[:, 1:]
        if kind != "pcen":
            np.log(now, out=now)
        if kind == "log":
            np.add(now, 12.0, out=out)
            np.multiply(out, 0.25, out=out)
            return
        for n in np.flatnonzero(~state.primed[rows]).tolist():
            state.mean[rows[n]] = now[n].mean(axis=0)
            state.primed[rows[n]] = True
        levels[:, 0] = state.mean[rows]
        np.matmul(self._one._smoother, levels, out=out)
        state.mean[rows] = out[:, -1]
        if kind == "running":
            np.subtract(now, out, out=out)
            np.multiply(out, 0.5, out=out)
        else:
            _compress(now, out)


@dataclass
class ManyTriggerState:
    """The step's state tensors, each [streams, ...]."""

    buffers: list[Frames]

    def reset(self, row: int) -> None:
        """One stream is fresh: all zeros."""
        for buffer in self.buffers:
            buffer[row] = 0

    def of(self, row: int) -> list[Frames]:
        """One stream's, as a `TriggerState` holds them."""
        return [buffer[row : row + 1] for buffer in self.buffers]


class ManyTriggers:
    """A trigger network over many streams. Not for two threads at once, as `TriggerModel`."""

    def __init__(self, model: TriggerModel) -> None:
        self._model = model
        manifest = model.bundle.manifest
        self._shapes = [tuple(shape) for shape in manifest.states.values()]
        self._steps = manifest.frames_per_call // manifest.stride
        self._wide: list[_Wide] = []
        try:
            self._wide = [_Wide(model.bundle, width) for width in WIDTHS]
        except WideningError as error:
            self.alone_because = str(error)

    alone_because = ""
    """Why each stream costs a call of its own; empty where it doesn't."""

    def new_state(self, streams: int) -> ManyTriggerState:
        """So many fresh streams."""
        return ManyTriggerState([np.zeros((streams, *s[1:]), np.float32) for s in self._shapes])

    def step(self, state: ManyTriggerState, rows: Rows, frames: Frames) -> Probabilities:
        """[rows, frames_per_call, bands] in, [rows, steps] out; no row twice."""
        found = np.empty((len(rows), self._steps), np.float32)
        at = 0
        for wide, count in self._shared(len(rows)):
            some = slice(at, at + count)
            found[some] = wide.step(state, rows[some], frames[some])
            at += count
        for n in range(at, len(rows)):
            found[n] = self._alone(state, int(rows[n]), frames[n])
        return found

    def _shared(self, count: int) -> Iterator[tuple[_Wide, int]]:
        """Which calls take how many; one or two streams are cheaper alone."""
        for wide in self._wide:
            last = wide is self._wide[-1]
            while count >= wide.width or (last and count > 2):
                taken = min(count, wide.width)
                yield wide, taken
                count -= taken

    def _alone(self, state: ManyTriggerState, row: int, frames: Frames) -> Probabilities:
        one: TriggerState = self._model.new_state()
        one.buffers = state.of(row)
        found = self._model.step(one, frames)
        for buffer, after in zip(state.buffers, one.buffers, strict=True):
            buffer[row] = after[0]
        return found


class _Wide:
    """The step for `width` streams in one call of LiteRT."""

    def __init__(self, bundle: Bundle, width: int) -> None:
        self.width = width
        run = self._run = interpreter_of(bundle, widened(bundle.tflite, width))
        inputs, outputs = tensors_of(run, bundle)
        names = ["frames", *bundle.manifest.states]
        self._inputs = [int(inputs[n]["index"]) for n in names]
        self._outputs = [int(outputs[n]["index"]) for n in names[1:]]
        self._probability = int(outputs["probability"]["index"])
        # What the places that nobody has hold from one call to the next can't be heard by others.
        self._fed = [np.zeros(inputs[n]["shape"], np.float32) for n in names]

    def step(self, state: ManyTriggerState, rows: Rows, frames: Frames) -> Probabilities:
        run, count = self._run, len(rows)
        taken = [frames, *(buffer[rows] for buffer in state.buffers)]
        for index, fed, values in zip(self._inputs, self._fed, taken, strict=True):
            fed[:count] = values.reshape(count, *fed.shape[1:])
            run.set_tensor(index, fed)
        run.invoke()
        for index, buffer in zip(self._outputs, state.buffers, strict=True):
            after: Any = run.get_tensor(index)
            buffer[rows] = after[:count].reshape(count, *buffer.shape[1:])
        found: Probabilities = run.get_tensor(self._probability)[:count].reshape(count, -1)
        return found


def rows_of(numbers: Sequence[int]) -> Rows:
    """Numbers of streams as an index."""
    return np.fromiter(numbers, np.intp, len(numbers))
