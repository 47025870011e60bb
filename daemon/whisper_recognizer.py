"""The recognizer that writes down what is said: whisper, on this machine's processor."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from ..models.errors import UsageError
from ..models.whisper import find_weights, load_whisper
from .events import Word
from .recognizer import About, Heard, HeardText, Manner
from .settings import RecognizerSettings
from .source import SAMPLE_RATE_HZ, Samples

_MOST_THREADS = 4
"""More of them win nothing on the small models."""

_AROUND = np.zeros(SAMPLE_RATE_HZ // 2, np.float32)
"""A word that begins at the first sample is often not heard."""

_NO_SPEECH = 0.65
"""Whisper invents a "you" or a "beep beep" where nobody speaks, and knows as much: of tiny.en, hiss
and tones are at 0.72 and more, commands of one word at 5 dB above noise at 0.59 and less."""


class WhisperRecognizer:
    """A `Recognizer`: one try, the likeliest words, so that the same speech has the same text."""

    nothing: Heard | None = HeardText(text="", confidence=0.0)
    manner = Manner(repeatable=True)

    def __init__(self, settings: RecognizerSettings) -> None:
        self._model = load_whisper(find_weights(settings.model), most_threads())
        self._language = settings.language or None
        if not self._model.model.is_multilingual and settings.language not in {"", "en"}:
            raise UsageError(
                f"recognizer.language {settings.language!r}: these weights know English alone; "
                "name others with recognizer.model"
            )
        self.recognize(np.zeros(SAMPLE_RATE_HZ, np.int16))  # the first time is the slowest

    @staticmethod
    def check(settings: RecognizerSettings) -> None:
        """Whether the package and the weights are there."""
        find_weights(settings.model)

    def recognize(self, samples: Samples, about: About | None = None) -> Heard:
        """The text, with a confidence, and where each word is."""
        pieces = self._pieces(np.concatenate([_AROUND, samples / np.float32(32_768), _AROUND]))
        words = [word for piece in pieces for word in piece.words or ()]
        if not words:
            return HeardText(text="", confidence=0.0)
        return HeardText(
            text=" ".join(piece.text.strip() for piece in pieces),
            confidence=_confidence(words),
            words=[_placed(word, len(samples)) for word in words],
        )

    def _pieces(self, sound: Any) -> list[Any]:
        pieces, _ = self._model.transcribe(
            sound,
            language=self._language,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        return [piece for piece in pieces if piece.no_speech_prob < _NO_SPEECH]


def most_threads() -> int:
    """As many as are of use to it here."""
    return min(_MOST_THREADS, len(os.sched_getaffinity(0)))


def _confidence(words: list[Any]) -> float:
    """The mean of the words' probabilities, as factors."""
    logs = [math.log(max(word.probability, 1e-6)) for word in words]
    return float(min(1.0, math.exp(sum(logs) / len(logs))))


def _placed(word: Any, samples: int) -> Word:
    """In samples of the speech, without the silence that was put around it."""
    start, end = (
        min(samples, max(0, round(at_s * SAMPLE_RATE_HZ) - len(_AROUND)))
        for at_s in (word.start, word.end)
    )
    return Word(word.word.strip(), start, end)
