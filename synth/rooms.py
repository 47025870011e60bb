"""A bank of rooms in a folder: simulated once, read by every training after.

A room's file is named by what was drawn, so a stopped run goes on where it was, a larger bank
keeps what the smaller had, and no room is ever taken for another.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from ..models.errors import WakefulError
from ..models.whole_file import whole, write_whole
from .geometry import SAMPLE_RATE_HZ, Geometry, draw_geometry
from .impulse import read_impulses
from .levels import Sound
from .pools import pool
from .progress import Show

MANIFEST = "rooms.jsonl"
_VERSION = 1
"""Counted up when the same drawn room would come to sound another way."""


class RoomsError(WakefulError):
    """A bank of rooms is broken, or can't be written."""


def draw_rooms(count: int, seed: int) -> list[Geometry]:
    """Room ``i`` depends on the seed and on ``i`` alone."""
    return [draw_geometry(np.random.default_rng([seed, number])) for number in range(count)]


def make_rooms(count: int, folder: Path, seed: int, processes: int, show: Show) -> int:
    """Simulate what the folder doesn't hold yet, then list all; how many were simulated."""
    drawn = draw_rooms(count, seed)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = [(g, folder / file_name(g)) for g in drawn]
        missing = [(g, path) for g, path in files if not path.exists()]
        for done, _ in enumerate(_simulated(missing, processes), count - len(missing) + 1):
            show(done, count)
        rows = [json.dumps({"file": file_name(g), **asdict(g)}) + "\n" for g in drawn]
        write_whole(folder / MANIFEST, "".join(rows).encode())
    except OSError as error:
        raise RoomsError(
            f"{folder}: {error.strerror}; what is there stays, run it again"
        ) from error
    return len(missing)


def read_rooms(folder: Path) -> list[Sound]:
    """The responses of a bank as it was made, or of any folder of recorded ones.

    Raises `RoomsError` or `ImpulseError`, naming the file.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return read_impulses(folder)
    return [_read(folder / name) for name in _listed(manifest)]


def file_name(geometry: Geometry) -> str:
    """The same for the same drawn room, and for no other."""
    text = json.dumps([_VERSION, asdict(geometry)], sort_keys=True)
    return f"room-{hashlib.sha256(text.encode()).hexdigest()[:16]}.wav"


def _simulated(missing: list[tuple[Geometry, Path]], processes: int) -> Iterator[None]:
    if processes == 1 or len(missing) < 2:
        yield from map(_simulate, missing)
        return
    with pool(processes) as workers:
        yield from workers.imap_unordered(_simulate, missing)


def _simulate(item: tuple[Geometry, Path]) -> None:
    import soundfile

    geometry, path = item
    try:
        with whole(path) as beside:
            soundfile.write(beside, geometry.response(), SAMPLE_RATE_HZ, "FLOAT", format="WAV")
    except soundfile.SoundFileError as error:
        raise RoomsError(f"{path.parent}: can't be written ({error}); make room there") from error


def _listed(manifest: Path) -> list[str]:
    try:
        rows = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
        return [str(row["file"]) for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        raise RoomsError(f"{manifest}: not a list of rooms; make the rooms again") from error


def _read(path: Path) -> Sound:
    import soundfile

    try:
        samples, rate_hz = soundfile.read(path, dtype="float32")
    except (soundfile.SoundFileError, OSError) as error:
        raise RoomsError(f"{path}: can't be read ({error}); make the rooms again") from error
    if rate_hz != SAMPLE_RATE_HZ or samples.ndim != 1 or not len(samples):
        raise RoomsError(f"{path}: not a room of this bank; make the rooms again")
    return np.asarray(samples, np.float32)
