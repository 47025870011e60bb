"""Recordings of the word: one in each file, or as a ``labels.csv`` says.

A folder with a ``labels.csv`` is taken by its rows: `file` (relative to it), `keyword_start_s` and
`keyword_end_s`; several rows may name one file, and other columns are nobody's business. Files that
it doesn't name are left out, and so are rows whose two times are empty or the same: nobody could
say where the word is, or it isn't there. In a folder without a table every file holds it once.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..daemon.files import SoundFile
from ..daemon.printable import printable
from ..models.errors import WakefulError
from ..synth.levels import Samples
from .corpus import sound_files

LABELS = "labels.csv"
COLUMNS = ("file", "keyword_start_s", "keyword_end_s")
RATE_HZ = 16_000
_SLACK_S = 0.05
"""So much a word may end behind its file: labels are rounded, and codecs cut."""


class LabelsError(WakefulError):
    """A ``labels.csv`` can't be taken at its word."""


@dataclass(frozen=True)
class Take:
    """A file; `words` holds (first sample, last sample) of each, or nothing: one, somewhere."""

    path: Path
    name: str
    words: tuple[tuple[int, int], ...] = ()
    duration_s: float = 0.0

    @property
    def count(self) -> int:
        """How many words it holds."""
        return len(self.words) or 1

    def read(self) -> tuple[Samples, str]:
        """All of it at 16 kHz, and a line for the user about what can be played only in part."""
        file = SoundFile(self.path, 0.0)
        try:
            return np.concatenate([*pieces(file), np.zeros(0, np.int16)]), file.warning
        finally:
            file.close()


def pieces(file: SoundFile) -> Iterator[Samples]:
    """A file's sound, a second at a time."""
    while len(piece := file.read(RATE_HZ)):
        yield piece


def length_s(path: Path) -> float:
    """As the file's head says; raises `FileError` where that is none."""
    file = SoundFile(path, 0.0)
    try:
        return file.duration_s
    finally:
        file.close()


@dataclass(frozen=True)
class Takes:
    """Recordings, and how many rows of tables named a file without a place for the word."""

    takes: list[Take]
    unplaced: int


def read_takes(folders: Iterable[Path]) -> Takes:
    """Every recording under some folders, sorted; raises where one can't be used."""
    tables = {f: {t: _rows(t) for t in sorted(f.rglob(LABELS))} for f in folders}
    takes = [take for folder, found in tables.items() for take in _under(folder, found)]
    rows = [row for found in tables.values() for table in found.values() for row in table]
    return Takes(takes, sum(1 for row in rows if row.span_s is None))


def _under(folder: Path, tables: Mapping[Path, Sequence[Row]]) -> Iterator[Take]:
    files = sound_files(folder)
    for labels, rows in tables.items():
        for path, words in _words_by_file(labels, rows).items():
            yield _checked(labels, path, words, folder)
    governed = [labels.parent for labels in tables]
    for path in files:
        if not any(path.is_relative_to(g) for g in governed):
            yield Take(path, shown(path, folder), (), length_s(path))


def shown(path: Path, folder: Path) -> str:
    """A file's name below its folder, fit to be printed."""
    return printable(str(path.relative_to(folder)))


@dataclass(frozen=True)
class Row:
    """One line of a table: a file, and from where to where the word is said in it."""

    file: str
    span_s: tuple[float, float] | None


def _words_by_file(labels: Path, rows: Sequence[Row]) -> dict[Path, list[tuple[float, float]]]:
    found: dict[Path, list[tuple[float, float]]] = {}
    for row in rows:
        if row.span_s:
            found.setdefault(labels.parent / row.file, []).append(row.span_s)
    if not found:
        raise LabelsError(f"{labels}: lists no words; give a row for each, or take it away")
    return found


def _rows(labels: Path) -> list[Row]:
    try:
        # As spreadsheets write them: with a mark of the byte order, or without.
        with labels.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.DictReader(text, restval="")
            _require(labels, reader.fieldnames or ())
            return [_row(row, f"{labels}, line {reader.line_num}") for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LabelsError(f"{labels}: can't be read as a table ({error}); save it as CSV") from None


def _row(row: Mapping[str, str], where: str) -> Row:
    file, start, end = (row[column].strip() for column in COLUMNS)
    if not file:
        raise LabelsError(f"{where}: names no file; mend the row")
    if not start and not end:
        return Row(file, None)
    start_s, end_s = _seconds(start, COLUMNS[1], where), _seconds(end, COLUMNS[2], where)
    if start_s == end_s:
        return Row(file, None)
    if not 0 <= start_s < end_s:
        raise LabelsError(
            f"{where}: a word can't last from {start_s:g} to {end_s:g} s; mend the row"
        )
    return Row(file, (start_s, end_s))


def _require(labels: Path, headings: Sequence[str]) -> None:
    if missing := [c for c in COLUMNS if c not in headings]:
        raise LabelsError(
            f"{labels}: its first line names no {', '.join(missing)}; "
            f"needed are {', '.join(COLUMNS)}"
        )


def _seconds(text: str, column: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise LabelsError(f"{where}: {column} {text!r} is no number of seconds; mend the row")
    return value


def _is_there(path: Path) -> bool:
    """A name in a table may be longer than any file's."""
    try:
        return path.is_file()
    except OSError:
        return False


def _checked(labels: Path, path: Path, words: Sequence[tuple[float, float]], folder: Path) -> Take:
    """A labelled file, its words in order of time."""
    if not _is_there(path):
        raise LabelsError(
            f"{labels}: names {printable(path.name)}, but there is no such file; take the row away"
        )
    duration_s = length_s(path)
    latest = max(end for _, end in words)
    if latest > duration_s + _SLACK_S:
        raise LabelsError(
            f"{labels}: a word ends at {latest:g} s, but {printable(path.name)} lasts "
            f"{duration_s:.2f} s; mend the row"
        )
    spans = sorted((round(a * RATE_HZ), round(b * RATE_HZ)) for a, b in words)
    name = shown(path, folder) if path.is_relative_to(folder) else printable(str(path))
    return Take(path, name, tuple(spans), duration_s)
