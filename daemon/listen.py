"""The listening loop: read, feed, report; stop when asked, and get a lost microphone back."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

from .devices import DeviceError
from .events import AudioLost, AudioRestored, Bye, Event, Overflow, Ready, Stamp
from .opening import open_judges, open_models
from .pipeline import Pipeline
from .settings import Settings
from .source import SAMPLE_RATE_HZ, Samples, Source, SourceError

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


def reopened(device: str) -> Source:
    """The microphone once more, looked for anew; raises `DeviceError` while it isn't there."""
    from .devices import rescan
    from .microphone import Microphone

    rescan()
    return Microphone(device)


class Listener:
    """Trigger models made ready for one source; raises a `WakefulError` if one of them isn't.

    `reopen` and `sleep` can be replaced, so that tests need neither a microphone nor patience;
    `config` is the file named on the command line, beside which profiles lie.
    """

    def __init__(
        self,
        settings: Settings,
        reopen: Callable[[str], Source] = reopened,
        sleep: Callable[[float], None] = time.sleep,
        config: str | None = None,
    ) -> None:
        self._settings = settings
        self._reopen, self._sleep = reopen, sleep
        self._models = open_models(settings.models)
        self._judges = open_judges(settings.detector.only, self._models, config)
        self.model_names = [model.bundle.name for model in self._models]
        self._waiting = False
        self._stopped_by = ""

    def run(self, source: Source, out: Report) -> None:
        """Listen until the sound ends or a signal comes; says `ready` first and `bye` last.

        Also where the sound breaks off; that `SourceError` is raised after the `bye`.
        """
        stamp = Stamp(source.name, source.opened_at)
        pipeline = Pipeline(self._settings, self._models, stamp, judges=self._judges)
        broken: SourceError | None = None
        with _closed_last(source) as holder, self._signals():
            out.event(Ready(models=self.model_names, **stamp.at(0)))
            try:
                self._loop(holder, pipeline, stamp, out)
            except SourceError as error:
                broken = error
            end = pipeline.samples
            for event in pipeline.flush():
                out.event(event)
            reason = str(broken or self._stopped_by or "end of sound")
            out.event(Bye(reason=reason, **stamp.at(end)))
        if broken:
            raise broken

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
        with self._interruptible():
            return source.read(_READ_SAMPLES)

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """A signal that comes while we wait here, or came before, ends the wait with `_Stop`."""
        self._waiting = True
        try:
            if self._stopped_by:
                raise _Stop
            yield
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
        back = self._tried_again()
        if back is None:
            return False
        holder[0] = back
        # The clock counts heard samples; the wall time that it stands for has moved on.
        stamp.opened_at = back.opened_at - pipeline.samples / SAMPLE_RATE_HZ
        lost_s = round(time.monotonic() - gone_at, 3)
        out.event(AudioRestored(lost_s=lost_s, **stamp.at(pipeline.samples)))
        return True

    def _tried_again(self) -> Source | None:
        """The microphone, however long it takes; None when we were told to stop."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                with self._interruptible():
                    self._sleep(pause_s)
                return self._reopen(self._settings.audio.device)
            except _Stop:
                return None
            except DeviceError:
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

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
