"""What is said after the wake word: where it starts, where it ends, or that nothing was said.

Every wake is followed by exactly one `SpeechEnded`; a `SpeechStarted` comes between them if
something was said. Works on one voiced-or-not a block; the sound itself stays in the ring.
Who knows earlier that all has been said looks at `pause` and calls `reset`: `early.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .settings import Ending, SegmentSettings
from .source import samples_in

_SURE_BLOCKS = 2
"""So many voiced blocks in a row are somebody speaking; one may be a click."""


@dataclass(frozen=True)
class SpeechStarted:
    """Somebody goes on speaking: `start` (with the pre-roll) is where recognizers begin."""

    start: int


@dataclass(frozen=True)
class SpeechEnded:
    """The speech is in samples [start, end); empty when nothing was said."""

    start: int
    end: int
    ending: Ending


Boundary = SpeechStarted | SpeechEnded


@dataclass(frozen=True)
class Pause:
    """Silence within speech, or after it: nobody knows yet.

    Up to `end` goes what would be handed on if it were over; a later look at it is the same pause.
    """

    start: int
    since: int
    end: int = field(compare=False)


class Segmenter:
    """Idle until `wake`; then fed one block at a time until it has said `SpeechEnded`."""

    def __init__(self, settings: SegmentSettings, block_samples: int) -> None:
        self._block = block_samples
        self._before, self._after = samples_in(settings.before_s), samples_in(settings.after_s)
        self._tail, self._wait = samples_in(settings.tail_s), samples_in(settings.start_within_s)
        self._silence, self._longest = (
            samples_in(settings.end_silence_s),
            samples_in(settings.longest_s),
        )
        self.reset()

    def reset(self) -> None:
        """Idle, whatever was going on."""
        self.is_active = False
        self._woken = 0
        self._start: int | None = None
        self._run = 0
        self._last_voice = self._heard = 0

    def wake(self, sample: int) -> list[Boundary]:
        """The wake word ended about `sample`. Ends what an earlier wake had begun."""
        ended = self._end(sample, "wake") if self.is_active else []
        self.reset()
        self.is_active = True
        self._woken = self._last_voice = sample
        return ended

    def feed(self, block_start: int, voiced: bool) -> list[Boundary]:
        """The block that begins at sample `block_start`."""
        block_end = block_start + self._block
        if not self.is_active or block_end <= self._woken:
            return []
        self._heard = block_end
        self._run = self._run + 1 if voiced else 0
        if voiced:
            self._last_voice = block_end
        if self._start is None:
            return self._waiting(block_end)
        if block_end - self._start >= self._longest:
            return self._end(block_end, "longest")
        if block_end - self._last_voice >= self._silence:
            return self._end(self._last_voice + self._after, "silence")
        return []

    def _waiting(self, block_end: int) -> list[Boundary]:
        """Voice that lasts beyond the wake word's own tail is speech, from where it began."""
        if self._run >= _SURE_BLOCKS and block_end > self._woken + self._tail:
            onset = max(self._woken, block_end - self._run * self._block)
            self._start = max(0, onset - self._before)
            return [SpeechStarted(self._start)]
        if block_end - self._woken >= self._wait:
            return self._end(block_end, "nothing")
        return []

    def pause(self, least: int) -> Pause | None:
        """Where somebody has spoken and been silent for so many samples."""
        if self._start is None or self._heard - self._last_voice < least:
            return None
        return Pause(
            self._start, self._last_voice, min(self._heard, self._last_voice + self._after)
        )

    def finish(self, sample: int) -> list[Boundary]:
        """The sound is over at `sample`."""
        return self._end(sample, "end") if self.is_active else []

    def _end(self, sample: int, ending: Ending) -> list[Boundary]:
        start = sample if self._start is None else self._start
        self.is_active = False
        self._start = None
        return [SpeechEnded(start, max(start, sample), ending)]
