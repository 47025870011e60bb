"""The companion that tells of a microphone gone mute, and of its sounding again.

It is told and nothing else is done: the sound is read on, nothing is reset and the device stays
open. Zeros are what a mute button gives, and a noise suppressor between two sentences; opening the
device anew would bring neither back, only blink at the user every few seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from .companion import Told
from .events import AudioLost, AudioRestored, Event, Muted
from .pipeline import Pipeline
from .source import SAMPLE_RATE_HZ
from .stillness import Stillness

ONLY_SILENCE = "gives only silence: muted? (wakeful doctor shows the level)"


class MutedWatch:
    """A companion; silent about whatever is no microphone."""

    def __init__(self) -> None:
        self._stillness = Stillness()
        self._position = 0
        self._is_microphone = self._by_request = False
        self._muted_from: int | None = None
        self._told: list[Told] = []

    @property
    def is_muted(self) -> bool:
        """Whether it has been told so and has not sounded since."""
        return self._muted_from is not None

    def event(self, event: Event) -> None:
        """Sound begins anew where the microphone was lost or came back; only one can be muted."""
        if isinstance(event, Muted):
            self._by_request = event.muted
        self._is_microphone = event.source.startswith("mic:")
        if isinstance(event, AudioLost) and event.reason != ONLY_SILENCE:
            self._stillness.reset()
            self._muted_from = None
            self._told.clear()

    def heard(self, pipeline: Pipeline) -> None:
        """Look at what has come since the last call, as far as the ring still has it."""
        if not self._is_microphone:
            return
        end = pipeline.samples
        start = max(self._position, pipeline.ring.oldest)
        self._position = end
        if self._by_request:
            return  # What is told then is that.
        self._stillness.feed(pipeline.audio(start, end))
        self._tell(end)

    def _tell(self, end: int) -> None:
        if self._stillness.is_muted and self._muted_from is None:
            self._muted_from = end - self._stillness.count
            self._say(end, partial(AudioLost, reason=ONLY_SILENCE))
        elif self._muted_from is not None and not self._stillness.is_still:
            lost_s = round((end - self._muted_from) / SAMPLE_RATE_HZ, 3)
            self._muted_from = None
            self._say(end, partial(AudioRestored, lost_s=lost_s))

    def _say(self, sample: int, make: Callable[..., Event]) -> None:
        self._told.append(Told(sample, make))

    def idle(self) -> None:
        """There is no sound to look at."""

    def told(self) -> list[Told]:
        """What has to be told since the last call."""
        told, self._told = self._told, []
        return told

    def close(self) -> None:
        """There is nothing to give back."""
