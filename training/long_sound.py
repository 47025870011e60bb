"""Sound in which nobody says the word, as the daemon meets it: one long stream after another.

Files follow one another in a stream with a second of a quiet room between them, and nothing is
reset at a seam: the gate closes in the pause, or stays open where it would. A stream ends with the
file that makes it ten minutes long, and the next begins afresh: so where streams end depends on the
files alone, and processes can share them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..daemon.files import SoundFile
from ..synth.levels import Samples
from .quiet_room import in_quiet_room
from .takes import RATE_HZ, length_s, pieces, shown

STREAM_S = 600.0
PAUSE_S = 1.0
_PAUSE = in_quiet_room(np.zeros(0, np.int16), after=0, before=round(PAUSE_S * RATE_HZ))


@dataclass(frozen=True)
class LongFile:
    """A file, what it is called, and how long its head says it is."""

    path: Path
    name: str
    duration_s: float


@dataclass(frozen=True)
class Seam:
    """`file` began at sample `start` of a stream."""

    file: LongFile
    start: int


class Stream:
    """Some files as one sound, in pieces; knows afterwards what lay where."""

    def __init__(self, files: Sequence[LongFile]) -> None:
        self._files = files
        self.seams: list[Seam] = []
        self.own_samples = 0
        """How much of it came from files: pauses are no hours of sound."""
        self.warnings: list[str] = []

    def pieces(self) -> Iterator[Samples]:
        """A second at a time; raises `FileError` where a file breaks off."""
        fed = 0
        for entry in self._files:
            self.seams.append(Seam(entry, fed))
            file = SoundFile(entry.path, 0.0)
            self.warnings += [file.warning] if file.warning else []
            try:
                for piece in pieces(file):
                    fed += len(piece)
                    self.own_samples += len(piece)
                    yield piece
            finally:
                file.close()
            fed += len(_PAUSE)
            yield _PAUSE

    def place(self, sample: int) -> tuple[str, float]:
        """Which file lies there, and how many seconds into it."""
        seam = [s for s in self.seams if s.start <= sample][-1]
        return seam.file.name, (sample - seam.start) / RATE_HZ

    def cut(self, first: int, last: int) -> Samples:
        """Samples [first, last), zeros where there is nothing."""
        found = np.zeros(last - first, np.int16)
        fed = 0
        for piece in Stream(self._files).pieces():
            a, b = max(first, fed), min(last, fed + len(piece))
            if a < b:
                found[a - first : b - first] = piece[a - fed : b - fed]
            fed += len(piece)
            if fed >= last:
                break
        return found


def long_files(folder: Path, paths: Sequence[Path]) -> list[LongFile]:
    """With their lengths; raises `FileError` for what is no sound."""
    return [LongFile(path, shown(path, folder), length_s(path)) for path in paths]


def streams(files: Sequence[LongFile]) -> list[tuple[LongFile, ...]]:
    """Files in their order, cut into streams."""
    cut: list[tuple[LongFile, ...]] = []
    together: list[LongFile] = []
    for file in files:
        together.append(file)
        if sum(f.duration_s + PAUSE_S for f in together) >= STREAM_S:
            cut.append(tuple(together))
            together = []
    return [*cut, tuple(together)] if together else cut
