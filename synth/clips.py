"""Clips of a word by many voices, into a folder with a manifest: resumable, the same for a seed.

Every clip has a number and a generator of its own, so what it holds does not depend on how many
processes made it or on where an earlier run was stopped. A clip is written beside its place and
renamed, and only then listed. What was dropped on the way is listed too, and why.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..models.errors import WakefulError
from ..models.whole_file import write_whole
from .cluster import by_workers
from .engines import ENGLISH, installed
from .flac import at_peak, write_flac
from .judge import Judge
from .phrases import Texts
from .pools import pool
from .take import Studio, Take
from .voice import SAMPLE_RATE_HZ, Engine, EngineMissingError
from .warp import has_world

KINDS = ("positive", "hard", "sentence")
MANIFEST, DROPPED, ORDER = "manifest.jsonl", "dropped.jsonl", "order.json"
_TRIES = 4

Progress = Callable[[int, int], None]
Row = dict[str, Any]


class ClipsError(WakefulError):
    """The folder of clips can't be written to, or holds something else."""


@dataclass(frozen=True)
class Order:
    """What to make: how many clips of each kind, of which texts, by which engines."""

    texts: Texts
    counts: dict[str, int]
    engines: tuple[str, ...]
    seed: int
    judged: bool = False
    """Whether positives are listened to, and dropped if they say something else."""


@dataclass(frozen=True)
class Made:
    """What a folder holds now: clips by kind, and takes that were dropped by kind and reason."""

    clips: Mapping[str, int] = field(default_factory=dict)
    dropped: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def make_clips(
    order: Order,
    folder: Path,
    processes: int,
    progress: Progress = lambda done, total: None,
    scheduler: str = "",
) -> Made:
    """Make what is not there yet; returns all that is there then.

    With the address of a `scheduler` the workers of its cluster make them, who see the folder too.
    A clip is tried four times, each with another text and speaker; a number may come to nothing.
    Raises `EngineMissingError` when none of the engines, or no judge, is installed, `ClipsError`
    when the folder can't be written to.
    """
    # Here first: what can't be opened in a process of a pool would be tried for ever.
    _engines(order)
    _ears(order)
    jobs = [(kind, number) for kind in KINDS for number in range(order.counts.get(kind, 0))]
    try:
        _begun(order, folder)
        kinds = {kind for kind, _ in jobs} | {k for k in KINDS if (folder / k).is_dir()}
        done = {kind: _resumed(folder / kind) for kind in kinds}
        missing = [(kind, number) for kind, number in jobs if number not in done[kind]]
        first = len(jobs) - len(missing) + 1
        made = _made(order, folder, missing, processes, scheduler)
        for count, (kind, rows) in enumerate(made, first):
            _list(folder / kind, rows)
            progress(count, len(jobs))
        return _counted(folder)
    except OSError as error:
        raise ClipsError(
            f"{error.filename or folder}: can't be written ({error.strerror or error}); "
            "the same command goes on from here when that is mended"
        ) from error


def _begun(order: Order, folder: Path) -> None:
    """Raises `ClipsError` for a folder that was begun with another word or seed."""
    ours = {"word": order.texts.word, "seed": order.seed, "language": order.texts.language}
    kept = folder / ORDER
    folder.mkdir(parents=True, exist_ok=True)
    if not kept.is_file():
        write_whole(kept, json.dumps(ours).encode() + b"\n")
        return
    try:
        theirs = json.loads(kept.read_text(encoding="utf-8"))
    except ValueError:
        theirs = None
    if not isinstance(theirs, dict) or {"language": ENGLISH, **theirs} != ours:
        was = ", ".join(f"{k} {v!r}" for k, v in theirs.items()) if isinstance(theirs, dict) else ""
        raise ClipsError(f"{folder}: was begun with {was or 'something else'}; give another --out")


def _list(folder: Path, rows: Sequence[Row]) -> None:
    """The dropped takes first: a number counts as done by its last line."""
    for row in rows:
        name = MANIFEST if "file" in row else DROPPED
        with (folder / name).open("a", encoding="utf-8") as listed:
            listed.write(json.dumps(row) + "\n")


