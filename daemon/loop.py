"""The loop: read, feed, tell; get a lost microphone back; stop when asked.

One thread owns the pipeline and calls the companions. What steers the loop (`stop`, `mute`,
`take_over`) is called in that thread too, by a companion, and takes effect between two pieces.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing

import numpy as np

from .absent import Absent
from .companion import Companion
from .devices import DeviceError
from .events import (
    AudioLost,
    AudioRestored,
    Bye,
    Event,
    Heartbeat,
    Muted,
    Overflow,
    Ready,
    Stamp,
)
from .hearing import Hearing
from .interruption import Interrupted, Signals
from .live import LiveSource
from .off_loop import OffLoop
from .pauses import Pauses
from .pipeline import Pipeline
from .recovery import Recovery
from .source import SAMPLE_RATE_HZ, Samples, Source, SourceError

_IDLE_S = 0.1
_ALERT_SAMPLES = 15 * SAMPLE_RATE_HZ
"""For so long after an event companions are asked as often as may be: one may have an answer."""

_CLOSE_S = 0.4
"""A driver that doesn't let go of a device within this is left to the end of the process."""

_BROKEN_OFF_SAMPLES = SAMPLE_RATE_HZ // 5
"""Where more than this is missing, half a word before it must not be joined to one behind it."""


