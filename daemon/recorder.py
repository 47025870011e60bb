"""Takes from a microphone: each begins when somebody speaks and ends when it is quiet again."""

from __future__ import annotations

import sys

from ..models.runtime import TriggerModel
from .devices import DeviceError
from .events import Stamp
from .meter import Meter
from .pipeline import Pipeline
from .reports import Readable
from .settings import Settings
from .source import SAMPLE_RATE_HZ, Samples, Source

_PATIENCE_S = 30.0
_ZEROS_S = 3.0
_LONGEST_S = 4.0
"""The shortest ring that may be set still holds so much, and what comes before it."""


class Recorder:
    """Listens to a source with the daemon's own gate, and shows its level."""

    def __init__(
        self, source: Source, model: TriggerModel, settings: Settings, meter: Meter
    ) -> None:
        self._source, self._settings = source, settings
        self._pipeline = Pipeline(settings, [model], Stamp(source.name, source.opened_at))
        self._block = model.bundle.frontend.block_samples
        self._report = Readable(sys.stdout, meter)
        self._heard_something = False

    def take(self) -> Samples:
        """The next that is said, with the sound before it and the silence after it.

        Raises `DeviceError` when nothing comes, or nothing but zeros, or it never gets quiet.
        """
        began = self._pipeline.samples
        while self._pipeline.gate.is_open:
            self._more(began, "it doesn't get quiet")
        while not self._pipeline.gate.is_open:
            self._more(began, "nobody spoke")
        start = self._pipeline.samples - self._samples(self._settings.gate.before_s) - self._block
        longest = self._pipeline.samples + self._samples(_LONGEST_S) - 2 * self._block
        while self._pipeline.gate.is_open and self._pipeline.samples < longest:
            self._more(began, "")
        end = self._pipeline.samples
        return self._pipeline.audio(max(0, start, end - self._pipeline.ring.capacity), end)

    def _more(self, began: int, complaint: str) -> None:
        """One more piece of sound; no longer than the patience, if there is something to say."""
        pipeline = self._pipeline
        samples = self._source.read(self._block - pipeline.samples % self._block)
        if not len(samples):
            raise DeviceError(f"{self._source.name}: the sound ended before all takes were there")
        self._heard_something |= bool(samples.any())
        pipeline.feed(samples)
        self._report.heard(pipeline)
        if not self._heard_something and pipeline.samples >= self._samples(_ZEROS_S):
            raise DeviceError(
                f"{self._source.name}: gives nothing but zeros; it may be muted, "
                "or try another: wakeful devices"
            )
        if complaint and pipeline.samples - began >= self._samples(_PATIENCE_S):
            raise DeviceError(
                f"{self._source.name}: {complaint} for {_PATIENCE_S:.0f} s; "
                "see the level with  wakeful listen"
            )

    def _samples(self, seconds: float) -> int:
        return round(seconds * SAMPLE_RATE_HZ)
