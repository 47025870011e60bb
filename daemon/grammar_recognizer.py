"""The recognizer that knows the sentences of a file, and which of them was said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..models.bundle import find_bundle, shipped_models
from ..models.errors import UsageError
from ..models.grammar import Grammar, Understood, read_grammar
from ..models.labels import SILENCE, UNKNOWN
from ..models.transcriber import load_transcriber
from ..models.whisper import find_weights, load_whisper
from .commands_recognizer import share
from .events import Alternative
from .recognizer import About, Heard, HeardCommand, Manner
from .settings import RecognizerSettings
from .source import SAMPLE_RATE_HZ, Samples
from .whisper_recognizer import most_threads

Understand = Callable[[Samples], Understood | None]

_INAUDIBLE = 20
"""Where nothing is louder, whisper hears what it likes best; speech is twenty times as loud."""

_OTHERS = 2


class GrammarRecognizer:
    """A `Recognizer`: the sentence's label, its slots and its text; `_unknown_` for all else.

    By whisper, kept to the grammar and helped by the letters that its encoder gives; or by a
    network of kind ``asr``, where `recognizer.model` names one.
    """

    nothing: Heard | None = HeardCommand(label=SILENCE, confidence=0.0)
    manner = Manner(repeatable=True)

    def __init__(self, settings: RecognizerSettings) -> None:
        grammar = read_grammar(_file(settings))
        by = _by_letters if _is_bundle(settings.model) else _by_whisper
        self._understand = by(grammar, settings)
        self._least = settings.least_confidence
        self.recognize(np.zeros(SAMPLE_RATE_HZ, np.int16))  # the first time is the slowest

    @staticmethod
    def check(settings: RecognizerSettings) -> None:
        """Whether a file is named, and the model is there; `recognizer.check` reads the file."""
        _file(settings)
        if _is_bundle(settings.model):
            find_bundle(settings.model)
        else:
            find_weights(settings.model)

    def recognize(self, samples: Samples, about: About | None = None) -> Heard:
        """The likeliest sentence, if it is likely at all, and the next ones."""
        if np.abs(samples.astype(np.int32)).max(initial=0) <= _INAUDIBLE:
            return HeardCommand(label=SILENCE, confidence=1.0)
        found = self._understand(samples)
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


def _is_bundle(model: str) -> bool:
    return model.endswith((".json", ".tflite")) or model in shipped_models("asr")


def _by_letters(grammar: Grammar, settings: RecognizerSettings) -> Understand:
    transcriber = load_transcriber(settings.model)
    return lambda samples: grammar.understand(transcriber.hear(samples), alternatives=_OTHERS)


def _by_whisper(grammar: Grammar, settings: RecognizerSettings) -> Understand:
    from ..models.grammar_whisper import WhisperGrammar
    from ..models.whisper_letters import load_head

    whisper = load_whisper(find_weights(settings.model), most_threads())
    # The letters were read off the weights that the extra brings, and off no others.
    return WhisperGrammar(grammar, whisper, None if settings.model else load_head()).understand


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
