"""What is said after the wake word, handed to the recognizer's process, and its answer told.

In the loop: the speech is copied into shared memory and a small message sent; everything after that
happens elsewhere and is fetched on a later call. Every wake whose speech ends while it is on gets
exactly one of an answer, `saved`, `unanswered` or `worker.died`. While one is worked on, a few more
can wait; of too many, the oldest is given up. With nothing else to do, it may be asked about speech
that is not over yet (`early.py`): its answer waits for the `speech.end`, or brings it about.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from functools import partial

import msgspec

from . import events, recognizer
from .answer import answer
from .companion import Told
from .early import Early
from .events import Event, SpeechEnd, Wake
from .pipeline import Pipeline
from .recognizer import Heard, Manner
from .recognizer_messages import Done, Refused, Task
from .recognizer_worker import Died, RecognizerWorker
from .ring import Overrun
from .settings import RecognizerSettings, SegmentSettings
from .sound_slots import SlotsFull, SoundSlots
from .source import Samples, samples_in
from .speech import Speech
from .telling import ended_told

MOST_WAITING = 3
"""Who has spoken three times since no longer waits for the first answer."""

_REPLACING_S = 10.0
"""Who waits behind one that hangs is not to lose by it: its deadline, a new process, our own."""

_QUICK_S = 1.5
"""Who takes longer for an answer is not asked before it is needed."""

_SLACK_S = 1.0
"""A segment ends with the block that makes it too long."""

Cut = Callable[[Pipeline, int, int], Samples]


class Handoff:
    """A companion; with the kind ``none`` it does nothing. `cut` takes the speech from a pipeline.

    Raises a `WakefulError` where it is plain at once that the recognizer can't work.
    """

    def __init__(
        self,
        settings: RecognizerSettings,
        segment: SegmentSettings,
        cut: Cut = Pipeline.audio,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._cut, self._clock = settings.kind, cut, clock
        self._early = Early(settings, segment)
        self._patience_s = 2 * settings.deadline_s + _REPLACING_S
        self._is_on = settings.kind != "none"
        if self._is_on:
            recognizer.check(settings)
        longest = samples_in(segment.longest_s + _SLACK_S)
        self._slots = SoundSlots(MOST_WAITING + 1, longest)
        self.worker = RecognizerWorker(settings, self._slots, clock)
        self._pipeline: Pipeline | None = None
        self._wake: Wake | None = None
        self._ended: deque[Speech] = deque()
        """Over, and still in the pipeline's ring."""
        self._waiting: deque[tuple[Speech, Task]] = deque()
        self._working: tuple[Speech, Task] | None = None
        self._foreseen: tuple[Speech, Done | Refused] | None = None
        """What was answered about speech that may be over."""
        self._sent_at, self._took_s = 0.0, 0.0
        self._told: list[Told] = []

    @property
    def waiting(self) -> int:
        """How many answers are still to come."""
        return len(self._ended) + len(self._waiting) + bool(self._working)

    def event(self, event: Event) -> None:
        """A wake is remembered; the speech that ends after it is handed over at once."""
        if not self._is_on:
            return
        if isinstance(event, Wake):
            self._wake = event
        elif isinstance(event, SpeechEnd) and self._wake:
            speech = Speech(self._wake, event.start_sample, event.sample, event, self._clock())
            if not self._is_foreseen(speech):
                self._ended.append(speech)
                self._hand_over()

    def heard(self, pipeline: Pipeline) -> None:
        """Look whether there is an answer."""
        self._pipeline = pipeline
        self.idle()
        pipeline.is_awaited = self._working is not None

    def idle(self) -> None:
        """The same; answers come without sound too."""
        if not self._is_on:
            return
        self._hand_over()
        reply = self.worker.poll()
        if reply:
            self._answered(reply)
        self._give_up_late()
        self._send()
        self._ask_early()

    def told(self) -> list[Told]:
        """The answers since."""
        told, self._told = self._told, []
        return told

    def close(self) -> None:
        """End the process; what it had not answered stays unanswered."""
        self.worker.close()
        self._slots.close()

    def _hand_over(self) -> None:
        """From the ring into shared memory, before the ring forgets it."""
        while self._ended and self._pipeline:
            self._line_up(self._ended.popleft(), self._pipeline)
        self._send()

    def _line_up(self, speech: Speech, pipeline: Pipeline) -> None:
        try:
            samples = self._cut(pipeline, speech.start, speech.end)
        except Overrun as error:
            self._unanswered(speech, str(error))
            return
        if len(samples) > self._slots.slot_samples:
            self._unanswered(speech, f"it is longer than {self._slots.slot_samples} samples")
            return
        self._waiting.append((speech, speech.task(self._put(samples), len(samples))))

    def _ask_early(self) -> None:
        """Who has nothing to do may know already what is being said."""
        pipeline = self._pipeline
        if pipeline is None or not pipeline.takes_down or self._wake is None or self.waiting:
            return
        if self.worker.is_idle and (pause := self._early.pause(pipeline, self._manner)):
            wake, now = self._wake, self._clock()
            speech = Speech(wake, pause.start, pause.end, wake, now, is_over=False)
            self._line_up(speech, pipeline)
            self._send()

    @property
    def _manner(self) -> Manner:
        """Of one that takes long: what it was asked in vain would keep others waiting."""
        manner = self.worker.manner
        slow = self._took_s > _QUICK_S
        return msgspec.structs.replace(manner, repeatable=False) if slow else manner

    def _is_foreseen(self, speech: Speech) -> bool:
        """Whether this very sound was asked about before it was known that nobody says more."""
        foreseen, self._foreseen = self._foreseen, None
        if foreseen and foreseen[0].is_same(speech):
            self._tell(speech, foreseen[1])
            return True
        if self._working and self._working[0].is_same(speech):
            self._working = speech, self._working[1]
            return True
        return False

    def _put(self, samples: Samples) -> int:
        try:
            return self._slots.put(samples)
        except SlotsFull:
            self._give_up("too much was said since, and the recognizer is busy")
            return self._slots.put(samples)

    def _give_up(self, reason: str) -> None:
        speech, task = self._waiting.popleft()
        self._slots.free(task.slot)
        self._unanswered(speech, reason)

    def _give_up_late(self) -> None:
        latest = self._clock() - self._patience_s
        while self._waiting and self._waiting[0][0].ended_at < latest:
            self._give_up(f"no recognizer was free within {self._patience_s:g} s")

    def _send(self) -> None:
        if self._waiting and self.worker.is_idle and self.worker.send(self._waiting[0][1]):
            self._working, self._sent_at = self._waiting.popleft(), self._clock()

    def _answered(self, reply: Done | Refused | Died) -> None:
        if self._working is None:
            assert isinstance(reply, Died)
            self._died(None, reply.reason)
            return
        (speech, task), self._working = self._working, None
        self._slots.free(task.slot)
        if isinstance(reply, Died):
            # Of what is not over nothing is lost: it is asked about again when it is.
            self._died(speech if speech.is_over else None, reply.reason)
            return
        self._took_s = self._clock() - self._sent_at
        if speech.is_over or (isinstance(reply, Done) and self._ended_early(speech, reply.heard)):
            self._tell(speech, reply)
        else:
            self._foreseen = speech, reply

    def _tell(self, speech: Speech, reply: Done | Refused) -> None:
        if isinstance(reply, Refused):
            self._unanswered(speech, reply.reason)
            return
        took_ms = round((self._clock() - speech.ended_at) * 1_000, 1)
        make = answer(reply.heard, self._name, speech.wake.seq, speech.start, took_ms)
        self._told.append(Told(speech.end, make))

    def _ended_early(self, speech: Speech, heard: Heard) -> bool:
        """Whether what has paused is over by this answer; then its `speech.end` comes first."""
        if self._wake is not speech.wake or not self._pipeline:
            return False
        ended = self._early.ended(self._pipeline, self.worker.manner, heard)
        if ended is None:
            return False
        self._wake = None
        self._told.append(Told(ended.end, ended_told(ended)))
        return True

    def _unanswered(self, speech: Speech, reason: str) -> None:
        if not speech.is_over:
            return
        make = partial(
            events.Unanswered, recognizer=self._name, reason=reason, wake_seq=speech.wake.seq
        )
        self._told.append(Told(speech.end, make))

    def _died(self, speech: Speech | None, reason: str) -> None:
        make = partial(
            events.WorkerDied,
            recognizer=self._name,
            reason=reason,
            wake_seq=speech.wake.seq if speech else None,
        )
        now = self._pipeline.samples if self._pipeline else 0
        self._told.append(Told(speech.end if speech else now, make))
