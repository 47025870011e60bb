"""Corpora of labelled speech as people download them: which shape a folder has, and its clips.

Nothing is decoded here: a hundred thousand files are listed in seconds. `corpora_sound` reads
them, `corpora_splits` parts them by speaker, `corpora_classes` makes silence and unknown words,
`corpora_cache` keeps them as TFRecords.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .corpus import SUFFIXES, CorpusError

Split = Literal["train", "validation", "test"]
Shape = Literal["speech-commands", "folders", "fsdd", "librispeech", "table"]

BACKGROUND = "_background_noise_"
"""The folder of Speech Commands that holds minutes of noise, not clips."""


@dataclass(frozen=True)
class Clip:
    """A labelled piece of a sound file: `label` is a word's class, or the text of a sentence."""

    path: Path
    label: str
    speaker: str = ""
    """Empty where nobody says who it is."""
    split: Split | None = None
    """The side that the corpus itself puts it on; None where it says nothing."""
    start_s: float = 0.0
    length_s: float | None = None
    """From `start_s` on; None to the end."""

    @property
    def person(self) -> str:
        """What keeps a clip on one side of a split: the speaker, or the file if that is unknown."""
        return self.speaker or f"file {self.path.name}"


@dataclass(frozen=True)
class Corpus:
    """What a folder holds. `noise` are long recordings without a label."""

    folder: Path
    shape: Shape
    clips: tuple[Clip, ...]
    noise: tuple[Path, ...] = ()
    missing: tuple[Path, ...] = ()
    """Listed in a table, and not there."""

    @property
    def labels(self) -> list[str]:
        """Every label once, sorted."""
        return sorted({clip.label for clip in self.clips})

    @property
    def speakers(self) -> list[str]:
        """Everybody whose name is known, sorted."""
        return sorted({clip.speaker for clip in self.clips} - {""})


def read_corpus(folder: Path) -> Corpus:
    """List a folder's clips, or those of a table; raises `CorpusError` for any other shape."""
    from .corpora_shapes import read_folders, read_fsdd, read_librispeech
    from .corpora_table import read_table

    if not folder.exists():
        raise CorpusError(f"{folder}: no such folder; give the one that the data set unpacked to")
    readers: tuple[Callable[[Path], Corpus | None], ...] = (
        read_librispeech,
        read_table,
        read_fsdd,
        read_folders,
    )
    at = _unpacked(folder)
    for reader in readers:
        if found := reader(at):
            return found
    raise CorpusError(f"{folder}: {_expected()}; found {_found(folder)}")


def _unpacked(folder: Path) -> Path:
    """The folder inside, where an archive made one of its own and nothing lies beside it."""
    while folder.is_dir() and len(inside := list(folder.iterdir())) == 1 and inside[0].is_dir():
        folder = inside[0]
    return folder


def require_labels(corpus: Corpus, wanted: Sequence[str]) -> None:
    """Raise `CorpusError` unless each of some labels has a clip, naming what is there instead."""
    there = corpus.labels
    if missing := [label for label in wanted if label not in there]:
        raise CorpusError(
            f"{corpus.folder}: no clips of {_some(missing)}; found {_some(there)}; "
            "give a data set that has them"
        )


def require_several(corpus: Corpus, labels: int = 2, speakers: int = 0) -> None:
    """Raise `CorpusError` where there are fewer labels or speakers than a comparison needs."""
    found = (len(corpus.labels), "label", labels), (len(corpus.speakers), "speaker", speakers)
    for count, what, least in found:
        if count < least:
            raise CorpusError(
                f"{corpus.folder}: {count} {what}{'' if count == 1 else 's'}, at least {least} "
                "are needed; give more of the data set"
            )


def _expected() -> str:
    return (
        "expected a folder for each word (as Speech Commands), files like 7_jackson_32.wav "
        "(FSDD), *.trans.txt beside sound (LibriSpeech), or a .csv or .tsv with a column for the "
        "file and one for the label or text"
    )


def _found(folder: Path) -> str:
    if folder.is_file():
        return f"the file {folder.name}"
    entries = sorted(p.name + "/" * p.is_dir() for p in folder.iterdir())
    sound = sum(1 for name in entries if name.lower().endswith(SUFFIXES))
    return f"{_some(entries)} ({sound} sound files)" if entries else "nothing"


def _some(names: Sequence[str], most: int = 4) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
