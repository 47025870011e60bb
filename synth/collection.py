"""A folder of clips as it lies on disk: what its manifests list, what is there, what is neither.

Such a folder is made by ``wakeful synth clips``; any other tree of sound files is one too, its
folders being the kinds, but for those that are called like a split.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from ..models.errors import WakefulError
from .clips import DROPPED, MANIFEST

SUFFIXES = (".flac", ".ogg", ".wav")
SPLITS = {"train": "train", "validation": "validation", "valid": "validation", "dev": "validation"}
SPLITS |= {"val": "validation", "test": "test", "testing": "test", "training": "train"}
"""Names of folders that tell a split and not what is in it."""


class CollectionError(WakefulError):
    """A folder of clips is missing or empty, or one of its manifests can't be read."""


@dataclass(frozen=True)
class Entry:
    """A sound file; `row` is its line of a manifest, empty where none lists it."""

    path: Path
    name: str
    """From the folder on, fit to be shown."""
    kind: str
    split: str
    """Empty where nothing says it."""
    row: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Collection:
    """The files that are there, and by name those that aren't where or as they should be."""

    entries: tuple[Entry, ...]
    missing: tuple[str, ...]
    """Listed, not there."""
    unlisted: tuple[str, ...]
    """There, beside a manifest that doesn't list them."""
    repeated: tuple[str, ...]
    """Listed more than once: training would take them so often. The last line counts."""
    dropped: Mapping[str, int]
    """How many clips of a kind came to nothing when they were made."""


def collect(folder: Path) -> Collection:
    """Look through a folder, or at one file; raises `CollectionError`, also when there is none."""
    there = _sound_files(folder)
    manifests = {p.parent: p for p in folder.rglob(MANIFEST)} if folder.is_dir() else {}
    listed = [pair for at in sorted(manifests) for pair in _listed(manifests[at])]
    rows = dict(listed)
    if not there and not rows:
        raise CollectionError(f"{folder}: holds no {', '.join(SUFFIXES)}; give a folder that does")
    entries = tuple(_entry(folder, path, rows.get(path, {})) for path in there)
    unlisted = (e.name for e in entries if not e.row and e.path.parent in manifests)
    missing = (shown(p.relative_to(folder)) for p in sorted(rows.keys() - set(there)))
    times = Counter(path for path, _ in listed)
    repeated = (shown(p.relative_to(folder)) for p in sorted(times) if times[p] > 1)
    dropped = _dropped(folder)
    return Collection(entries, tuple(missing), tuple(unlisted), tuple(repeated), dropped)


def shown(text: str | PurePath) -> str:
    """A name in any script as it is; a terminal's commands and bytes that are no text, escaped."""
    plain = str(text).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in plain)


def _sound_files(folder: Path) -> list[Path]:
    if folder.is_file() and folder.suffix.lower() in SUFFIXES:
        return [folder]
    if not folder.is_dir():
        raise CollectionError(f"{folder}: no such folder; give one that holds clips")
    found = (p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    return sorted(p for p in found if not p.name.startswith("."))


def _entry(folder: Path, path: Path, row: Mapping[str, Any]) -> Entry:
    inside = path.relative_to(folder) if path != folder else PurePath(path.name)
    folders = inside.parts[:-1]
    kinds = [part for part in folders if part.lower() not in SPLITS]
    splits = [SPLITS[part.lower()] for part in folders if part.lower() in SPLITS]
    kind = kinds[0] if kinds else folder.resolve().name
    split = str(row.get("split") or (splits[0] if splits else ""))
    return Entry(path, shown(inside), shown(kind), split, row)


def _listed(manifest: Path) -> list[tuple[Path, dict[str, Any]]]:
    """A manifest's lines with their files. A last line that a kill cut was never written."""
    lines = _text(manifest).split("\n")
    whole, cut = lines[:-1], lines[-1]
    rows = [_row(manifest, number, line) for number, line in enumerate(whole, 1) if line.strip()]
    if cut.strip():
        with contextlib.suppress(CollectionError):
            rows.append(_row(manifest, len(lines), cut))
    return [(manifest.parent / row["file"], row) for row in rows]


def _text(manifest: Path) -> str:
    try:
        return manifest.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CollectionError(
            f"{manifest}: can't be read ({error}); make the clips again"
        ) from error


def _row(manifest: Path, number: int, line: str) -> dict[str, Any]:
    place = f"{manifest}, line {number}"
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise CollectionError(f"{place}: not JSON; take the line away") from error
    if not isinstance(row, dict) or not isinstance(row.get("file"), str) or not row["file"]:
        raise CollectionError(f"{place}: names no file; take the line away")
    if (name := PurePath(row["file"])).is_absolute() or ".." in name.parts:
        raise CollectionError(f"{place}: {row['file']!r} lies outside; take the line away")
    return row


def _dropped(folder: Path) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for path in sorted(folder.rglob(DROPPED)) if folder.is_dir() else ():
        counts[shown(path.parent.name)] += sum(
            1 for line in _text(path).split("\n") if line.strip()
        )
    return dict(counts)
