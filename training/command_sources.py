"""All that the shipped command model learns from: people's words, voices', speech, and noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from ..models.labels import SILENCE, UNKNOWN
from ..synth.levels import Samples, to_int16
from ..synth.progress import Show
from .command_data import command_folds, has_own_split, undivided
from .corpora import Clip, Corpus, read_corpus, require_several
from .corpora_classes import LABELS, wanted_and_rest
from .corpora_sound import Bad, read_clips
from .corpus import CorpusError, read_sound, sound_files

Source = Literal["people", "other words", "voices", "speech", "noise"]

SECOND = 16_000
_LONGEST_S = 2.0
_QUIET = 0.02
"""Digital silence and the last bits of a converter are silence too, in so many of its clips."""


@dataclass(frozen=True)
class Folders:
    """Where sound lies. Nothing but `data` is needed; the more of the rest, the better."""

    data: Path
    voices: Sequence[Path] = ()
    speech: Sequence[Path] = ()
    noise: Sequence[Path] = ()

    def all(self) -> list[Path]:
        """Every folder, for the manifest."""
        return [self.data, *self.voices, *self.speech, *self.noise]


@dataclass(frozen=True)
class Heard:
    """One clip: a word, a piece of speech, or of noise."""

    samples: Samples
    label: int
    source: Source
    person: str
    fold: int = -1
    """Which part of the people it belongs to; -1: it is nobody's who is measured."""


@dataclass(frozen=True)
class Material:
    """All clips, the noise to lay under them, and what of the data set couldn't be read."""

    clips: list[Heard]
    noises: list[Samples]
    bad: tuple[Bad, ...] = ()
    official: bool = False
    """Fold 0 is the data set's own test side, and nobody else is in a fold."""
    hours: dict[str, float] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """Clips by source."""
        names = [clip.source for clip in self.clips]
        return {name: names.count(name) for name in dict.fromkeys(names)}


@dataclass(frozen=True)
class Pieces:
    """How much is cut from long sound, and how many clips of other words are taken at most."""

    speech: int = 1_500
    silence: int = 600
    other_words: int = 6_000


def read_material(
    folders: Folders,
    folds: int,
    seed: int,
    pieces: Pieces | None = None,
    show: Show = lambda done, total: None,
) -> Material:
    """Read everything; raises `CorpusError`."""
    rng, cut = np.random.default_rng(seed), pieces or Pieces()
    corpus = read_corpus(folders.data)
    require_several(corpus, labels=2)
    core = wanted_and_rest(corpus, np.random.default_rng(seed))
    official = has_own_split(core)
    if official:
        rest = [c for c in _others(corpus, core) if c.split != "test"]
        fold = {clip: 0 if clip.split == "test" else -1 for clip in (*core, *rest)}
    else:
        core = undivided(corpus, rng)
        rest = _others(corpus, core)
        fold = _folds([*core, *rest], folds, seed)
    kept = np.random.default_rng([seed, 1]).permutation(len(rest))[: cut.other_words]
    rest = [rest[i] for i in sorted(kept)]
    people, bad = _people(core, rest, fold, show)
    noises = [read_sound(p) for p in (*corpus.noise, *_all(folders.noise))]
    clips = [
        *people,
        *_voices(folders.voices),
        *_speech(folders.speech, cut.speech, rng),
        *_silence(noises, cut.silence, rng),
    ]
    return Material(clips, noises, bad, official, _hours(clips))


def _others(corpus: Corpus, core: Sequence[Clip]) -> list[Clip]:
    chosen = {clip.path for clip in core}
    return [c for c in corpus.clips if c.path not in chosen and c.label not in LABELS]


def _folds(clips: Sequence[Clip], count: int, seed: int) -> dict[Clip, int]:
    """Other words are in the folds of those who say them; without folds all are in the first."""
    parts = command_folds(clips, count, seed) if count else [list(clips)]
    return {clip: number for number, part in enumerate(parts) for clip in part}


def _people(
    core: Sequence[Clip], rest: Sequence[Clip], fold: Mapping[Clip, int], show: Show
) -> tuple[list[Heard], tuple[Bad, ...]]:
    """The twelve labels' clips, and other words."""
    heard = read_clips([*core, *rest], show=show)
    others = set(rest)
    found = [
        Heard(
            samples=to_int16(sound),
            label=_label(clip),
            source="other words" if clip in others else "people",
            person=clip.person,
            fold=fold[clip],
        )
        for clip, sound in zip(heard.clips, heard.sounds, strict=True)
    ]
    return found, heard.bad


def _label(clip: Clip) -> int:
    return LABELS.index(clip.label if clip.label in LABELS else UNKNOWN)


def _voices(folders: Sequence[Path]) -> Iterator[Heard]:
    """Synthetic words: what isn't a command is an unknown word."""
    for folder in folders:
        heard = read_clips(read_corpus(folder).clips)
        for clip, sound in zip(heard.clips, heard.sounds, strict=True):
            samples = to_int16(sound[: int(_LONGEST_S * SECOND)])
            yield Heard(samples, _label(clip), "voices", clip.person)


def _all(folders: Sequence[Path]) -> list[Path]:
    return [path for folder in folders for path in sound_files(folder)]


def _speech(folders: Sequence[Path], count: int, rng: np.random.Generator) -> Iterator[Heard]:
    """Seconds out of running speech: unknown words, whole and cut."""
    files = _all(folders)
    if not files:
        return
    each = max(1, count // len(files))
    for number in rng.permutation(len(files))[:count]:
        samples = read_sound(files[number])
        for _ in range(each):
            start = int(rng.integers(max(1, len(samples) - SECOND)))
            piece = samples[start : start + SECOND]
            yield Heard(piece, LABELS.index(UNKNOWN), "speech", str(files[number]))


def _silence(noises: Sequence[Samples], count: int, rng: np.random.Generator) -> Iterator[Heard]:
    """Seconds of noise, and a few in which hardly a bit moves."""
    if not noises:
        return
    ends = np.cumsum([len(n) for n in noises])
    for _ in range(count):
        number = int(np.searchsorted(ends, rng.random() * ends[-1], side="right"))
        start = int(rng.integers(max(1, len(noises[number]) - SECOND)))
        piece = np.resize(noises[number][start : start + SECOND], SECOND)
        if rng.random() < _QUIET:
            piece = rng.integers(-2, 3, SECOND).astype(np.int16)
        yield Heard(piece, LABELS.index(SILENCE), "noise", f"noise {number}")


def _hours(clips: Sequence[Heard]) -> dict[str, float]:
    found: dict[str, float] = {}
    for clip in clips:
        found[clip.source] = found.get(clip.source, 0.0) + len(clip.samples) / SECOND / 3600
    return {name: round(hours, 3) for name, hours in found.items()}


def require_folds(material: Material, folds: int) -> None:
    """Raise `CorpusError` unless each fold can measure: every command is in each."""
    for fold in range(folds):
        there = {c.label for c in material.clips if c.fold == fold and c.source == "people"}
        if missing := [LABELS[i] for i in range(2, len(LABELS)) if i not in there]:
            raise CorpusError(
                f"fold {fold} of {folds} has no {', '.join(missing[:3])}; take fewer --folds"
            )
