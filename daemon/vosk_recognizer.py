"""The recognizer that writes down what is said by Vosk, with a model from a folder."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

from ..models.errors import UsageError, WakefulError
from .events import Word
from .recognizer import About, Heard, HeardText, Manner
from .settings import RecognizerSettings
from .source import SAMPLE_RATE_HZ, Samples

_ACOUSTIC = ("am/final.mdl", "final.mdl")
"""Where a model has its network: newer ones, and the smallest ones."""


class VoskError(WakefulError):
    """It can't be loaded."""


class VoskRecognizer:
    """A `Recognizer`; the model may be of any language."""

    nothing: Heard | None = HeardText(text="", confidence=0.0)
    manner = Manner(repeatable=True)

    def __init__(self, settings: RecognizerSettings) -> None:
        self.check(settings)
        import vosk

        vosk.SetLogLevel(-1)
        folder = str(_folder(settings))
        try:
            self._model = vosk.Model(model_path=folder)
        except Exception as error:
            raise VoskError(f"{folder}: vosk can't load it: {error}") from error

    @staticmethod
    def check(settings: RecognizerSettings) -> None:
        """Whether the package is there, and a folder that looks like a model."""
        if importlib.util.find_spec("vosk") is None:
            raise VoskError("vosk is not installed: pip install 'wakeful[vosk]'")
        if not settings.model:
            raise UsageError("recognizer.model: vosk needs the folder of a model")
        folder = _folder(settings)
        if not any((folder / name).is_file() for name in _ACOUSTIC):
            raise VoskError(f"{folder}: holds no vosk model ({_ACOUSTIC[0]})")

    def recognize(self, samples: Samples, about: About | None = None) -> Heard:
        """The text, with the mean of its words' confidences, and where each word is."""
        import vosk

        recognizer = vosk.KaldiRecognizer(self._model, SAMPLE_RATE_HZ)
        recognizer.SetWords(True)
        words = []
        if recognizer.AcceptWaveform(samples.tobytes()):
            words += _words(recognizer.Result())
        return _heard(words + _words(recognizer.FinalResult()))


def _folder(settings: RecognizerSettings) -> Path:
    return Path(settings.model).expanduser()


def _words(result: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(result).get("result", [])
    return found


def _heard(words: list[dict[str, Any]]) -> HeardText:
    if not words:
        return HeardText(text="", confidence=0.0)
    return HeardText(
        text=" ".join(word["word"] for word in words),
        confidence=min(1.0, max(0.0, sum(word["conf"] for word in words) / len(words))),
        words=[_placed(word) for word in words],
    )


def _placed(word: dict[str, Any]) -> Word:
    start, end = (round(word[key] * SAMPLE_RATE_HZ) for key in ("start", "end"))
    return Word(word["word"], start, end)
