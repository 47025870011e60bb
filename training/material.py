"""What an evaluation is asked for, and what is found in the folders that it was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..daemon.printable import printable
from ..models.errors import WakefulError
from .corpus import sound_files
from .long_sound import LongFile, long_files, streams
from .noisy import Backdrop
from .takes import Take, read_takes
from .transcripts import sift


class EvaluationError(WakefulError):
    """An evaluation can't go on."""


@dataclass(frozen=True)
class Request:
    """What was asked for."""

    model: str
    positives: Sequence[Path]
    negatives: Sequence[Path] = ()
    noise: Sequence[Path] = ()
    snr_db: float = 10.0
    transcripts: bool = False
    seed: int = 1
    processes: int = 1
    scheduler: str = ""
    """The address of a dask scheduler whose workers hear, instead of processes here."""


@dataclass(frozen=True)
class Material:
    """What was found in the folders."""

    takes: list[Take]
    streams: list[tuple[LongFile, ...]]
    backdrop: Backdrop | None = None
    left_out: list[str] = field(default_factory=list)
    """Negatives whose transcript holds the word."""
    untold: int = 0
    """Negatives without a transcript, where transcripts were asked for."""
    unplaced: int = 0
    """Rows of labels that don't say where the word is."""


def find_material(request: Request, word: str) -> Material:
    """Every file named and looked into; raises for the first that can't be used."""
    found = read_takes(request.positives)
    left_out: list[str] = []
    untold, cut = 0, []
    for folder in request.negatives:
        paths = sound_files(folder)
        if request.transcripts:
            sifted = sift(folder, paths, word)
            paths, untold = sifted.kept, untold + sifted.untold
            left_out += [printable(str(p)) for p in sifted.left_out]
            _require_some(folder, paths, word)
        cut += streams(long_files(folder, paths))
    _require_apart(found.takes, cut)
    noise = [path for folder in request.noise for path in sound_files(folder)]
    backdrop = Backdrop(noise, request.snr_db, request.seed) if noise else None
    return Material(found.takes, cut, backdrop, left_out, untold, found.unplaced)


def _require_apart(takes: Sequence[Take], cut: Sequence[Sequence[LongFile]]) -> None:
    positives = {take.path.resolve() for take in takes}
    both = [f.path for files in cut for f in files if f.path.resolve() in positives]
    if both:
        raise EvaluationError(
            f"{both[0]}: is among the positives and the negatives; leave it out of one of them"
        )


def _require_some(folder: Path, kept: Sequence[Path], word: str) -> None:
    if not kept:
        raise EvaluationError(
            f"{folder}: every transcript in it holds {word!r}; give sound without the word"
        )
