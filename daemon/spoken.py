"""Speak now: some seconds of a microphone with a meter, and whether each model would have woken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from .ear import threshold_in_force
from .events import Event, Stamp, Wake
from .finding import Case, Finding
from .hearing import open_hearing
from .meter import Meter
from .reports import level_dbfs
from .source import SAMPLE_RATE_HZ, Samples, Source

SPEAK_S = 6.0
_QUIET_DBFS = -50.0
_PIECE_SAMPLES = SAMPLE_RATE_HZ // 10


def listen_to(
    case: Case, source: Source, meter: Meter, clock: Callable[[], float] = time.monotonic
) -> Iterator[Finding]:
    """For so long, or to the end of the sound; one finding for each model, and how loud it was."""
    hearing = open_hearing(case.settings, case.config)
    pipeline = hearing.pipeline(Stamp(source.name, source.opened_at))
    events: list[Event] = []
    loudest, until_s = -96.0, clock() + SPEAK_S
    while clock() < until_s and len(sound := source.read(_PIECE_SAMPLES)):
        events += pipeline.feed(sound)
        loudest = max(loudest, level := _level(sound))
        heard_s = pipeline.samples / SAMPLE_RATE_HZ
        meter.show(level, pipeline.gate.is_open, pipeline.probabilities, heard_s)
    woken = {event.model for event in events if isinstance(event, Wake)}
    for model, best in zip(hearing.models, pipeline.best_scores, strict=True):
        name, own = model.bundle.name, model.bundle.manifest.detector.threshold
        threshold = threshold_in_force(case.settings.detector, name, own)
        yield judge(name, name in woken, best, threshold, loudest)


def _level(sound: Samples) -> float:
    return level_dbfs(sound)


def judge(name: str, woken: bool, best: float, threshold: float, loudest_dbfs: float) -> Finding:
    """Would it have heard you? If not: was it the level, or the voice?"""
    check, scores = f"hears {name}", f"best {best:.2f}, wakes at {threshold:.2f}"
    if woken:
        return Finding(check, "ok", f"heard you ({scores}; {loudest_dbfs:.0f} dBFS)")
    if loudest_dbfs < _QUIET_DBFS:
        text = f"nobody spoke, or too softly ({loudest_dbfs:.0f} dBFS at most)"
        return Finding(check, "warning", text, "turn the microphone up: pavucontrol, alsamixer")
    advice = f"say it again, nearer; or fit it to your voice: wakeful enroll --model {name}"
    return Finding(check, "warning", f"did not hear its word ({scores})", advice)
