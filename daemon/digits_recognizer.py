"""The recognizer that reads strings of digits, by a bundle of kind ``digits``."""

from __future__ import annotations

import numpy as np

from ..models.bundle import find_bundle
from ..models.digit_strings import DEFAULT, DigitReader, Sound, load_reader
from .commands_recognizer import of_full_scale, share
from .events import Alternative
from .recognizer import About, Heard, HeardDigits, Manner
from .settings import RecognizerSettings
from .source import SAMPLE_RATE_HZ, Samples

_OTHERS = 3


class DigitsRecognizer:
    """A `Recognizer`: "four two seven" is ``427``; an empty text where no digit was said."""

    nothing: Heard | None = HeardDigits(text="", confidence=0.0)
    manner = Manner(repeatable=True)

    def __init__(self, settings: RecognizerSettings) -> None:
        self._reader: DigitReader = load_reader(settings.model or DEFAULT)
        self.recognize(np.zeros(SAMPLE_RATE_HZ, np.int16))  # the first time is the slowest

    @staticmethod
    def check(settings: RecognizerSettings) -> None:
        """Whether the model is there."""
        find_bundle(settings.model or DEFAULT)

    def recognize(self, samples: Samples, about: About | None = None) -> Heard:
        """The whole string; of a single digit also what else it may have been."""
        sound = of_full_scale(samples)
        read = self._reader.read(sound)
        text = read.text.replace(" ", "")
        if not text:
            return HeardDigits(text="", confidence=0.0)
        others = self._others(sound, text) if len(text) == 1 else []
        return HeardDigits(text=text, confidence=share(read.confidence), alternatives=others)

    def _others(self, sound: Sound, text: str) -> list[Alternative]:
        ranked = [(label, p) for label, p in self._reader.rank(sound) if label != text]
        return [Alternative(label, round(share(p), 4)) for label, p in ranked[:_OTHERS]]
