"""The recognizer that knows the sentences of a file, and which of them was said."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..models.bundle import find_bundle
from ..models.errors import UsageError
from ..models.grammar import Grammar, Understood, read_grammar
from ..models.transcriber import Transcriber, load_transcriber
from .asr_recognizer import DEFAULT
from .commands_recognizer import share
from .events import Alternative
from .recognizer import About, Heard, HeardCommand
from .settings import RecognizerSettings
from .source import SAMPLE_RATE_HZ, Samples

UNKNOWN = "_unknown_"
_OTHERS = 2


class GrammarRecognizer:
    """A `Recognizer`: the sentence's label, its slots and its text; `_unknown_` for all else."""

    nothing: Heard | None = HeardCommand(label="_silence_", confidence=0.0)

    def __init__(self, settings: RecognizerSettings) -> None:
        self._grammar: Grammar = read_grammar(_file(settings))
        self._transcriber: Transcriber = load_transcriber(settings.model or DEFAULT)
        self._least = settings.least_confidence
        self.recognize(np.zeros(SAMPLE_RATE_HZ, np.int16))  # the first time is the slowest

    @staticmethod
    def check(settings: RecognizerSettings) -> None:
        """Whether the model is there, and the file a grammar without a mistake."""
        read_grammar(_file(settings))
        find_bundle(settings.model or DEFAULT)

    def recognize(self, samples: Samples, about: About | None = None) -> Heard:
        """The likeliest sentence, if it is likely at all, and the next ones."""
        heard = self._transcriber.hear(samples)
        found = self._grammar.understand(heard, alternatives=_OTHERS)
        if found is None:
            return HeardCommand(label=UNKNOWN, confidence=1.0)
        if found.confidence < self._least:
            return HeardCommand(
                label=UNKNOWN,
                confidence=share(1.0 - found.confidence),
                alternatives=[_told(one) for one in (found, *found.alternatives)],
            )
        return HeardCommand(
            label=found.label,
            confidence=share(found.confidence),
            alternatives=[_told(one) for one in found.alternatives],
            slots=found.slots,
            text=found.text,
        )


def _told(found: Understood) -> Alternative:
    """By its text: several ways of one label may be alternatives of each other."""
    return Alternative(found.text, round(share(found.confidence), 4))


def _file(settings: RecognizerSettings) -> Path:
    if not settings.grammar:
        raise UsageError(
            "recognizer.grammar: name a file of sentences, as in "
            "turn (on|off){state} the <room>{room} light"
        )
    return Path(settings.grammar).expanduser()
