"""What was measured of each recording, in one SQLite file: memory stays flat, figures exact.

A kept file goes on where it was left: what has neither another size nor another date since is not
measured again. Names are kept as the system's bytes, in whatever script or encoding they are.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..synth.collection import shown
from .corpora import Clip
from .explore_files import ExploreError
from .explore_measure import BINS, SHAPE, Measured

VERSION = 2
_LISTED_AT_ONCE = 1_000

_TABLES = f"""
PRAGMA user_version = {VERSION};
CREATE TABLE IF NOT EXISTS about (folder BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS clips (
  id INTEGER PRIMARY KEY, name BLOB UNIQUE NOT NULL, listed INTEGER NOT NULL,
  label TEXT NOT NULL, said TEXT NOT NULL, speaker TEXT NOT NULL, split TEXT NOT NULL,
  size INTEGER NOT NULL, changed INTEGER NOT NULL, error TEXT,
  seconds REAL, rate_hz INTEGER, channels INTEGER, peak_dbfs REAL, level_dbfs REAL,
  clipped_share REAL, dc REAL, snr_db REAL, digest TEXT,
  before_s REAL, after_s REAL, voiced_s REAL, voice_start_s REAL, voice_end_s REAL,
  x REAL, y REAL, z REAL, odd REAL, nearest TEXT, guess TEXT, belief REAL, word REAL);
CREATE TABLE IF NOT EXISTS spectra (
  id INTEGER PRIMARY KEY REFERENCES clips, spectrum BLOB NOT NULL, shape BLOB NOT NULL);
"""

Spectra = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Row:
    """A recording as the report names it."""

    id: int
    name: str
    """From the folder on, as the system calls it; `shown` makes it fit to be seen."""
    label: str
    speaker: str
    split: str


class Store:
    """A context: what was put into it is written when it ends well, and left out when it doesn't.

    Without a path it is a file of its own, gone afterwards. Raises `ExploreError`.
    """

    def __init__(self, path: Path | None, folder: Path) -> None:
        self.folder = folder
        self._close = contextlib.ExitStack()
        with _told(path):
            if path is None:
                made = self._close.enter_context(tempfile.TemporaryDirectory(prefix="wakeful-"))
            self._db = sqlite3.connect(path or Path(made) / "explored.sqlite")
            self._close.callback(self._db.close)
            _require_ours(self._db, path)
            self._db.executescript(_TABLES)
            _require_folder(self._db, path, folder)
        self._path = path

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *reason: object) -> None:
        self._close.close()

    def query(self, text: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Rows as they come, never all at once; "+" adds the condition that a clip was measured."""
        with _told(self._path):
            yield from self._db.execute(
                text.replace("+", "error IS NULL AND seconds IS NOT NULL"), values
            )

    def one(self, text: str, *values: object) -> Any:
        """The first value of the first row."""
        return next(self.query(text, *values))[0]

    def teach(self, name: str, values: int, function: Callable[..., float]) -> None:
        """Let questions use a function of ours."""
        self._db.create_function(name, values, function, deterministic=True)

    def save(self) -> None:
        """What was measured up to here is kept, whatever happens next."""
        with _told(self._path):
            self._db.commit()

    def note(self, clips: Iterable[Clip]) -> int:
        """Note every recording, and forget those that are gone; returns how many there are."""
        self.change("UPDATE clips SET listed = 0")
        with _told(self._path):
            self._db.executemany(_LIST, (self._listed(clip) for clip in clips))
        self.change("DELETE FROM spectra WHERE id IN (SELECT id FROM clips WHERE NOT listed)")
        self.change("DELETE FROM clips WHERE NOT listed")
        self.save()
        return int(self.one("SELECT count(*) FROM clips"))

    def _listed(self, clip: Clip) -> tuple[object, ...]:
        try:
            status = clip.path.stat()
            size, changed = status.st_size, status.st_mtime_ns
        except OSError:  # gone meanwhile, or a link to nothing: measuring will say so
            size = changed = -1
        name = os.fsencode(clip.path.relative_to(self.folder))
        told = (clip.label, clip.label, clip.speaker, clip.split or "")
        return name, *(shown(text) for text in told), size, changed

    def change(self, text: str, *values: object) -> None:
        """Something that gives nothing back."""
        with _told(self._path):
            self._db.execute(text, values)

    def change_all(self, text: str, rows: Iterable[Sequence[object]]) -> None:
        """The same for each row of values."""
        with _told(self._path):
            self._db.executemany(text, rows)

    def put(self, found: Iterable[tuple[int, Measured | str]]) -> None:
        """What was measured of each, or why nothing could be."""
        for number, measured in found:
            if isinstance(measured, str):
                self.change("UPDATE clips SET error = ? WHERE id = ?", shown(measured), number)
                continue
            values = asdict(measured)
            spectra = values.pop("spectrum"), values.pop("shape")
            columns = ", ".join(f"{name} = ?" for name in values)
            self.change(f"UPDATE clips SET {columns} WHERE id = ?", *values.values(), number)
            blobs = (v.astype("<f2").tobytes() for v in spectra)
            self.change("INSERT OR REPLACE INTO spectra VALUES (?, ?, ?)", number, *blobs)
        self.save()

    def waiting(self, most: int) -> list[tuple[int, Path]]:
        """The next that are not measured, in order of their names."""
        text = "SELECT id, name FROM clips WHERE seconds IS NULL AND error IS NULL ORDER BY name"
        return [
            (n, self.folder / os.fsdecode(name)) for n, name in self.query(f"{text} LIMIT ?", most)
        ]

    def rows(self, condition: str, *values: object) -> list[Row]:
        """Some recordings; `condition` is what stands behind WHERE, and says how many."""
        text = f"SELECT id, name, label, speaker, split FROM clips WHERE {condition}"
        return [Row(n, os.fsdecode(name), *told) for n, name, *told in self.query(text, *values)]

    def path_of(self, row: Row) -> Path:
        """Where it lies."""
        return self.folder / row.name

    def shapes(self, at_once: int = 1_024) -> Iterator[tuple[list[int], Spectra]]:
        """(ids, shapes [n, SHAPE]) of all, some at a time."""
        for ids, _, shapes in self.labelled_shapes(at_once):
            yield ids, shapes

    def labelled_shapes(
        self, at_once: int = 1_024
    ) -> Iterator[tuple[list[int], list[str], Spectra]]:
        """(ids, labels, shapes [n, SHAPE]) of all, some at a time."""
        text = "SELECT id, label, shape FROM clips JOIN spectra USING (id) ORDER BY id"
        for part in _parts(self.query(text), at_once):
            ids, labels, blobs = zip(*part, strict=True)
            yield list(ids), list(labels), _unpacked(blobs, SHAPE)

    def spectra(self, at_once: int = 1_024) -> Iterator[tuple[list[str], Spectra, Spectra]]:
        """(labels, spectra [n, BINS], shapes [n, SHAPE]), some at a time."""
        text = "SELECT label, spectrum, shape FROM clips JOIN spectra USING (id) ORDER BY id"
        for part in _parts(self.query(text), at_once):
            spectra = _unpacked([row[1] for row in part], BINS)
            yield [row[0] for row in part], spectra, _unpacked([row[2] for row in part], SHAPE)


_LIST = """
INSERT INTO clips (name, listed, label, said, speaker, split, size, changed)
VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (name) DO UPDATE SET listed = 1, label = ?2, said = ?3, speaker = ?4, split = ?5,
  error = CASE WHEN size = ?6 AND changed = ?7 THEN error END,
  seconds = CASE WHEN size = ?6 AND changed = ?7 THEN seconds END,
  size = ?6, changed = ?7
"""


def _require_ours(db: sqlite3.Connection, path: Path | None) -> None:
    """A file that is something else is left as it is."""
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if tables and version != VERSION:
        raise ExploreError(f"{path}: was not written by this version; name another file to --keep")


def _require_folder(db: sqlite3.Connection, path: Path | None, folder: Path) -> None:
    """One file for one folder: of another one everything would be forgotten."""
    here = os.fsencode(folder.resolve())
    for (there,) in db.execute("SELECT folder FROM about").fetchall():
        if there != here:
            raise ExploreError(
                f"{shown(path or folder)}: was measured of {shown(os.fsdecode(there))}; "
                "name another file to --keep"
            )
        return
    db.execute("INSERT INTO about VALUES (?)", (here,))


@contextlib.contextmanager
def _told(path: Path | None) -> Iterator[None]:
    """A full disk, or a file that can't be written, in one line."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        where = shown(path) if path else tempfile.gettempdir()
        raise ExploreError(
            f"{where}: can't keep what is measured ({error}); "
            "make room, or name a file elsewhere with --keep"
        ) from error


def _parts(rows: Iterator[tuple[Any, ...]], at_once: int) -> Iterator[list[tuple[Any, ...]]]:
    part: list[tuple[Any, ...]] = []
    for row in rows:
        part.append(row)
        if len(part) == at_once:
            yield part
            part = []
    if part:
        yield part


def _unpacked(blobs: Sequence[bytes], width: int) -> Spectra:
    return np.frombuffer(b"".join(blobs), "<f2").reshape(len(blobs), width).astype(np.float32)
