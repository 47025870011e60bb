"""What was heard as the events that are told of it, each with the time of its sample."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec import UNSET

from .ear import Heard
from .events import Event, SpeechEnd, SpeechStart, Stamp, Stranger, Wake
from .segmenter import Boundary, SpeechEnded, SpeechStarted
from .source import SAMPLE_RATE_HZ


def is_strangers(heard: Heard) -> bool:
    """Whether somebody said it to whom the model does not answer."""
    return bool(heard.verdict and not heard.verdict.name)


def word_told(heard: Heard, stamp: Stamp) -> Event:
    """A `wake`, or of a stranger's word that it was one."""
    score, verdict = round(heard.score, 4), heard.verdict
    if verdict and is_strangers(heard):
        return Stranger(
            keyword=heard.keyword,
            model=heard.model,
            score=score,
            likeness=round(verdict.likeness, 4),
            **stamp.at(heard.sample),
        )
    return Wake(
        keyword=heard.keyword,
        model=heard.model,
        score=score,
        speaker=verdict.name if verdict else UNSET,
        **stamp.at(heard.sample),
    )


def boundary_told(boundary: Boundary, stamp: Stamp) -> Event:
    """Where speech began or ended."""
    if isinstance(boundary, SpeechStarted):
        return SpeechStart(**stamp.at(boundary.start))
    return ended_told(boundary)(**stamp.at(boundary.end))


def ended_told(ended: SpeechEnded) -> Callable[..., Event]:
    """Makes a `speech.end` of the stamp of its last sample."""
    return partial(
        SpeechEnd,
        start_sample=ended.start,
        duration_s=round((ended.end - ended.start) / SAMPLE_RATE_HZ, 3),
        ending=ended.ending,
    )