class Loop:
    """One run over one source, which may come and go; the companions hear of everything.

    `reopen` raises `DeviceError` while there is no microphone; `wait` can be replaced, so that
    tests need no patience.
    """

    def __init__(
        self,
        hearing: Hearing,
        source: Source,
        companions: Sequence[Companion],
        reopen: Callable[[], Source],
        *,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
        signals: Signals | None = None,
        piece_samples: int = SAMPLE_RATE_HZ,
    ) -> None:
        self.hearing, self.first_settings = hearing, hearing.settings
        self.companions = list(companions)
        self.stamp = Stamp(source.name, source.opened_at)
        self.pipeline = hearing.pipeline(self.stamp)
        self.signals = signals or Signals()
        self.lost = False
        """Whether the microphone is gone."""
        self.muted = False
        """Whether it has been told to hear nothing."""
        self._source: Source | None = source
        self._reopen, self._wait, self._pauses = reopen, wait, Pauses()
        self._piece_samples = piece_samples
        self._lost_samples = self._opened_at = self._alert_until = 0
        self._deaf = self._has_begun = False
        self._next: tuple[Hearing, Pipeline] | None = None
        self._reason = ""

    def stop(self, reason: str) -> None:
        """End after this piece; `reason` is what `bye` says."""
        self._reason = reason

    def mute(self, muted: bool) -> None:
        """From the next block on hear nothing, or hear again; the clock goes on."""
        self.muted = muted

    def take_over(self, hearing: Hearing, pipeline: Pipeline) -> None:
        """Go on with another hearing, as soon as nobody's speech is being taken down.

        `pipeline` is that hearing's, with the loop's `stamp`, and has heard nothing yet.
        """
        self._next = hearing, pipeline

    def run(self) -> None:
        """Until the sound ends or somebody stops it; says `ready` first and `bye` last.

        Also where the sound breaks off; that `SourceError` is raised after the `bye`.
        """
        broken: SourceError | None = None
        with ExitStack() as ending, self.signals.handled():
            ending.callback(self._close_source)
            for companion in self.companions:
                ending.callback(companion.close)
            if not isinstance(self._source, Absent):
                self._begin()
            try:
                self._listen()
            except SourceError as error:
                broken = error
            self._end(str(broken or self._reason or self.signals.stopped_by or "end of sound"))
        if broken:
            raise broken

    def _begin(self) -> None:
        self._has_begun = True
        self._say(Ready(models=self.hearing.names, **self.stamp.at(self.pipeline.samples)))

    def _listen(self) -> None:
        while not self._reason:
            try:
                if not self._hear_more():
                    return
            except Interrupted:
                return

    def _hear_more(self) -> bool:
        """Whether there was more to hear, or there may be again."""
        assert self._source is not None
        if isinstance(self._source, LiveSource):
            is_over = self.pipeline.samples >= self._alert_until
            self._source.want(self.pipeline.samples_wanted(patient=is_over))
        try:
            with self.signals.interruptible():
                samples = self._source.read(self._piece_samples)
        except DeviceError as error:
            self._get_back(str(error))
            return True
        self._count_lost(self._source.lost_samples)
        if len(samples):
            self._hear(samples)
        return len(samples) > 0

    def _end(self, reason: str) -> None:
        end = self.pipeline.samples
        self._say_all(self.pipeline.flush())
        self._say(Bye(reason=reason, **self.stamp.at(end)))

    def _hear(self, samples: Samples) -> None:
        if self.muted != self._deaf:
            samples = self._turn(samples)
        self._hand_over()
        self._say_all(self.pipeline.feed(np.zeros_like(samples) if self._deaf else samples))
        for companion in self.companions:
            companion.heard(self.pipeline)
        self._say_told()

    def _hand_over(self) -> None:
        if self._next and not self.pipeline.takes_down:
            (self.hearing, following), self._next = self._next, None
            following.follow(self.pipeline)
            self.pipeline = following

    def _turn(self, samples: Samples) -> Samples:
        """Deaf or no longer so, from a block's beginning on; returns the sound from there."""
        before, rest = np.split(samples, [min(self.pipeline.samples_to_block, len(samples))])
        self._say_all(self.pipeline.feed(np.zeros_like(before) if self._deaf else before))
        if self.pipeline.samples_to_block:
            return rest
        if self.muted:
            self._say_all(self.pipeline.interrupt())
        self._deaf = self.muted
        self._say(Muted(muted=self.muted, **self.stamp.at(self.pipeline.samples)))
        return rest

    def _count_lost(self, lost_samples: int) -> None:
        missing = lost_samples - self._lost_samples
        if not missing:
            return
        self._lost_samples += missing
        if missing >= _BROKEN_OFF_SAMPLES:
            self._say_all(self.pipeline.interrupt())
        # The clock counts heard samples; the wall time that it stands for has moved on.
        self.stamp.opened_at += missing / SAMPLE_RATE_HZ
        self._say(Overflow(lost_samples=missing, **self.stamp.at(self.pipeline.samples)))

    def _get_back(self, reason: str) -> None:
        """The microphone is gone: try again, in growing pauses, until it is back or we stop."""
        gone_at, lost, self._source = time.monotonic(), self._source, None
        assert lost is not None
        self.lost = True
        self._say_all(self.pipeline.interrupt())
        self._say(AudioLost(reason=reason, **self.stamp.at(self.pipeline.samples)))
        self._pauses.lost_after((self.pipeline.samples - self._opened_at) / SAMPLE_RATE_HZ)
        with closing(Recovery(lost, self._reopen, self._pauses, self._wait)) as recovery:
            while (back := recovery.found()) is None:
                self._idle()
        self._go_on_with(back)
        lost_s = round(time.monotonic() - gone_at, 3)
        self._say(AudioRestored(lost_s=lost_s, **self.stamp.at(self.pipeline.samples)))
        if not self._has_begun:
            self._begin()

    def _go_on_with(self, source: Source) -> None:
        """The clock counts heard samples; the wall time that it stands for has moved on."""
        self._source, self._lost_samples, self.lost = source, 0, False
        self._opened_at = self.pipeline.samples
        self.stamp.source = source.name
        self.stamp.opened_at = source.opened_at - self._opened_at / SAMPLE_RATE_HZ

    def _idle(self) -> None:
        """Let the companions do what they do; raises `Interrupted` when it is to stop."""
        with self.signals.interruptible():
            time.sleep(_IDLE_S)
        self._hand_over()
        for companion in self.companions:
            companion.idle()
        self._say_told()
        if self._reason:
            raise Interrupted

    def _say_told(self) -> None:
        for companion in self.companions:
            for told in companion.told():
                self._say(told.make(**self.stamp.at(told.sample)))

    def _say_all(self, events: list[Event]) -> None:
        for event in events:
            self._say(event)

    def _say(self, event: Event) -> None:
        if not isinstance(event, Heartbeat):
            self._alert_until = self.pipeline.samples + _ALERT_SAMPLES
        for companion in self.companions:
            companion.event(event)

    def _close_source(self) -> None:
        if self._source:
            closed = OffLoop(self._source.close)
            if closed.wait(_CLOSE_S):
                closed.result()
