"""Many streams in one process: satellites in many rooms, or the files of an archive.

Each stream is a `Pipeline` of its own, with its gate, its detectors and its clock, and gives the
events that it would give alone, to the bit. Only what costs most is done for all of them together:
the blocks that their gates let through go through front end and networks by the batch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from ..models.errors import WakefulError
from ..models.frontend import Frames, Past
from ..models.many import (
    ManyFrontEnd,
    ManyFrontEndState,
    ManyTriggers,
    ManyTriggerState,
    rows_of,
)
from ..models.runtime import TriggerModel
from .events import Event, Stamp
from .pipeline import Pipeline
from .settings import Settings
from .source import SAMPLE_RATE_HZ, Samples

RING_S = 2.0
"""How much past sound a stream keeps: what waking needs, and a little. A daemon keeps more, for
recognizers."""


class NoPlaceError(WakefulError):
    """As many streams are open as there are places."""


@dataclass(frozen=True)
class _FeaturesRow:
    """One stream's place in a front end of many; the part of its state that a pipeline asks for."""

    states: ManyFrontEndState
    number: int

    def reset(self) -> None:
        """This stream is fresh."""
        self.states.reset(self.number)

    @property
    def past(self) -> Past:
        """What its next block is heard with."""
        return self.states.past(self.number)


@dataclass(frozen=True)
class _TriggerRow:
    """The same of a network, for an ear."""

    states: ManyTriggerState
    number: int

    def reset(self) -> None:
        """This stream is fresh."""
        self.states.reset(self.number)

    @property
    def buffers(self) -> list[Frames]:
        """What it remembers."""
        return self.states.of(self.number)


class _Line(Pipeline):
    """A pipeline that says which blocks it wants heard, and is told what was heard in them."""

    def __init__(
        self,
        settings: Settings,
        models: Sequence[TriggerModel],
        stamp: Stamp,
        features: _FeaturesRow,
        rows: Sequence[_TriggerRow],
    ) -> None:
        super().__init__(settings, models, stamp)
        self.row = features.number
        self.due: deque[tuple[int, Samples]] = deque()
        self.events: list[Event] = []
        self._voiced = False
        # All that a pipeline asks of its features' state is a reset, and the past.
        self._features = features  # type: ignore[assignment]
        for ear, row in zip(self._ears, rows, strict=True):
            ear.share(row)

    def begin(self, samples: Samples) -> bool:
        """Whether a block has become whole; then what is to be heard of it is due."""
        if not self._take(samples, self.events):
            return False
        self._voiced = self._listen(self._next, self.events)
        return True

    def finish(self) -> None:
        """All that was due has been heard: the block is over."""
        self._voice(self._next, self._voiced, self.events)
        self._go_on()

    def take_in(self, block: int, probabilities: Sequence[Frames]) -> None:
        """What each network made of a block that was due."""
        for ear, found in zip(self._ears, probabilities, strict=True):
            for heard in ear.take_in(block, found):
                self._wake(heard, self.events)

    def _hear(self, number: int, block: Samples, events: list[Event]) -> None:
        self.due.append((number, block))

    def end(self, at: int) -> None:
        """The sound is over at sample `at`, and all blocks have been looked at."""
        self._segment(self.own_sound.settle(), self.events)
        self._emit(self.segmenter.finish(at), self.events)

    def taken(self) -> list[Event]:
        """The events since the last time."""
        events, self.events = self.events, []
        return events


class ManyStreams:
    """Up to `places` streams over shared models; not for two threads at once."""

    def __init__(
        self,
        settings: Settings,
        models: Sequence[TriggerModel],
        places: int,
        ring_s: float = RING_S,
    ) -> None:
        least_s = settings.gate.before_s + 1.0
        audio = msgspec.structs.replace(settings.audio, ring_s=max(ring_s, least_s))
        self._settings = msgspec.structs.replace(settings, audio=audio)
        self._models = list(models)
        config = models[0].bundle.frontend
        self._block = config.block_samples
        self._frontend = ManyFrontEnd(config)
        self._triggers = [ManyTriggers(model) for model in models]
        self._features = self._frontend.new_state(places)
        self._states = [trigger.new_state(places) for trigger in self._triggers]
        self._free = list(range(places))[::-1]
        self._lines: dict[int, _Line] = {}

    @property
    def has_place(self) -> bool:
        """Whether one more can be opened."""
        return bool(self._free)

    def heard_s(self, stream: int) -> float:
        """How much sound it has been fed."""
        return self._lines[stream].samples / SAMPLE_RATE_HZ

    def open(self, stamp: Stamp) -> int:
        """A fresh stream; returns its number. Raises `NoPlaceError`."""
        if not self._free:
            raise NoPlaceError(
                f"streams: all {len(self._lines)} places are taken; close one or ask for more"
            )
        row = self._free.pop()
        features = _FeaturesRow(self._features, row)
        rows = [_TriggerRow(states, row) for states in self._states]
        features.reset()
        for one in rows:
            one.reset()
        self._lines[row] = _Line(self._settings, self._models, stamp, features, rows)
        return row

    def close(self, stream: int) -> list[Event]:
        """Its sound is over: looks at the last, incomplete block and gives its place free."""
        line = self._lines[stream]
        end, missing = line.samples, -line.samples % self._block
        # As `Pipeline.flush` does it; but a block is heard here, with the others' states.
        events = self.feed({stream: np.zeros(missing, np.int16)}).get(stream, []) if missing else []
        line.end(end)
        del self._lines[stream]
        self._free.append(stream)
        return events + line.taken()

    def feed(self, sound: Mapping[int, Samples]) -> dict[int, list[Event]]:
        """Any amount of sound for any streams; returns the events of those that had some."""
        left = [(self._lines[stream], samples) for stream, samples in sound.items()]
        while left:
            begun, more = [], []
            for line, samples in left:
                taken = line.samples_to_look
                if line.begin(samples[:taken]):
                    begun.append(line)
                if len(samples) > taken:
                    more.append((line, samples[taken:]))
            self._hear(begun)
            left = more
        found = {stream: self._lines[stream].taken() for stream in sound}
        return {stream: events for stream, events in found.items() if events}

    def _hear(self, lines: Sequence[_Line]) -> None:
        """Every block that is due, of all lines that have one at a time; then the blocks end."""
        while due := [line for line in lines if line.due]:
            heard = [line.due.popleft() for line in due]
            rows = rows_of([line.row for line in due])
            blocks = np.stack([block for _, block in heard])
            frames = self._frontend.step(self._features, rows, blocks)
            found = [
                trigger.step(state, rows, frames)
                for trigger, state in zip(self._triggers, self._states, strict=True)
            ]
            for n, (line, (number, _)) in enumerate(zip(due, heard, strict=True)):
                line.take_in(number, [probabilities[n] for probabilities in found])
        for line in lines:
            line.finish()
