"""The recognizer that sorts what is said into a few words, by a bundle of kind ``commands``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..models.bundle import find_bundle
from ..models.classifier import Classifier, Ranked, load_classifier
from ..models.labels import SILENCE
from .events import Alternative
from .recognizer import About, Heard, HeardCommand, Manner
from .settings import RecognizerSettings
from .source import SAMPLE_RATE_HZ, Samples

DEFAULT = "commands-default"
_OTHERS = 3


class CommandsRecognizer:
    """A `Recognizer`; `_unknown_` and `_silence_` are among what it may answer."""

    nothing: Heard | None = HeardCommand(label=SILENCE, confidence=0.0)
    manner = Manner(answers_early=True, repeatable=True)

    def __init__(self, settings: RecognizerSettings) -> None:
        self._classifier: Classifier = load_classifier(settings.model or DEFAULT)
        self.recognize(np.zeros(SAMPLE_RATE_HZ, np.int16))  # the first time is the slowest

    @staticmethod
    def check(settings: RecognizerSettings) -> None:
        """Whether the model is there."""
        find_bundle(settings.model or DEFAULT)

    def recognize(self, samples: Samples, about: About | None = None) -> Heard:
        """The likeliest label, and the next ones."""
        best, *others = self._classifier.hear(of_full_scale(samples))
        return HeardCommand(
            label=best.label,
            confidence=share(best.confidence),
            alternatives=[_told(other) for other in others[:_OTHERS]],
        )


def of_full_scale(samples: Samples) -> npt.NDArray[np.float32]:
    """As float32 between -1 and 1."""
    sound = samples.astype(np.float32)
    sound /= 32_768
    return sound


def share(confidence: float) -> float:
    """Within 0 and 1, of what arithmetic may have brought a hair beyond."""
    return min(1.0, max(0.0, confidence))


def _told(ranked: Ranked) -> Alternative:
    return Alternative(ranked.label, round(share(ranked.confidence), 4))
