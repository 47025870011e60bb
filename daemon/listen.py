"""The listening loop: read, feed, report; stop when asked, and get a lost microphone back."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

from ..models.bundle import load_bundle
from ..models.runtime import TriggerModel
from .devices import DeviceError
from .events import AudioLost, AudioRestored, Bye, Event, Overflow, Ready, Stamp
from .pipeline import Pipeline
from .settings import Settings
from .source import Samples, Source

_READ_SAMPLES = 16_000
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 8.0


class Report(Protocol):
    """Where events go, and what may look on between them."""

    def event(self, event: Event) -> None:
        """One event."""

    def heard(self, pipeline: Pipeline) -> None:
        """Some sound has been worked on."""


class _Stop(BaseException):
    """A signal asked for the end while the loop was waiting for sound."""


class Listener:
    """Trigger models made ready for one source; raises a `WakefulError` if one of them isn't."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._models = [TriggerModel(load_bundle(name)) for name in settings.models]
        self.model_names = [model.bundle.name for model in self._models]
        self._waiting = False
        self._stopped_by = ""

    def run(self, source: Source, out: Report) -> None:
        """Listen until the sound ends or a signal comes; says `ready` first and `bye` last."""
        stamp = Stamp(source.name, source.opened_at)
        pipeline = Pipeline(self._settings, self._models, stamp)
        with _closed_last(source) as holder, self._signals():
            out.event(Ready(models=self.model_names, **stamp.at(0)))
            self._loop(holder, pipeline, stamp, out)
            end = pipeline.samples
            for event in pipeline.flush():
                out.event(event)
            out.event(Bye(reason=self._stopped_by or "end of sound", **stamp.at(end)))

    def _loop(self, holder: list[Source], pipeline: Pipeline, stamp: Stamp, out: Report) -> None:
        lost = 0
        while True:
            source = holder[0]
            try:
                samples = self._wait_for(source)
            except _Stop:
                return
            except DeviceError as error:
                lost = 0
                if not self._get_back(holder, pipeline, stamp, out, str(error)):
                    return
                continue
            if source.lost_samples > lost:
                missing, lost = source.lost_samples - lost, source.lost_samples
                out.event(Overflow(lost_samples=missing, **stamp.at(pipeline.samples)))
            if not len(samples):
                return
            for event in pipeline.feed(samples):
                out.event(event)
            out.heard(pipeline)

    def _wait_for(self, source: Source) -> Samples:
        self._waiting = True
        try:
            if self._stopped_by:
                raise _Stop
            return source.read(_READ_SAMPLES)
        finally:
            self._waiting = False

    def _get_back(
        self, holder: list[Source], pipeline: Pipeline, stamp: Stamp, out: Report, reason: str
    ) -> bool:
        """The microphone is gone: try again, in growing pauses, until it is back or we stop."""
        gone_at = time.monotonic()
        for event in pipeline.interrupt():
            out.event(event)
        out.event(AudioLost(reason=reason, **stamp.at(pipeline.samples)))
        holder[0].close()
        pause_s = _FIRST_PAUSE_S
        while not self._stopped_by:
            try:
                self._sleep(pause_s)
                holder[0] = self._reopen()
            except _Stop:
                return False
            except DeviceError:
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
                continue
            lost_s = time.monotonic() - gone_at
            # The clock counts heard samples; the wall time that it stands for has moved on.
            stamp.opened_at += lost_s
            out.event(AudioRestored(lost_s=round(lost_s, 3), **stamp.at(pipeline.samples)))
            return True
        return False

    def _reopen(self) -> Source:
        from .devices import rescan
        from .microphone import Microphone

        rescan()
        return Microphone(self._settings.audio.device)

    def _sleep(self, seconds: float) -> None:
        self._waiting = True
        try:
            time.sleep(seconds)
        finally:
            self._waiting = False

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM end the loop; a second one ends the process as if we weren't here."""
        before = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)}

        def stop(number: int, _frame: FrameType | None) -> None:
            for known, handler in before.items():
                signal.signal(known, handler)
            self._stopped_by = signal.Signals(number).name
            if self._waiting:
                raise _Stop

        for known in before:
            signal.signal(known, stop)
        try:
            yield
        finally:
            for known, handler in before.items():
                signal.signal(known, handler)


@contextmanager
def _closed_last(source: Source) -> Iterator[list[Source]]:
    """Holds the source that is in use now, which a recovery may replace, and closes it."""
    holder = [source]
    try:
        yield holder
    finally:
        holder[0].close()
