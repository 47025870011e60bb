"""A grammar over a recognizer that writes: what it wrote becomes the sentence that was meant."""

from __future__ import annotations

from pathlib import Path

from ..models.grammar import read_grammar
from ..models.letters import LettersError
from .recognizer import About, Heard, HeardCommand, HeardText, Recognizer, manner_of
from .settings import RecognizerSettings
from .source import Samples


class GrammarOverText:
    """A `Recognizer` around another one. What is none of the sentences stays a text.

    Raises `GrammarError` for a file that holds none.
    """

    def __init__(self, settings: RecognizerSettings, inner: Recognizer) -> None:
        self._grammar = read_grammar(Path(settings.grammar).expanduser())
        self._inner, self._least = inner, settings.least_confidence
        self.nothing: Heard | None = inner.nothing
        self.manner = manner_of(inner)

    @staticmethod
    def check(settings: RecognizerSettings) -> None:
        """Whether the file is a grammar without a mistake."""
        read_grammar(Path(settings.grammar).expanduser())

    def recognize(self, samples: Samples, about: About | None = None) -> Heard:
        """A `HeardCommand` with its slots, or what the other one heard."""
        heard = self._inner.recognize(samples, about or About())
        return self._meant(heard) if isinstance(heard, HeardText) else heard

    def _meant(self, heard: HeardText) -> Heard:
        try:
            found = self._grammar.nearest(heard.text)
        except LettersError:  # another script: of no sentence of ours
            return heard
        if found is None or found.confidence < self._least:
            return heard
        return HeardCommand(
            label=found.label,
            confidence=min(1.0, heard.confidence * found.confidence),
            slots=found.slots,
            text=found.text,
        )
