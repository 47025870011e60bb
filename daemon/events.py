"""The events: one small struct each, JSON on the way out, a schema number on every one.

`sample` is the one clock: the index, at 16 kHz since the source opened, of what the event is about;
`time` is the wall time that this sample stands for. `seq` has no gaps within one run.
"""

from __future__ import annotations

from itertools import count
from typing import TypedDict

import msgspec

from .settings import Ending
from .source import SAMPLE_RATE_HZ

SCHEMA = 1


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """What every event carries."""

    seq: int
    schema: int = SCHEMA
    time: float
    sample: int
    source: str


class Ready(Event, frozen=True, kw_only=True, tag="ready"):
    """Listening has begun."""

    models: list[str]


class Wake(Event, frozen=True, kw_only=True, tag="wake"):
    """The word was heard; `sample` is where it was sure.

    `speaker` is there only where no more than some people may wake it.
    """

    keyword: str
    model: str
    score: float
    speaker: str | msgspec.UnsetType = msgspec.UNSET


class Stranger(Event, frozen=True, kw_only=True, tag="stranger"):
    """The word was heard, but from nobody who may wake it: nothing follows from it."""

    keyword: str
    model: str
    score: float
    likeness: float


class SpeechStart(Event, frozen=True, kw_only=True, tag="speech.start"):
    """Somebody speaks after the wake word; `sample` includes the sound just before."""


class SpeechEnd(Event, frozen=True, kw_only=True, tag="speech.end"):
    """The speech is in [start_sample, sample); `ending` says why it ended there.

    ``silence``: it fell silent; ``longest``: it went on for too long; ``nothing``: nothing was
    said; ``wake``: the wake word came again; ``end``: the sound was over.
    """

    start_sample: int
    duration_s: float
    ending: Ending


class Overflow(Event, frozen=True, kw_only=True, tag="overflow"):
    """Sound was lost on the way in: so many samples before `sample`."""

    lost_samples: int


class AudioLost(Event, frozen=True, kw_only=True, tag="audio.lost"):
    """The microphone is gone or silent to us; it is tried again."""

    reason: str


class AudioRestored(Event, frozen=True, kw_only=True, tag="audio.restored"):
    """The microphone is back."""

    lost_s: float


class Alternative(msgspec.Struct, frozen=True):
    """Another answer that a recognizer had in mind."""

    label: str
    confidence: float


class Word(msgspec.Struct, frozen=True):
    """A word of a transcript, and where it lies, in samples of the one clock."""

    text: str
    start_sample: int
    end_sample: int


class Answer(Event, frozen=True, kw_only=True):
    """What a recognizer made of the speech in [start_sample, sample).

    `wake_seq` is the `wake` that it belongs to; `took_ms` goes from the end of speech, as heard, to
    this answer. Nothing said and nothing understood are answers too.
    """

    wake_seq: int
    start_sample: int
    recognizer: str
    confidence: float
    took_ms: float


class Command(Answer, frozen=True, kw_only=True, tag="command"):
    """One of a model's commands; `_silence_` and `_unknown_` are labels too.

    Of a grammar's sentence `text` is what was said, and `slots` what was filled in.
    """

    label: str
    alternatives: list[Alternative] = []
    slots: dict[str, str] = {}
    text: str = ""


class Digits(Answer, frozen=True, kw_only=True, tag="digits"):
    """A string of digits, as in "427"; empty if none was understood."""

    text: str
    alternatives: list[Alternative] = []


class Transcript(Answer, frozen=True, kw_only=True, tag="transcript"):
    """What was said, as text; empty if nothing was understood."""

    text: str
    words: list[Word] = []


class Saved(Event, frozen=True, kw_only=True, tag="saved"):
    """What was said in [start_sample, sample) was kept, and not understood: `path` is the FLAC."""

    wake_seq: int
    start_sample: int
    path: str
    took_ms: float


class Unanswered(Event, frozen=True, kw_only=True, tag="unanswered"):
    """What was said after the wake `wake_seq` gets no answer; the recognizer goes on."""

    recognizer: str
    reason: str
    wake_seq: int


class WorkerDied(Event, frozen=True, kw_only=True, tag="worker.died"):
    """A recognizer's process died or hung and is replaced; the answer to `wake_seq` is lost."""

    recognizer: str
    reason: str
    wake_seq: int | None = None


class Heartbeat(Event, frozen=True, kw_only=True, tag="heartbeat"):
    """Still listening: what a late subscriber needs; `lost` while the microphone is gone."""

    models: list[str]
    muted: bool
    lost: bool
    heard_s: float
    wakes: int


class ConfigReloaded(Event, frozen=True, kw_only=True, tag="config.reloaded"):
    """The configuration was read again; with `error` the former one stays.

    `restart_needed_for` names what differs from what is in force and only a restart can change.
    """

    models: list[str]
    error: str = ""
    restart_needed_for: list[str] = []


class Muted(Event, frozen=True, kw_only=True, tag="muted"):
    """Somebody muted it, or let it listen again."""

    muted: bool


class Bye(Event, frozen=True, kw_only=True, tag="bye"):
    """The last event of a run."""

    reason: str


AnyEvent = (
    Ready
    | Wake
    | Stranger
    | SpeechStart
    | SpeechEnd
    | Command
    | Digits
    | Transcript
    | Saved
    | Unanswered
    | Overflow
    | AudioLost
    | AudioRestored
    | WorkerDied
    | Heartbeat
    | ConfigReloaded
    | Muted
    | Bye
)


class Stamped(TypedDict):
    """The fields that a stamp gives an event."""

    seq: int
    time: float
    sample: int
    source: str


class Stamp:
    """Numbers and dates the events of one source."""

    def __init__(self, source: str, opened_at: float) -> None:
        self.source = source
        self.opened_at = opened_at
        self._numbers = count()

    def at(self, sample: int) -> Stamped:
        """The fields that every event carries, for an event about `sample`."""
        return {
            "seq": next(self._numbers),
            "time": round(self.opened_at + sample / SAMPLE_RATE_HZ, 3),
            "sample": sample,
            "source": self.source,
        }


_ENCODER = msgspec.json.Encoder()
_DECODER: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode(event: Event) -> bytes:
    """One event as one line's worth of JSON, its kind first."""
    return _ENCODER.encode(event)


def decode(line: bytes) -> AnyEvent:
    """The event that `encode` wrote; raises `msgspec.DecodeError` for anything else."""
    return _DECODER.decode(line)
