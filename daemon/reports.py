"""How a run is told: lines and a meter for a person, one JSON object a line for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

import numpy as np

from .events import Event, encode
from .listen import Report
from .meter import Meter
from .pipeline import Pipeline
from .source import SAMPLE_RATE_HZ
from .wording import said

_LEVEL_SAMPLES = SAMPLE_RATE_HZ // 10


class JsonLines:
    """One event a line, flushed at once, so that a pipe's reader has it at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def event(self, event: Event) -> None:
        """Write it."""
        self._stream.write(encode(event) + b"\n")
        self._stream.flush()

    def heard(self, pipeline: Pipeline) -> None:
        """Programs want no meter."""


class Readable:
    """Event lines on `stream`, the meter on its own line below them."""

    def __init__(self, stream: TextIO, meter: Meter) -> None:
        self._stream, self._meter = stream, meter

    def event(self, event: Event) -> None:
        """Write it above the meter."""
        self._meter.clear()
        at_s = event.sample / SAMPLE_RATE_HZ
        kind = str(event.__struct_config__.tag)
        print(f"{at_s:9.2f} s  {kind:14} {said(event)}".rstrip(), file=self._stream, flush=True)

    def heard(self, pipeline: Pipeline) -> None:
        """Show level, gate and probabilities when the meter is due."""
        if not self._meter.is_due():
            return
        end = pipeline.samples
        start = max(0, end - _LEVEL_SAMPLES)
        self._meter.show(
            level_dbfs(pipeline.audio(start, end)),
            pipeline.gate.is_open,
            pipeline.probabilities,
            end / SAMPLE_RATE_HZ,
        )


def level_dbfs(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> float:
    """The level of some sound: a full-scale square is 0, silence -96."""
    if not len(samples):
        return -96.0
    sound = samples.astype(np.float32)
    power = float(np.dot(sound, sound)) / len(samples) / 32_768.0**2
    return 10.0 * float(np.log10(max(power, 10**-9.6)))


@contextmanager
def report(as_json: bool, models: list[str]) -> Iterator[Report]:
    """The report that fits: JSON, or lines with a meter where standard error is a terminal."""
    if as_json:
        yield JsonLines(sys.stdout.buffer)
        return
    with Meter(sys.stderr, models) as meter:
        yield Readable(sys.stdout, meter)
