"""The recognizer that writes down what is said by our own network, letter by letter."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..models.bundle import find_bundle
from ..models.ctc import WordScores
from ..models.language_model import read_text
from ..models.transcriber import Transcriber, load_transcriber
from .commands_recognizer import share
from .events import Word
from .recognizer import About, Heard, HeardText, Manner
from .settings import RecognizerSettings
from .source import SAMPLE_RATE_HZ, Samples

DEFAULT = "asr-default"


class AsrRecognizer:
    """A `Recognizer`; with `recognizer.text`, sentences of one's own, it prefers their words."""

    nothing: Heard | None = HeardText(text="", confidence=0.0)
    manner = Manner(repeatable=True)

    def __init__(self, settings: RecognizerSettings) -> None:
        self._transcriber: Transcriber = load_transcriber(settings.model or DEFAULT)
        text = settings.text
        self._words: WordScores | None = read_text(Path(text).expanduser()) if text else None
        self.recognize(np.zeros(SAMPLE_RATE_HZ, np.int16))  # the first time is the slowest

    @staticmethod
    def check(settings: RecognizerSettings) -> None:
        """Whether the model is there, and the text one that words can be counted in."""
        find_bundle(settings.model or DEFAULT)
        if settings.text:
            read_text(Path(settings.text).expanduser())

    def recognize(self, samples: Samples, about: About | None = None) -> Heard:
        """The text, with a confidence, and where each word is."""
        heard = self._transcriber.transcribe(samples, self._words)
        words = [Word(word.text, word.start_sample, word.end_sample) for word in heard.words]
        return HeardText(text=heard.text, confidence=share(heard.confidence), words=words)