def _resumed(folder: Path) -> set[int]:
    """The numbers that are done; what a kill left half-listed or half-written is taken away."""
    folder.mkdir(parents=True, exist_ok=True)
    for beside in folder.glob(".*.flac.*"):
        beside.unlink()
    made, dropped = _lines(folder / MANIFEST), _lines(folder / DROPPED)
    done = {row["number"] for row in made} | {r["number"] for r in dropped if r["last"]}
    _rewrite(folder / MANIFEST, made)
    _rewrite(folder / DROPPED, [row for row in dropped if row["number"] in done])
    return done


def _lines(listed: Path) -> list[Row]:
    """A half-written last line doesn't count."""
    if not listed.is_file():
        return []
    whole = listed.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
    return [_line(listed, line) for line in whole]


def _line(listed: Path, line: str) -> Row:
    try:
        row = json.loads(line)
    except json.JSONDecodeError:
        row = None
    if not isinstance(row, dict) or not isinstance(row.get("number"), int):
        raise ClipsError(f"{listed}: is no list of numbered clips; give another --out")
    if "dropped" in row:
        row.setdefault("last", True)
    return row


def _rewrite(listed: Path, rows: Sequence[Row]) -> None:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    if listed.is_file() and listed.read_text(encoding="utf-8") != text:
        write_whole(listed, text.encode())


def _counted(folder: Path) -> Made:
    clips = {kind: len(_lines(folder / kind / MANIFEST)) for kind in KINDS}
    return Made(clips, dropped_takes([folder]))


def dropped_takes(folders: Sequence[Path]) -> dict[str, dict[str, int]]:
    """How many takes were dropped, by kind and reason; raises `ClipsError`."""
    dropped = {
        kind: Counter(r["dropped"] for f in folders for r in _lines(f / kind / DROPPED))
        for kind in KINDS
    }
    return {kind: dict(sorted(reasons.items())) for kind, reasons in dropped.items() if reasons}


def _made(
    order: Order, folder: Path, jobs: Sequence[tuple[str, int]], processes: int, scheduler: str
) -> Iterator[tuple[str, list[Row]]]:
    if scheduler:
        yield from by_workers(scheduler, _begin, (order, folder.absolute()), _make, jobs)
        return
    if processes == 1:
        _begin(order, folder)
        yield from map(_make, jobs)
        return
    with pool(processes, _begin, (order, folder)) as workers:
        yield from workers.imap_unordered(_make, jobs, chunksize=4)


_worker: dict[str, Any] = {}


def _begin(order: Order, folder: Path) -> None:
    """In each process once: the engines take seconds to load."""
    studio = Studio(_engines(order), order.texts, has_world(), _ears(order))
    _worker.update(seed=order.seed, folder=folder, studio=studio)


def _engines(order: Order) -> dict[str, Engine]:
    there, missing = installed(order.engines, order.texts.language)
    if not there:
        raise EngineMissingError("; ".join(missing.values()))
    return there


def _ears(order: Order) -> Judge | None:
    return Judge() if order.judged else None


def _make(job: tuple[str, int]) -> tuple[str, list[Row]]:
    """One clip: a line for each take that was dropped, and one for that which was kept."""
    kind, number = job
    studio: Studio = _worker["studio"]
    rng = np.random.default_rng([_worker["seed"], KINDS.index(kind), number])
    rows: list[Row] = []
    for tried in range(1, _TRIES + 1):
        take = studio.take(kind, studio.draw(kind, rng))
        if not take.reason:
            licence = studio.engines[take.drawn.speaker.engine].licence
            return kind, [*rows, {"number": number, **_written(kind, number, take, licence)}]
        dropped = {"number": number, "dropped": take.reason, "last": tried == _TRIES}
        rows.append(dropped | take.drawn.row())
    return kind, rows


def _written(kind: str, number: int, take: Take, licence: str) -> Row:
    name = f"{number:06d}.flac"
    write_flac(_worker["folder"] / kind / name, at_peak(take.sound))
    row = {"file": name, **take.drawn.row(), "licence": licence}
    if take.keyword:
        start, end = (at / SAMPLE_RATE_HZ for at in take.keyword)
        row |= {"keyword_start_s": start, "keyword_end_s": end}
    return row
