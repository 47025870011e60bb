"""Where the word is said in many recordings: all of them heard side by side, on one core."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..models.errors import WakefulError
from ..models.runtime import TriggerModel
from .events import Event, Stamp, Wake
from .files import SoundFile
from .many import ManyStreams
from .settings import Settings
from .source import SAMPLE_RATE_HZ

_PIECE = SAMPLE_RATE_HZ
SUFFIXES = (".flac", ".mp3", ".oga", ".ogg", ".opus", ".wav")


class NothingToScanError(WakefulError):
    """A folder without sound."""


@dataclass(frozen=True)
class Said:
    """A word in a file, `at_s` from its beginning: where it had been said."""

    path: Path
    at_s: float
    keyword: str
    model: str
    score: float


@dataclass(frozen=True)
class Unread:
    """A file that is no sound, or that breaks off; what was heard up to there has been told."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Read:
    """A file that has been heard to its end."""

    path: Path
    duration_s: float


def sound_paths(named: Iterable[Path]) -> list[Path]:
    """Files as they are named, and of folders all sound under them, sorted.

    Raises `NothingToScanError` for a folder that holds none.
    """
    found: list[Path] = []
    for path in named:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES)
        if not inside:
            raise NothingToScanError(
                f"{path}: no {', '.join(SUFFIXES)} in it; name a folder that holds sound"
            )
        found += inside
    return found


def scan(
    paths: Sequence[Path], models: Sequence[TriggerModel], settings: Settings, at_once: int
) -> Iterator[Said | Unread | Read]:
    """What is found, file by file as they end: up to `at_once` are open at a time."""
    streams = ManyStreams(settings, models, min(at_once, max(1, len(paths))))
    left = iter(paths)
    open_files: dict[int, SoundFile] = {}
    heard: dict[int, list[Event]] = {}
    while True:
        yield from _opened(left, streams, open_files, heard)
        if not open_files:
            return
        pieces, over = {}, dict[int, str]()
        for stream, file in open_files.items():
            try:
                piece = file.read(_PIECE)
            except WakefulError as error:
                over[stream] = str(error)
                continue
            if len(piece):
                pieces[stream] = piece
            else:
                over[stream] = ""
        for stream, events in streams.feed(pieces).items():
            heard[stream] += events
        for stream, reason in over.items():
            file = open_files.pop(stream)
            duration_s = streams.heard_s(stream)
            yield from _said(file.path, heard.pop(stream) + streams.close(stream))
            yield Unread(file.path, reason) if reason else Read(file.path, duration_s)
            file.close()


def _opened(
    left: Iterator[Path],
    streams: ManyStreams,
    open_files: dict[int, SoundFile],
    heard: dict[int, list[Event]],
) -> Iterator[Unread]:
    """As many more files as there are places for; those that can't be opened are told."""
    while streams.has_place:
        path = next(left, None)
        if path is None:
            return
        try:
            file = SoundFile(path, 0.0)
        except WakefulError as error:
            yield Unread(path, str(error))
            continue
        stream = streams.open(Stamp(file.name, 0.0))
        open_files[stream], heard[stream] = file, []


def _said(path: Path, events: Iterable[Event]) -> Iterator[Said]:
    for event in events:
        if isinstance(event, Wake):
            at_s = event.sample / SAMPLE_RATE_HZ
            yield Said(path, at_s, event.keyword, event.model, event.score)
