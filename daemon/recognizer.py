"""What a recognizer is, what it may answer, and the one table of those that there are.

Light to import: each recognizer is imported when it is wanted, in the process where it works.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Annotated, NamedTuple, Protocol

import msgspec
from msgspec import Meta

from ..models.errors import UsageError, WakefulError
from .events import Alternative, Word
from .settings import RecognizerSettings
from .source import Samples

Confidence = Annotated[float, Meta(ge=0, le=1)]


class RecognizerError(WakefulError):
    """This speech gets no answer; the recognizer goes on with the next."""


class HeardCommand(msgspec.Struct, frozen=True, kw_only=True, tag_field="heard", tag="command"):
    """One of a model's commands; `_silence_` and `_unknown_` are labels too."""

    label: str
    confidence: Confidence
    alternatives: list[Alternative] = []
    slots: dict[str, str] = {}
    text: str = ""


class HeardDigits(msgspec.Struct, frozen=True, kw_only=True, tag_field="heard", tag="digits"):
    """A string of digits; empty, with confidence 0, where none was understood."""

    text: str
    confidence: Confidence
    alternatives: list[Alternative] = []


class HeardText(msgspec.Struct, frozen=True, kw_only=True, tag_field="heard", tag="transcript"):
    """What was said; `words` counts samples from the beginning of what was given."""

    text: str
    confidence: Confidence
    alternatives: list[Alternative] = []
    words: list[Word] = []


class HeardSound(msgspec.Struct, frozen=True, kw_only=True, tag_field="heard", tag="saved"):
    """It was kept and not understood: where it lies."""

    path: str


Heard = HeardCommand | HeardDigits | HeardText | HeardSound


class About(msgspec.Struct, frozen=True, kw_only=True):
    """Where the speech comes from; `time` is the wall time of its first sample."""

    source: str = ""
    time: float = 0.0
    start_sample: int = 0
    keyword: str = ""
    wake_seq: int | None = None


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How a recognizer may be asked before it is sure that all has been said."""

    answers_early: bool = False
    """It knows single words: one that it is sure of in a short silence is the answer."""
    repeatable: bool = False
    """It does nothing but answer: to ask it in vain costs its time alone."""


class Recognizer(Protocol):
    """Made of its settings, it is loaded and warm: its first answer is as quick as its last.

    `__init__` and `check` raise a `WakefulError` for what the user can mend.
    """

    nothing: Heard | None
    """The answer where nobody spoke; None for "no answer".

    One that has a `manner` too may be asked before all is surely said.
    """

    def __init__(self, settings: RecognizerSettings) -> None:
        """Load what there is to load."""

    @staticmethod
    def check(settings: RecognizerSettings) -> None:
        """What can be known before anything is loaded: missing packages, folders, models."""

    def recognize(self, samples: Samples, about: About = ...) -> Heard:
        """What is said in 16 kHz mono; `samples` may be kept no longer than the call.

        Raises `RecognizerError` for speech that it can do nothing with.
        """


def manner_of(recognizer: Recognizer) -> Manner:
    """Its own; one's own recognizer may know nothing of this."""
    manner: Manner = getattr(recognizer, "manner", Manner())
    return manner


class Kind(NamedTuple):
    """Where a recognizer is, and what it does in a few words."""

    where: str
    summary: str


KINDS = {
    "commands": Kind(".commands_recognizer:CommandsRecognizer", "sorts it into a few words"),
    "digits": Kind(".digits_recognizer:DigitsRecognizer", "reads strings of digits"),
    "grammar": Kind(".grammar_recognizer:GrammarRecognizer", "knows the sentences of a file"),
    "asr": Kind(".asr_recognizer:AsrRecognizer", "writes it down, by our own small network"),
    "save": Kind(".save_recognizer:SaveRecognizer", "keeps what is said as FLAC in a folder"),
    "whisper": Kind(".whisper_recognizer:WhisperRecognizer", "writes down what is said ([asr])"),
    "vosk": Kind(".vosk_recognizer:VoskRecognizer", "the same by Vosk ([vosk])"),
    "wyoming": Kind(".wyoming_recognizer:WyomingRecognizer", "asks a service ([wyoming])"),
}
"""Each kind that settings and `wakeful recognize` know. A new one is a file and a row here."""

_CHAIN = ".recognizer_chain:RecognizerChain"


def recognizer_class(kind: str) -> type[Recognizer]:
    """The class of a kind, or of one's own as in ``my_package.my_module:MyRecognizer``.

    Several with commas between them, or one with its model as in ``commands=mine``, are a chain.
    Raises `UsageError`.
    """
    if _is_chain(kind):
        return _imported(_CHAIN, __package__)
    if kind in KINDS:
        return _imported(KINDS[kind].where, __package__)
    if ":" not in kind:
        known = ", ".join(["none", *KINDS])
        raise UsageError(f"recognizer.kind: there is no {kind!r}; there are {known}")
    try:
        return _imported(kind, None)
    except (ImportError, AttributeError) as error:
        raise UsageError(f"recognizer.kind {kind!r} can't be imported: {error}") from error


def _is_chain(kind: str) -> bool:
    """Each of its links is checked, loaded and given the grammar for itself."""
    return "," in kind or "=" in kind


def _imported(where: str, package: str | None) -> type[Recognizer]:
    module, _, name = where.partition(":")
    found: type[Recognizer] = getattr(importlib.import_module(module, package), name)
    return found


def check(settings: RecognizerSettings) -> None:
    """Raises a `WakefulError` where the recognizer can't be had; loads nothing heavy.

    One's own is not looked at: what it imports belongs in its own process.
    """
    chain = _is_chain(settings.kind)
    if settings.grammar and not chain:
        from ..models.grammar import read_grammar

        read_grammar(Path(settings.grammar).expanduser())
    if chain or ":" not in settings.kind:
        recognizer_class(settings.kind).check(settings)


def load_recognizer(settings: RecognizerSettings) -> Recognizer:
    """The recognizer, warm; raises a `WakefulError`. A grammar stands behind any that writes."""
    loaded = recognizer_class(settings.kind)(settings)
    if settings.grammar and not _is_chain(settings.kind) and isinstance(loaded.nothing, HeardText):
        from .grammar_over_text import GrammarOverText

        return GrammarOverText(settings, loaded)
    return loaded
