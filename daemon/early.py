"""An answer before the silence is over that would end what is said: where it can't be another one.

A command is one word. Who has said it and is silent for a moment has said all; the rest
of the silence is waited for only where the recognizer is not sure. It is asked once in each pause,
and its answer counts if nobody has spoken since.
"""

from __future__ import annotations

import math

from .pipeline import Pipeline
from .recognizer import Heard, HeardCommand
from .recognizer_chain import is_understood
from .segmenter import Pause, SpeechEnded
from .settings import RecognizerSettings
from .source import SAMPLE_RATE_HZ


class Early:
    """Which pause is worth asking in, and whether what was answered holds."""

    def __init__(self, settings: RecognizerSettings) -> None:
        self._is_on = settings.early_s > 0
        self._least = math.ceil(settings.early_s * SAMPLE_RATE_HZ)
        self._sure = settings.early_confidence
        self._asked: Pause | None = None

    def pause(self, pipeline: Pipeline) -> Pause | None:
        """One in which nobody has been asked yet; from now on somebody has."""
        pause = pipeline.segmenter.pause(self._least) if self._is_on else None
        if pause is None or pause == self._asked:
            return None
        self._asked = pause
        return pause

    def ended(self, pipeline: Pipeline, heard: Heard) -> SpeechEnded | None:
        """What was said, if it is sure and that pause goes on: the segmenter is idle then."""
        asked = self._asked
        if asked is None or pipeline.segmenter.pause(self._least) != asked:
            return None
        if not self._is_sure(heard):
            return None
        pipeline.segmenter.reset()
        return SpeechEnded(asked.start, asked.end, "silence")

    def _is_sure(self, heard: Heard) -> bool:
        return (
            isinstance(heard, HeardCommand)
            and is_understood(heard)
            and heard.confidence >= self._sure
        )
