"""Many words, each by many voices, as a folder for each word in the form of Speech Commands.

``yes/1f00ab3c_nohash_000012.flac``: the eight digits stand for the voice, so whoever splits such a
folder by speaker splits this one by voice. A clip has a number and a generator of its own, as in
`clips`: it is the same however many processes made it, and a run that was stopped goes on.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..models.errors import WakefulError
from ..models.whole_file import write_whole
from .engines import installed
from .flac import at_peak, write_flac
from .phrases import Texts, sayable
from .pools import pool
from .take import Studio, Take
from .voice import EngineMissingError
from .warp import has_world

MANIFEST = "manifest.jsonl"
_TRIES = 4

Progress = Callable[[int, int], None]
Row = dict[str, Any]


class WordsError(WakefulError):
    """The folder of words can't be written to, or was begun with another seed."""


@dataclass(frozen=True)
class WordOrder:
    """How many clips of which words, by which engines."""

    counts: Mapping[str, int]
    engines: tuple[str, ...]
    seed: int = 1

    def jobs(self) -> list[tuple[str, int]]:
        """Every clip as its word and its number among those of the word, all words in turn."""
        most = max(self.counts.values(), default=0)
        return [(word, i) for i in range(most) for word, n in self.counts.items() if i < n]


def make_words(
    order: WordOrder, folder: Path, processes: int, progress: Progress = lambda done, total: None
) -> dict[str, int]:
    """Make what is not there yet; returns how many clips of each word are there then.

    A clip is tried four times; a number may come to nothing. Raises `EngineMissingError`,
    `VoiceError` for a word that can't be said, `WordsError` for a folder that can't be written to.
    """
    for word in order.counts:
        sayable(word)
    _studio(order)
    try:
        done = _resumed(order, folder)
        jobs = order.jobs()
        missing = [job for job in jobs if job not in done]
        for count, row in enumerate(_made(order, folder, missing, processes), 1):
            with (folder / MANIFEST).open("a", encoding="utf-8") as listed:
                listed.write(json.dumps(row) + "\n")
            progress(len(jobs) - len(missing) + count, len(jobs))
        return dict(Counter(row["word"] for row in rows_of(folder) if "file" in row))
    except OSError as error:
        raise WordsError(
            f"{error.filename or folder}: can't be written ({error.strerror or error}); "
            "the same command goes on from here when that is mended"
        ) from error


def rows_of(folder: Path) -> list[Row]:
    """What the manifest lists, a half-written last line left out; raises `WordsError`."""
    listed = folder / MANIFEST
    if not listed.is_file():
        return []
    whole = listed.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
    try:
        rows = [json.loads(line) for line in whole]
        _ = [(row["word"], row["number"], row["seed"]) for row in rows]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise WordsError(f"{listed}: is no list of words; give another --out") from error
    return rows


def _resumed(order: WordOrder, folder: Path) -> set[tuple[str, int]]:
    """What is done; a half-written line and files that a kill left are taken away."""
    folder.mkdir(parents=True, exist_ok=True)
    for beside in folder.glob("*/.*.flac.*"):
        beside.unlink()
    rows = rows_of(folder)
    if odd := {row["seed"] for row in rows} - {order.seed}:
        raise WordsError(
            f"{folder}: was begun with --seed {odd.pop()}; give that one or another --out"
        )
    if rows:
        write_whole(folder / MANIFEST, "".join(json.dumps(r) + "\n" for r in rows).encode())
    return {(row["word"], row["number"]) for row in rows}


def _made(
    order: WordOrder, folder: Path, jobs: Sequence[tuple[str, int]], processes: int
) -> Iterator[Row]:
    if processes == 1:
        _begin(order, folder)
        yield from map(_make, jobs)
        return
    with pool(processes, _begin, (order, folder)) as workers:
        yield from workers.imap_unordered(_make, jobs, chunksize=4)


_worker: dict[str, Any] = {}


def _begin(order: WordOrder, folder: Path) -> None:
    """In each process once: the engines take seconds to load."""
    _worker.update(order=order, folder=folder, studio=_studio(order))


def _studio(order: WordOrder) -> Studio:
    there, missing = installed(order.engines)
    if not there:
        raise EngineMissingError("; ".join(missing.values()))
    return Studio(there, Texts("", ()), has_world())


def _make(job: tuple[str, int]) -> Row:
    """One clip, and the line for it; a line without a file where no take was of use."""
    word, number = job
    order: WordOrder = _worker["order"]
    studio = Studio(_worker["studio"].engines, Texts(word, ()), _worker["studio"].warps)
    rng = np.random.default_rng([order.seed, zlib.crc32(word.encode()), number])
    named = {"word": word, "number": number, "seed": order.seed}
    for _ in range(_TRIES):
        drawn = studio.draw("positive", rng)
        take = studio.take("hard", drawn) if not drawn.carried else None
        if take and not take.reason:
            return named | _written(word, number, take, studio)
    return named


def _written(word: str, number: int, take: Take, studio: Studio) -> Row:
    speaker = take.drawn.speaker
    voice = f"{speaker.engine} {speaker.voice} {take.drawn.warp}"
    name = f"{word}/{zlib.crc32(voice.encode()):08x}_nohash_{number:06d}.flac"
    target = _worker["folder"] / name
    target.parent.mkdir(exist_ok=True)
    write_flac(target, at_peak(take.sound))
    return {"file": name, **take.drawn.row(), "licence": studio.engines[speaker.engine].licence}
