"""Wanted words, everything else as one class, and silence: the classes of a command model.

As in the Speech Commands paper: of each split so many unknown words and so many seconds of
background as a tenth of its wanted words, so that a score on one split can be set beside another's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..models.labels import SILENCE, UNKNOWN
from .corpora import Clip, Corpus, Split, require_labels
from .corpora_count import length_s
from .corpus import CorpusError

COMMANDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
LABELS = (SILENCE, UNKNOWN, *COMMANDS)
"""In the order that models of Speech Commands number them."""


@dataclass(frozen=True)
class Shares:
    """How much there is of each, against the wanted words."""

    unknown: float = 0.1
    silence: float = 0.1
    silence_s: float = 1.0


def wanted_and_rest(
    corpus: Corpus,
    rng: np.random.Generator,
    wanted: Sequence[str] = COMMANDS,
    shares: Shares | None = None,
) -> list[Clip]:
    """Clips labelled by `wanted`, ``_unknown_`` and ``_silence_``, each split in its shares.

    Clips that are already called so come first, and all of them; other words and pieces of noise
    fill up what lacks. Raises `CorpusError` where a wanted word has no clip.
    """
    require_labels(corpus, wanted)
    s = shares or Shares()
    made: list[Clip] = []
    for split in _splits(corpus.clips):
        clips = [c for c in corpus.clips if c.split == split or (split is None and not c.split)]
        words = [c for c in clips if c.label in wanted]
        made += words
        made += _unknown(clips, wanted, math.ceil(s.unknown * len(words)), rng)
        made += _silence(corpus, clips, split, math.ceil(s.silence * len(words)), s, rng)
    return made


def _splits(clips: Sequence[Clip]) -> list[Split | None]:
    return sorted({c.split for c in clips}, key=str)


def _unknown(
    clips: Sequence[Clip], wanted: Sequence[str], count: int, rng: np.random.Generator
) -> list[Clip]:
    ready = [c for c in clips if c.label == UNKNOWN]
    others = [c for c in clips if c.label not in (*wanted, UNKNOWN, SILENCE)]
    lacking = min(len(others), max(0, count - len(ready)))
    drawn = sorted(rng.choice(len(others), lacking, replace=False)) if lacking else []
    return ready + [replace(others[i], label=UNKNOWN) for i in drawn]


def _silence(
    corpus: Corpus,
    clips: Sequence[Clip],
    split: Split | None,
    count: int,
    s: Shares,
    rng: np.random.Generator,
) -> list[Clip]:
    ready = [c for c in clips if c.label == SILENCE]
    lacking = count - len(ready)
    if lacking <= 0 or not corpus.noise:
        return ready
    return ready + _pieces(corpus, split, lacking, s.silence_s, rng)


def _pieces(
    corpus: Corpus, split: Split | None, count: int, piece_s: float, rng: np.random.Generator
) -> list[Clip]:
    """Drawn where they lie, by length: no second of noise is heard more often than another."""
    room_s = np.array([max(0.0, length_s(path) - piece_s) for path in corpus.noise])
    if not room_s.sum():
        raise CorpusError(
            f"{corpus.noise[0].parent}: every recording of noise is shorter than {piece_s:g} s; "
            "give longer ones"
        )
    drawn = rng.choice(len(room_s), count, p=room_s / room_s.sum())
    starts = rng.random(count) * room_s[drawn]
    return [
        Clip(corpus.noise[n], SILENCE, split=split, start_s=float(at), length_s=piece_s)
        for n, at in zip(drawn, starts, strict=True)
    ]
