"""Several recognizers as one: each is asked in turn until one understands."""

from __future__ import annotations

import msgspec

from ..models.errors import UsageError
from ..models.labels import SILENCE, UNKNOWN
from .recognizer import (
    About,
    Heard,
    HeardCommand,
    HeardSound,
    Manner,
    Recognizer,
    RecognizerError,
    check,
    load_recognizer,
    manner_of,
)
from .settings import RecognizerSettings
from .source import Samples

NOT_UNDERSTOOD = {UNKNOWN, SILENCE, ""}


class RecognizerChain:
    """A `Recognizer` by a list of kinds, as in ``commands,digits,whisper``.

    A kind may bring its own model, as in ``commands=mine.json``; `recognizer.model` is then for
    those that name none. The last one's answer is told where none understands.
    """

    nothing: Heard | None

    def __init__(self, settings: RecognizerSettings) -> None:
        self._links: list[Recognizer] = [load_recognizer(s) for s in links(settings)]
        self.nothing = self._links[0].nothing
        manners = [manner_of(link) for link in self._links]
        self.manner = Manner(
            answers_early=all(m.answers_early for m in manners),
            repeatable=all(m.repeatable for m in manners),
        )

    @staticmethod
    def check(settings: RecognizerSettings) -> None:
        """Every one of them."""
        for link in links(settings):
            check(link)

    def recognize(self, samples: Samples, about: About | None = None) -> Heard:
        """The first answer that is one; raises `RecognizerError` where the last one does."""
        about = about or About()
        for link in self._links[:-1]:
            try:
                heard = link.recognize(samples, about)
            except RecognizerError:
                continue
            if is_understood(heard):
                return heard
        return self._links[-1].recognize(samples, about)


def is_understood(heard: Heard) -> bool:
    """Whether it says what was meant; what was only kept was not understood."""
    if isinstance(heard, HeardSound):
        return False
    said = heard.label if isinstance(heard, HeardCommand) else heard.text
    return said not in NOT_UNDERSTOOD


def links(settings: RecognizerSettings) -> list[RecognizerSettings]:
    """The settings of each kind; raises `UsageError`."""
    found = []
    for text in settings.kind.split(","):
        kind, _, model = text.strip().partition("=")
        if not kind or kind == "none":
            raise UsageError(f"recognizer.kind {settings.kind!r}: {kind!r} is no recognizer")
        given = {"kind": kind} | ({"model": model} if model else {})
        found.append(msgspec.structs.replace(settings, **given))
    return found
