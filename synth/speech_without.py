"""Which of installed recordings hold a word, or what sounds nearly like it: those are taken away.

Whisper writes down each recording once, whatever words are asked for later. It is small and
English: what it hears in another language still shows the sounds of a word that many share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from .collection import CollectionError
from .judge import MOST_UNLIKE, Judge
from .levels import to_float
from .recording import SpeechError
from .shelf import read_sound
from .speech_folder import (
    MANIFEST,
    TRANSCRIPTS,
    WITHOUT,
    Row,
    add_row,
    rows,
    write_data,
    write_rows,
)

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Parted:
    """How many recordings were judged, and those that were taken away for this word, ever."""

    judged: int
    taken: tuple[Row, ...]


def leave_out(
    word: str,
    folder: Path,
    names: Iterable[str],
    judge: Judge,
    progress: Progress = lambda done, total: None,
) -> Parted:
    """Take the recordings that hold `word` out of these packages' folders and manifests.

    What was taken is listed in each folder's ``without.jsonl``. A run that was stopped goes on.
    Raises `SpeechError` where a recording can't be read or a folder not written to.
    """
    places = [folder / name for name in names]
    try:
        _listen(places, judge, progress)
        found = [_part(place, word, judge) for place in places]
        write_data(folder)
    except OSError as error:
        raise SpeechError(
            f"{error.filename or folder}: can't be written ({error.strerror or error})"
        ) from error
    taken = tuple(row for parted in found for row in parted.taken)
    return Parted(sum(parted.judged for parted in found), taken)


def _listen(places: Iterable[Path], judge: Judge, progress: Progress) -> None:
    """Everything that was not heard before."""
    listed = [(place, str(r["file"])) for place in places for r in rows(place / MANIFEST)]
    heard = {(place, str(r["file"])) for place in places for r in rows(place / TRANSCRIPTS)}
    for place in places:
        if (place / TRANSCRIPTS).is_file():
            write_rows(place / TRANSCRIPTS, rows(place / TRANSCRIPTS))
    waiting = [one for one in listed if one not in heard]
    for done, (place, file) in enumerate(waiting, len(listed) - len(waiting) + 1):
        try:
            sound = to_float(read_sound(place / file))
        except CollectionError as error:
            raise SpeechError(f"{error}; then take {place} away and install it anew") from error
        add_row(place / TRANSCRIPTS, {"file": file, "transcript": judge.transcript(sound)})
        progress(done, len(listed))


def _part(place: Path, word: str, judge: Judge) -> Parted:
    """Listed first, then out of the manifest, then away: a kill between leaves no gap."""
    said = {str(r["file"]): str(r["transcript"]) for r in rows(place / TRANSCRIPTS)}
    manifest = rows(place / MANIFEST)
    before = rows(place / WITHOUT)
    if (place / WITHOUT).is_file():
        write_rows(place / WITHOUT, before)
    known = {str(r["file"]) for r in before}
    for row in manifest:
        transcript = said[str(row["file"])]
        unlike = judge.unlikeness(word, transcript)
        if unlike <= MOST_UNLIKE and row["file"] not in known:
            told = {"word": word, "transcript": transcript, "unlikeness": round(unlike, 3)}
            add_row(place / WITHOUT, row | told)
    without = rows(place / WITHOUT)
    gone = {str(r["file"]) for r in without}
    write_rows(place / MANIFEST, [r for r in manifest if str(r["file"]) not in gone])
    for file in gone:
        (place / file).unlink(missing_ok=True)
    return Parted(len(manifest), tuple(r for r in without if r["word"] == word))
