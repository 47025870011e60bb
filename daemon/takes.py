"""Recordings of one person saying the word: what each is worth, and why it may be no use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..models.errors import WakefulError
from ..models.runtime import TriggerModel
from .events import Stamp
from .gate import VoiceGate
from .opening import open_file
from .pipeline import Pipeline
from .reports import level_dbfs
from .settings import Settings
from .source import SAMPLE_RATE_HZ, Samples
from .verifier import Verdict
from .voiceprint import Vector

FEWEST = 3
"""With fewer takes nobody can say how much one differs from the next."""

ANOTHER_WORD = 0.1
"""A best score below this is hardly the word, whoever says it."""

_ENDINGS = {".wav", ".flac", ".ogg", ".mp3", ".opus", ".aif", ".aiff"}
_LONGEST_S = 10.0
_SHORTEST_BLOCKS = 3
_QUIET_DBFS = -45.0
_CLIPPED_AT, _CLIPPED_SAMPLES = 32_700, 10
_HISS = 8.0
_LEAD, _TAIL = 14_400, 16_000


class TakesError(WakefulError):
    """There are not enough takes that can be used."""


@dataclass(frozen=True)
class Take:
    """One recording, heard by the model: its best smoothed probability and its loudest level."""

    name: str
    samples: Samples
    score: float
    level_dbfs: float
    fault: str
    """Why it is no use, as the end of a sentence about it; empty for a good one."""


def take_of(name: str, samples: Samples, model: TriggerModel, settings: Settings) -> Take:
    """Hear a recording through the whole pipeline, gate included."""
    pipeline = Pipeline(settings, [model], Stamp(name, 0.0))
    pipeline.feed(samples)
    pipeline.flush()
    score = pipeline.best_scores[0]
    voiced, loudest_dbfs = _voice_in(samples, settings, model.bundle.frontend.block_samples)
    fault = _fault(samples, voiced, loudest_dbfs, score)
    return Take(name, samples, score, loudest_dbfs, fault)


def _voice_in(samples: Samples, settings: Settings, block: int) -> tuple[int, float]:
    """How many blocks hold voice, and the level of the loudest of them (of all, if none does)."""
    gate = VoiceGate(settings.gate, block)
    blocks = [samples[at : at + block] for at in range(0, len(samples) - block + 1, block)]
    voiced = [one for one in blocks if gate.feed(one)]
    return len(voiced), max(map(level_dbfs, voiced or blocks), default=-96.0)


def _fault(samples: Samples, voiced: int, loudest_dbfs: float, score: float) -> str:
    faults = {
        "nobody speaks in it": not voiced,
        f"is {len(samples) / SAMPLE_RATE_HZ:.0f} s long; a take holds the word alone": (
            len(samples) > _LONGEST_S * SAMPLE_RATE_HZ + _LEAD + _TAIL
        ),
        "is too short for a word": voiced < _SHORTEST_BLOCKS,
        "is clipped: speak softer, or turn the microphone down": is_clipped(samples),
        f"is too quiet ({loudest_dbfs:.0f} dBFS): come nearer": loudest_dbfs < _QUIET_DBFS,
        f"sounds like another word ({score:.2f})": score < ANOTHER_WORD,
    }
    return next((fault for fault, is_so in faults.items() if is_so), "")


def is_clipped(samples: Samples) -> bool:
    """Whether more than a click of it is at full scale."""
    return int((np.abs(samples.astype(np.int32)) >= _CLIPPED_AT).sum()) >= _CLIPPED_SAMPLES


def read_takes(folder: Path, model: TriggerModel, settings: Settings) -> Iterator[Take]:
    """Every sound file in a folder, in the order of their names, each in a quiet room.

    Raises `SourceError` for one that is no sound, `TakesError` where there is none.
    """
    if not folder.is_dir():
        raise TakesError(f"{folder}: is no folder of recordings")
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in _ENDINGS)
    if not paths:
        raise TakesError(f"{folder}: holds no recordings; WAV, FLAC, OGG and MP3 files are taken")
    for path in paths:
        yield take_of(path.name, _in_a_room(_all_of(path)), model, settings)


def _all_of(path: Path) -> Samples:
    """A file's sound, a little more than a take may have at the most."""
    source, parts, left = open_file(str(path)), [], round((_LONGEST_S + 1) * SAMPLE_RATE_HZ)
    try:
        while left > 0 and len(part := source.read(left)):
            parts.append(part)
            left -= len(part)
    finally:
        source.close()
    return np.concatenate(parts) if parts else np.zeros(0, np.int16)


def _in_a_room(samples: Samples) -> Samples:
    """With a little of a quiet room before it and after it: no microphone gives zeros."""
    rng = np.random.default_rng(len(samples))
    hiss = [rng.normal(0, _HISS, size).round().astype(np.int16) for size in (_LEAD, _TAIL)]
    return np.concatenate([hiss[0], samples, hiss[1]])


class _Collected:
    """Asked whose voice a word is, it takes the voiceprint down."""

    def __init__(self) -> None:
        self.voiceprints: list[Vector] = []

    def judge(self, voiceprint: Vector) -> Verdict:
        """Everybody may."""
        self.voiceprints.append(voiceprint)
        return Verdict("anybody", 1.0)


def voiceprints_of(takes: Sequence[Take], model: TriggerModel, settings: Settings) -> list[Vector]:
    """What a listener with these settings would be given, for each take that wakes it.

    Raises `TakesError` if they are too few.
    """
    found = []
    for take in takes:
        collected = _Collected()
        judges = {model.bundle.name: collected}
        pipeline = Pipeline(settings, [model], Stamp(take.name, 0.0), judges=judges)
        pipeline.feed(take.samples)
        pipeline.flush()
        found += collected.voiceprints[:1]
    if len(found) < FEWEST:
        raise TakesError(
            f"only {len(found)} of {len(takes)} takes wake {model.bundle.name}; "
            f"a profile needs {FEWEST}: record more, or let --most-per-hour be higher"
        )
    return found
