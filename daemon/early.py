"""When a recognizer is asked before the silence is over that would end what is said.

One that knows single words is asked after a moment: a command is said, and if the answer is sure
and nobody has spoken since, it counts at once. Any that can be asked twice is asked a little later,
as soon as what it would be given at the end has been heard: nobody may say more, and then its
answer is there already.
"""

from __future__ import annotations

from .pipeline import Pipeline
from .recognizer import Heard, HeardCommand, Manner
from .recognizer_chain import is_understood
from .segmenter import Pause, SpeechEnded
from .settings import RecognizerSettings, SegmentSettings
from .source import samples_in


class Early:
    """Which pause is worth asking in, and whether what was answered holds."""

    def __init__(self, settings: RecognizerSettings, segment: SegmentSettings) -> None:
        self._early = samples_in(settings.early_s)
        # Not before all of it is there that would be handed on at the end.
        ahead_s = max(settings.ahead_s, segment.after_s) if settings.ahead_s else 0.0
        self._ahead = samples_in(ahead_s)
        self._sure = settings.early_confidence
        self._asked: Pause | None = None
        self._asked_after = 0

    def pause(self, pipeline: Pipeline, manner: Manner) -> Pause | None:
        """One that nobody has been asked in for as long; from now on somebody has."""
        points = (self._ahead * manner.repeatable, self._early * manner.answers_early)
        for least in points:
            pause = pipeline.segmenter.pause(least) if least else None
            if pause is None:
                continue
            if pause == self._asked and least <= self._asked_after:
                return None
            self._asked, self._asked_after = pause, least
            return pause
        return None

    def ended(self, pipeline: Pipeline, manner: Manner, heard: Heard) -> SpeechEnded | None:
        """What was said, if it is sure and that pause goes on: the segmenter is idle then."""
        asked = self._asked
        if asked is None or pipeline.segmenter.pause(1) != asked:
            return None
        if not (self._early and manner.answers_early and self._is_sure(heard)):
            return None
        pipeline.segmenter.reset()
        return SpeechEnded(asked.start, asked.end, "silence")

    def _is_sure(self, heard: Heard) -> bool:
        return (
            isinstance(heard, HeardCommand)
            and is_understood(heard)
            and heard.confidence >= self._sure
        )
