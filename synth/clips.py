"""Clips of a word by many voices, into a folder with a manifest: resumable, the same for a seed.

Every clip has a number and a generator of its own, so what it holds does not depend on how many
processes made it or on where an earlier run was stopped. A clip is written beside its place and
renamed, and only then listed.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .engines import draw_engine, installed
from .phrases import Texts
from .trim import trimmed
from .voice import SAMPLE_RATE_HZ, EngineMissingError, Sound, Speaker, VoiceError
from .warp import Warp, draw_warp, has_world, warped

KINDS = ("positive", "hard", "sentence")
MANIFEST, DROPPED = "manifest.jsonl", "dropped.jsonl"
_HELD_OUT_SHARE = 0.12
_WARPED_SHARE, _WARPED_LONG_SHARE, _LONG_S = 0.5, 0.15, 2.0
_SHORTEST_S = 0.15
_WORD_S = (0.25, 1.6)
_PEAK = 0.7
_TRIES = 4

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Order:
    """What to make: how many clips of each kind, of which texts, by which engines."""

    texts: Texts
    counts: dict[str, int]
    engines: tuple[str, ...]
    seed: int


@dataclass(frozen=True)
class Drawn:
    """All that was drawn for one clip."""

    text: str
    speaker: Speaker
    warp: Warp | None
    split: str


def make_clips(
    order: Order, folder: Path, processes: int, progress: Progress = lambda done, total: None
) -> dict[str, int]:
    """Make what is not there yet; returns how many of each kind there are, and of each drop.

    Raises `EngineMissingError` when none of the engines is installed.
    """
    _engines(order.engines)
    jobs = [(kind, number) for kind in KINDS for number in range(order.counts.get(kind, 0))]
    made = {kind: _listed(folder / kind / MANIFEST) for kind in KINDS}
    dropped = {kind: _listed(folder / kind / DROPPED) for kind in KINDS}
    missing = [(k, number) for k, number in jobs if number not in made[k] | dropped[k]]
    found: Counter[str] = Counter({kind: len(made[kind]) for kind in KINDS})
    for done, (kind, row) in enumerate(_made(order, folder, missing, processes), 1):
        name = MANIFEST if "file" in row else DROPPED
        with (folder / kind / name).open("a", encoding="utf-8") as manifest:
            manifest.write(json.dumps(row) + "\n")
        found[kind if name == MANIFEST else f"dropped {kind}"] += 1
        progress(len(jobs) - len(missing) + done, len(jobs))
    return dict(found)


def _listed(manifest: Path) -> set[int]:
    """The numbers that a list has; a half-written last line doesn't count and is taken away."""
    manifest.parent.mkdir(parents=True, exist_ok=True)
    if not manifest.is_file():
        return set()
    whole = manifest.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
    manifest.write_text("".join(line + "\n" for line in whole), encoding="utf-8")
    return {json.loads(line)["number"] for line in whole}


def _made(
    order: Order, folder: Path, jobs: Sequence[tuple[str, int]], processes: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    if processes == 1:
        _begin(order, folder)
        yield from map(_make, jobs)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, _begin, (order, folder)) as pool:
        yield from pool.imap_unordered(_make, jobs, chunksize=4)


_worker: dict[str, Any] = {}


def _begin(order: Order, folder: Path) -> None:
    """In each process once: the engines take seconds to load."""
    engines = _engines(order.engines)
    _worker.update(order=order, folder=folder, engines=engines, warps=has_world())


def _engines(names: Sequence[str]) -> dict[str, Any]:
    there, missing = installed(names)
    if not there:
        raise EngineMissingError("; ".join(missing.values()))
    return there


def _make(job: tuple[str, int]) -> tuple[str, dict[str, Any]]:
    """One clip: its line for the manifest, without a file when nothing good came of it."""
    kind, number = job
    order: Order = _worker["order"]
    rng = np.random.default_rng([order.seed, KINDS.index(kind), number])
    row: dict[str, Any] = {"number": number}
    for _ in range(_TRIES):
        drawn = _draw(order, kind, rng)
        engine = _worker["engines"][drawn.speaker.engine]
        try:
            sound = _said(engine, drawn)
        except VoiceError as error:
            row["dropped"] = str(error)
            continue
        fault = fault_of(sound, kind)
        if not fault:
            return kind, row | _written(kind, number, sound, drawn, engine.licence)
        row["dropped"] = f"{fault}: {drawn.text!r} by {drawn.speaker.voice}"
    return kind, row


def _draw(order: Order, kind: str, rng: np.random.Generator) -> Drawn:
    held_out = bool(rng.random() < _HELD_OUT_SHARE)
    engine = draw_engine(_worker["engines"], rng, held_out)
    text = order.texts.draw(kind, rng)
    share = _WARPED_LONG_SHARE if kind == "sentence" else _WARPED_SHARE
    speaker = engine.draw(rng, held_out)
    warp = draw_warp(rng) if rng.random() < share and _worker["warps"] else None
    return Drawn(text, speaker, warp, "validation" if held_out else "train")


def _said(engine: Any, drawn: Drawn) -> Sound:
    sound = trimmed(engine.speak(drawn.text, drawn.speaker))
    if drawn.warp and len(sound) > _SHORTEST_S * SAMPLE_RATE_HZ:
        sound = trimmed(warped(sound, drawn.warp))
    return sound


def fault_of(sound: Sound, kind: str) -> str:
    """Why a clip is of no use; empty when it is."""
    seconds = len(sound) / SAMPLE_RATE_HZ
    if seconds < _SHORTEST_S or not np.isfinite(sound).all() or np.abs(sound).max() < 1e-3:
        return "silent"
    if kind == "positive" and not _WORD_S[0] < seconds < _WORD_S[1] * 2:
        return f"{seconds:.1f} s long"
    return ""


def _written(kind: str, number: int, sound: Sound, drawn: Drawn, licence: str) -> dict[str, Any]:
    import soundfile

    folder: Path = _worker["folder"] / kind
    name = f"{number:06d}.flac"
    beside = folder / f".{name}.{os.getpid()}"
    level = sound * np.float32(_PEAK / np.abs(sound).max())
    soundfile.write(beside, level, SAMPLE_RATE_HZ, format="FLAC", subtype="PCM_16")
    beside.replace(folder / name)
    row: dict[str, Any] = {
        "file": name,
        "text": drawn.text,
        "engine": drawn.speaker.engine,
        "voice": drawn.speaker.voice,
        "parameters": dict(drawn.speaker.parameters),
        "warp": asdict(drawn.warp) if drawn.warp else None,
        "licence": licence,
        "split": drawn.split,
    }
    if kind == "positive":
        row |= {"keyword_start_s": 0.0, "keyword_end_s": len(sound) / SAMPLE_RATE_HZ}
    return row
