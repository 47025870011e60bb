"""What a recognizer heard, as the event that tells it: all but the stamp, which the loop gives."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from .events import Command, Digits, Event, Saved, Transcript, Word
from .recognizer import Heard, HeardCommand, HeardDigits, HeardSound


def answer(
    heard: Heard, recognizer: str, wake_seq: int, start_sample: int, took_ms: float
) -> Callable[..., Event]:
    """Makes the event of its stamp. Words are moved from the speech's own clock to the source's."""
    about: dict[str, Any] = {"wake_seq": wake_seq, "start_sample": start_sample, "took_ms": took_ms}
    if isinstance(heard, HeardSound):
        return partial(Saved, **about, path=heard.path)
    about |= {"recognizer": recognizer, "confidence": round(heard.confidence, 4)}
    if isinstance(heard, HeardCommand):
        about |= {"label": heard.label, "slots": heard.slots, "text": heard.text}
        return partial(Command, **about, alternatives=heard.alternatives)
    if isinstance(heard, HeardDigits):
        return partial(Digits, **about, text=heard.text, alternatives=heard.alternatives)
    return partial(Transcript, **about, text=heard.text, words=_moved(heard.words, start_sample))


def _moved(words: list[Word], by: int) -> list[Word]:
    return [Word(word.text, word.start_sample + by, word.end_sample + by) for word in words]
