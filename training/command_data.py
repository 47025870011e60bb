"""Which clips a command model is fitted on, chosen by and measured by; nobody is on two sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .corpora import Clip, Corpus, Split, read_corpus, require_several
from .corpora_classes import COMMANDS, wanted_and_rest
from .corpora_splits import folds, own_split, shared_speakers, split_by_speaker
from .corpus import CorpusError

SIDES: tuple[Split, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class CommandData:
    """The clips of each side, labelled by `LABELS`, and the corpus's noise."""

    sides: dict[Split, list[Clip]]
    noise: tuple[Path, ...]
    by: str
    """``official`` where the data set itself says who is where, else ``speaker``."""

    def counts(self) -> dict[str, int]:
        """Clips of each side."""
        return {side: len(clips) for side, clips in self.sides.items()}


def read_command_data(folder: Path, seed: int) -> CommandData:
    """A data set as it unpacks, its ten words, unknown ones and silence.

    Its own split is taken if every label is on each side, as in the whole of Speech Commands; of a
    part of it the speakers are dealt anew, eight in ten to be fitted on. Raises `CorpusError`.
    """
    corpus = read_corpus(folder)
    require_several(corpus, labels=2)
    rng = np.random.default_rng(seed)
    clips = wanted_and_rest(corpus, rng)
    if has_own_split(clips):
        return CommandData(own_split(clips), corpus.noise, "official")
    clips = undivided(corpus, rng)
    sides = split_by_speaker(clips, rng)
    _require_every_word(folder, sides["train"])
    return CommandData(sides, corpus.noise, "speaker")


def undivided(corpus: Corpus, rng: np.random.Generator) -> list[Clip]:
    """All clips of the twelve labels, whatever side the data set puts them on."""
    alike = tuple(replace(clip, split=None) for clip in corpus.clips)
    return wanted_and_rest(replace(corpus, clips=alike), rng)


def command_folds(clips: Sequence[Clip], count: int, seed: int) -> list[list[Clip]]:
    """Parts by speaker, each with every label; raises `CorpusError`."""
    parts = folds(clips, count, np.random.default_rng(seed))
    if both := shared_speakers(*parts):
        raise CorpusError(f"{both[0]}: is heard in two folds")
    return parts


def has_own_split(clips: Sequence[Clip]) -> bool:
    """Whether every word is on each of the data set's own sides, as in the whole of it."""
    there = {(clip.split, clip.label) for clip in clips}
    return all((side, label) in there for side in SIDES for label in COMMANDS)


def _require_every_word(folder: Path, clips: Sequence[Clip]) -> None:
    there = {clip.label for clip in clips}
    if missing := [word for word in COMMANDS if word not in there]:
        raise CorpusError(
            f"{folder}: dealt by speakers, no {', '.join(missing[:3])} is left to be fitted on; "
            "give more of the data set"
        )
