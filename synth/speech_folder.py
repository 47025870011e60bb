"""How installed speech lies on disk, and what its manifests tell.

    DIR/NAME/000001.flac, DIR/NAME/LANGUAGE/000001.flac where a package speaks several
    DIR/NAME/manifest.jsonl      what each file is
    DIR/NAME/left-out.jsonl      what in the package was no speech, and why
    DIR/NAME/transcripts.jsonl   what the judge heard, once it was asked
    DIR/NAME/without.jsonl       what was taken away because it holds a word
    DIR/LICENCES/NAME            the package's copyright file
    DIR/data.json                for `wakeful train --data`

``DIR/NAME`` appears when all of it is there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..models.whole_file import write_whole
from .recording import SpeechError
from .speech_sources import SOURCES

MANIFEST, LEFT_OUT = "manifest.jsonl", "left-out.jsonl"
TRANSCRIPTS, WITHOUT = "transcripts.jsonl", "without.jsonl"
LICENCES, DATA = "LICENCES", "data.json"

Row = dict[str, Any]


def speech_folder() -> Path:
    """Where speech goes when nobody says where: among this user's data."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "wakeful" / "speech"


def is_there(folder: Path, name: str) -> bool:
    """Whether a package's speech is there, which is to say, all of it."""
    return (folder / name / MANIFEST).is_file()


def installed_names(folder: Path) -> list[str]:
    """The packages whose speech is there."""
    return [name for name in SOURCES if is_there(folder, name)]


def rows(file: Path) -> list[Row]:
    """A file's lines, none where there is no file. What a kill cut off was never written.

    Raises `SpeechError` for one that isn't ours.
    """
    if not file.is_file():
        return []
    try:
        whole = file.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
        found = [json.loads(line) for line in whole]
    except ValueError as error:
        raise SpeechError(f"{file}: can't be read ({error}); take {file.parent} away") from error
    if not all(isinstance(row, dict) for row in found):
        raise SpeechError(f"{file}: is no list of recordings; take {file.parent} away")
    return found


def add_row(file: Path, row: Row) -> None:
    """One more line, after what it tells of has happened."""
    with file.open("a", encoding="utf-8") as opened:
        opened.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_rows(file: Path, kept: Iterable[Row]) -> None:
    """All lines anew."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept)
    write_whole(file, text.encode())


def hours(folder: Path, name: str) -> float:
    """How much of a package's speech is there."""
    return sum(float(row["seconds"]) for row in rows(folder / name / MANIFEST)) / 3600


def write_data(folder: Path) -> None:
    """What is there now, as `wakeful train --data` takes it: packages, licences, hours."""
    named = [(name, SOURCES[name]) for name in installed_names(folder)]
    there = [
        {"name": f"{s.package} (Debian)", "licence": s.licence, "hours": round(hours(folder, n), 3)}
        for n, s in named
    ]
    write_whole(folder / DATA, (json.dumps(there, indent=2) + "\n").encode())
