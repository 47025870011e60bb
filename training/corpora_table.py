"""Corpora that a table describes: ``.csv``, ``.tsv``, or our own ``manifest.jsonl``."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from .corpora import Clip, Corpus, Split
from .corpus import MANIFEST, SUFFIXES, CorpusError
from .transcripts import FILE_COLUMNS, TEXT_COLUMNS

LABEL_COLUMNS = ("label", "word", "command", "class", "category")
SPEAKER_COLUMNS = ("speaker", "speaker_id", "client_id", "voice", "person")
_TABLES = (".csv", ".tsv")
_SPLITS: dict[str, Split] = {
    "train": "train",
    "dev": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}

Row = Mapping[str, Any]


def read_table(path: Path) -> Corpus | None:
    """A table, or a folder with one or more; None where no table names files and labels.

    Tables called ``train``, ``dev`` and ``test`` say a clip's split, and others beside them don't
    count, being longer lists of the same; else a column ``split`` does.
    """
    folder = path if path.is_dir() else path.parent
    tables = {p: rows for p in _tables(path) if (rows := list(_rows(p)))}
    if parted := {p: rows for p, rows in tables.items() if p.stem in _SPLITS}:
        tables = parted
    if not tables:
        return None
    return _corpus(folder, tables)


def _tables(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if path.suffix.lower() in _TABLES or path.name == MANIFEST else []
    found = (p for p in path.iterdir() if p.suffix.lower() in _TABLES or p.name == MANIFEST)
    return sorted(p for p in found if p.is_file())


def _corpus(folder: Path, tables: Mapping[Path, Sequence[Row]]) -> Corpus:
    sound = _sound(folder)
    clips: dict[Path, Clip] = {}
    missing: list[Path] = []
    for table, rows in tables.items():
        split = _SPLITS.get(table.stem)
        for row in rows:
            path = _file(sound, str(row["file"]))
            if path is None:
                missing.append(folder / str(row["file"]))
            else:
                told = split or _SPLITS.get(str(row["split"] or ""))
                clips.setdefault(path, Clip(path, row["label"], row["speaker"], told))
    if not clips:
        raise CorpusError(
            f"{next(iter(tables))}: none of its {len(missing)} files is in {folder} "
            f"({missing[0].name}, …); unpack the sound beside it"
        )
    return Corpus(folder, "table", tuple(clips.values()), missing=tuple(missing))


def _sound(folder: Path) -> dict[str, list[Path]]:
    """By name without ending: a table may be older than its files' conversion."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and not path.name.startswith("."):
            found.setdefault(path.stem, []).append(path)
    return found


def _file(sound: Mapping[str, Sequence[Path]], name: str) -> Path | None:
    """The file that ends like `name`, with or without its ending; the nearest one if several."""
    wanted = PurePath(name)
    stem = wanted.stem if wanted.suffix.lower() in (*SUFFIXES, ".mp3", ".opus") else wanted.name
    parts = (*wanted.parts[:-1], stem)
    fitting = [p for p in sound.get(stem, ()) if p.with_suffix("").parts[-len(parts) :] == parts]
    return min(fitting, key=lambda p: len(p.parts), default=None)


def _rows(table: Path) -> Iterator[Row]:
    """file, label, speaker and split of each row; nothing where the columns are others."""
    try:
        text = table.read_text(encoding="utf-8-sig")
        yield from _json_rows(text) if table.name == MANIFEST else _csv_rows(text)
    except (OSError, UnicodeDecodeError, csv.Error, json.JSONDecodeError) as error:
        raise CorpusError(
            f"{table}: can't be read as a table ({error}); save it as UTF-8"
        ) from error


def _csv_rows(text: str) -> Iterator[Row]:
    lines = text.splitlines(keepends=True)
    first = lines[0] if lines else ""
    delimiter = next((d for d in "\t|;" if d in first), ",")
    reader = csv.DictReader(lines, delimiter=delimiter, restval="")
    named = _columns(reader.fieldnames or ())
    if named["file"] and named["label"]:
        for row in reader:
            yield {what: row[column] if column else "" for what, column in named.items()}


def _columns(headings: Sequence[str]) -> dict[str, str | None]:
    wanted = {
        "file": FILE_COLUMNS,
        "label": (*LABEL_COLUMNS, *TEXT_COLUMNS),
        "speaker": SPEAKER_COLUMNS,
        "split": ("split",),
    }
    return {what: next((c for c in names if c in headings), None) for what, names in wanted.items()}


def _json_rows(text: str) -> Iterator[Row]:
    for line in text.splitlines():
        row = json.loads(line)
        if isinstance(row, dict):
            named = _columns(list(row))
            if named["file"] and named["label"]:
                yield {k: str(row[c]) if c else "" for k, c in named.items()}
