"""Folders of sound into memory: word clips with their manifest, and long sound by the file."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ..models.errors import WakefulError
from ..synth import shelf
from ..synth.collection import CollectionError
from ..synth.levels import Samples
from ..synth.palette import Clip

SAMPLE_RATE_HZ = 16_000
MANIFEST = "manifest.jsonl"
SUFFIXES = (".flac", ".ogg", ".wav")


class CorpusError(WakefulError):
    """A folder of sound is missing, empty, or holds something that can't be read."""


def read_sound(path: Path) -> Samples:
    """A sound file as 16 kHz mono; raises `CorpusError` if it is none."""
    try:
        return shelf.read_sound(path)
    except CollectionError as error:
        raise CorpusError(str(error)) from error


def sound_files(folder: Path) -> list[Path]:
    """All sound under a folder, sorted; raises `CorpusError` if there is none."""
    if not folder.is_dir():
        raise CorpusError(f"{folder}: no such folder; give one that holds sound files")
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not found:
        raise CorpusError(f"{folder}: holds no {', '.join(SUFFIXES)}; give a folder that does")
    return found


def read_folders(folders: Iterable[Path]) -> list[Clip]:
    """Every file under some folders, none of which holds the word."""
    return [Clip(read_sound(p), name=str(p)) for folder in folders for p in sound_files(folder)]


def read_clips(folder: Path, split: str | None = None) -> list[Clip]:
    """The clips that a folder's ``manifest.jsonl`` lists, of one split or of all.

    Without a manifest every file is taken whole, the word being taken to fill it, and every tenth
    by name is for validation.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return [_whole(p) for p in sound_files(folder) if split in (None, _split_of(p))]
    rows = [r for r in _rows(manifest) if split is None or r.get("split") == split]
    return [_listed(folder, row) for row in rows]


def clip_rows(folder: Path) -> list[dict[str, Any]]:
    """What a folder's manifest says of each clip; nothing where there is no manifest."""
    manifest = folder / MANIFEST
    return list(_rows(manifest)) if manifest.is_file() else []


def rows_of(folders: Sequence[Path], kind: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each clip of a kind in several folders of clips: its file, and what a manifest says of it."""
    for folder in folders:
        for row in clip_rows(folder / kind):
            yield folder / kind / row["file"], row


def length_s(path: Path) -> float:
    """How long a file of sound is, by its head."""
    import soundfile

    try:
        return float(soundfile.info(path).duration)
    except (soundfile.SoundFileError, OSError) as error:
        raise CorpusError(f"{path}: not readable as sound ({error}); take it away") from error


def _rows(manifest: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(manifest.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise CorpusError(
                f"{manifest}, line {number}: not JSON; make the clips again"
            ) from error
        if not isinstance(row, dict) or "file" not in row:
            raise CorpusError(f"{manifest}, line {number}: names no file; make the clips again")
        yield row


def _split_of(path: Path) -> str:
    return "train" if zlib.crc32(path.name.encode()) % 10 else "validation"


def _whole(path: Path) -> Clip:
    samples = read_sound(path)
    return Clip(samples, 0, len(samples), str(path))


def _listed(folder: Path, row: dict[str, Any]) -> Clip:
    path = folder / row["file"]
    samples = read_sound(path)
    start, end = row.get("keyword_start_s"), row.get("keyword_end_s")
    if start is None or end is None:
        return Clip(samples, 0, len(samples), str(path))
    first, last = round(start * SAMPLE_RATE_HZ), round(end * SAMPLE_RATE_HZ)
    if not 0 <= first < last <= len(samples) + SAMPLE_RATE_HZ // 100:
        raise CorpusError(f"{path}: the word can't lie from {start} to {end} s; make it again")
    return Clip(samples, first, min(last, len(samples)), str(path))


def in_half(name: str, half: int) -> bool:
    """Whether a file belongs to half 0 or 1 of its folder: by its name, so for ever the same."""
    return zlib.crc32(Path(name).name.encode()) % 2 == half


def hours(clips: Iterable[Clip]) -> float:
    """How much sound that is."""
    return sum(len(c.samples) for c in clips) / SAMPLE_RATE_HZ / 3600
