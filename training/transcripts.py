"""Which recordings hold the word, by what their transcripts say: those are no negatives.

Read are LibriSpeech's ``*.trans.txt``, a ``NAME.txt`` beside a recording of that name, and tables
(``*.csv``, ``*.tsv``) whose first line names a column for the file and one for the text.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from ..models.errors import WakefulError
from .corpus import SUFFIXES

FILE_COLUMNS = ("file", "filename", "path", "audio", "wav_filename", "id")
TEXT_COLUMNS = ("transcript", "text", "sentence", "transcription")
_SOUND = (*SUFFIXES, ".mp3", ".opus")
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class TranscriptError(WakefulError):
    """A transcript can't be read."""


@dataclass(frozen=True)
class Sifted:
    """`kept` may be negatives; `left_out` hold the word; of `untold` nobody wrote what is said."""

    kept: list[Path]
    left_out: list[Path]
    untold: int


def tokens(text: str) -> list[str]:
    """Words in small letters, without what belongs to them: "Computer's" is "computer"."""
    found = (t.casefold().replace("’", "'") for t in _TOKEN.findall(text))
    return [t.removesuffix("'s") for t in found]


def holds(text: str, phrase: str) -> bool:
    """Whether a phrase's words follow each other in a text; "activated" is not "activate"."""
    said, wanted = tokens(text), tokens(phrase)
    starts = range(len(said) - len(wanted) + 1)
    return bool(wanted) and any(said[at : at + len(wanted)] == wanted for at in starts)


def sift(folder: Path, paths: Sequence[Path], phrase: str) -> Sifted:
    """Part a folder's recordings by its transcripts; raises `TranscriptError`."""
    texts = _texts(folder, paths)
    left_out = [p for p in paths if any(holds(text, phrase) for text in texts.get(p, ()))]
    out = set(left_out)
    untold = sum(1 for p in paths if p not in texts)
    return Sifted([p for p in paths if p not in out], left_out, untold)


def _texts(folder: Path, paths: Sequence[Path]) -> dict[Path, list[str]]:
    by_stem: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        by_stem[path.stem].append(path)
    found: dict[Path, list[str]] = defaultdict(list)
    for source in sorted(folder.rglob("*")):
        if source.suffix.lower() not in (".txt", ".csv", ".tsv") or not source.is_file():
            continue
        for name, text in _entries(source):
            for path in by_stem.get(PurePath(name).name, ()):
                if _is_meant(path, source.parent, name):
                    found[path].append(text)
    return found


def _is_meant(path: Path, beside: Path, name: str) -> bool:
    """A name without folders means the file of that stem anywhere below its transcript."""
    if not path.is_relative_to(beside):
        return False
    wanted = PurePath(name).parts
    return path.relative_to(beside).with_suffix("").parts[-len(wanted) :] == wanted


def _entries(source: Path) -> Iterator[tuple[str, str]]:
    """(name without its ending, text)."""
    try:
        text = source.read_text(encoding="utf-8-sig")
        if source.name.lower().endswith(".trans.txt"):
            for line in text.splitlines():
                name, _, said = line.partition(" ")
                yield name, said
        elif source.suffix.lower() == ".txt":
            yield source.stem, text
        else:
            yield from _table(text)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TranscriptError(
            f"{source}: can't be read as a transcript ({error}); save it as UTF-8 or move it away"
        ) from error


def _table(text: str) -> Iterator[tuple[str, str]]:
    lines = text.splitlines(keepends=True)
    first = lines[0] if lines else ""
    delimiter = next((d for d in "\t|" if d in first), ",")
    rows = csv.DictReader(lines, delimiter=delimiter, restval="")
    headings = rows.fieldnames or ()
    file = next((c for c in FILE_COLUMNS if c in headings), None)
    said = next((c for c in TEXT_COLUMNS if c in headings), None)
    if file and said:
        for row in rows:
            yield _without_ending(row[file]), row[said]


def _without_ending(name: str) -> str:
    ending = next((s for s in _SOUND if name.lower().endswith(s)), "")
    return name[: len(name) - len(ending)]
