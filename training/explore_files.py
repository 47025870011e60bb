"""Which recordings a tree holds, and what their places and names tell, one after the other.

Nothing is kept but the file at hand: a hundred thousand names need no more memory than ten. Tables
and transcripts, which name their files themselves, are read whole.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

from ..models.errors import WakefulError
from ..synth.collection import SPLITS, shown
from .corpora import BACKGROUND, Clip, Split
from .corpora_shapes import (
    command_clip,
    fsdd_clip,
    is_command_name,
    listed_splits,
    read_librispeech,
)
from .corpora_table import read_table

SUFFIXES = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".aif", ".aiff", ".au")

Naming = Callable[[Path], Clip | None]


class ExploreError(WakefulError):
    """A data set can't be looked at, or not be written about."""


def recordings(folder: Path) -> Iterator[Clip]:
    """Every recording with its label, speaker and split as far as known, in order of their names.

    Raises `ExploreError` where there is no folder or no recording, `CorpusError` for a table that
    can't be read.
    """
    _require_folder(folder)
    told = read_librispeech(folder) or read_table(folder)
    # What names a few of many files doesn't say what the folder is.
    every = told and 2 * len(told.clips) >= sum(1 for _ in files_below(folder))
    found = iter(told.clips) if told and every else _walked(folder)
    first = next(found, None)
    if first is None:
        raise ExploreError(
            f"{shown(folder)}: holds no recordings ({', '.join(SUFFIXES)}); give a folder that does"
        )
    yield first
    yield from found


def _require_folder(folder: Path) -> None:
    if folder.is_file():
        raise ExploreError(f"{shown(folder)}: is a file; give the folder that it lies in")
    if not folder.is_dir():
        raise ExploreError(f"{shown(folder)}: no such folder; give one that holds recordings")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise ExploreError(f"{shown(folder)}: may not be read; change its permissions (chmod)")


def _walked(folder: Path) -> Iterator[Clip]:
    named = _naming(folder)
    for path in files_below(folder):
        yield named(path) or by_folder(folder, path)


def files_below(folder: Path) -> Iterator[Path]:
    """Sound files of a tree, those of each folder sorted; hidden ones are other programs'."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                yield Path(place) / name


def _naming(folder: Path) -> Naming:
    """What most of the files are called like; one stray file makes no data set another."""
    seen: Counter[str] = Counter()
    for path in files_below(folder):
        seen["all"] += 1
        seen["fsdd"] += fsdd_clip(path) is not None
        seen["commands"] += is_command_name(path)
    if seen["fsdd"] > seen["all"] // 2:
        return fsdd_clip
    if seen["commands"] > seen["all"] // 2:
        listed = listed_splits(folder)
        return lambda path: _command(folder, path, listed)
    return lambda path: None


def _command(folder: Path, path: Path, listed: dict[str, Split]) -> Clip | None:
    if path.parent == folder or path.parent.name == BACKGROUND:
        return None
    return command_clip(path.parent.name, path, listed)


def by_folder(folder: Path, path: Path) -> Clip:
    """Its label is the folders that it lies in; one that is called like a split tells that."""
    parts = path.relative_to(folder).parts[:-1]
    splits = [SPLITS[part.lower()] for part in parts if part.lower() in SPLITS]
    label = "/".join(part for part in parts if part.lower() not in SPLITS)
    clip = Clip(path, label or folder.resolve().name)
    return replace(clip, split=cast(Split, splits[0])) if splits else clip
