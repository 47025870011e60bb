"""What the miner found, kept as clips in a folder: for the next fit, and for a person to hear."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from ..models.errors import WakefulError
from ..synth.palette import Clip
from .corpus import SAMPLE_RATE_HZ, read_clips
from .mine import Find

MANIFEST = "manifest.jsonl"


class FindsError(WakefulError):
    """The folder can't be written."""


def keep_finds(folder: Path, finds: Sequence[Find]) -> None:
    """The worst first, as ``0000.flac`` and so on, with a manifest; all of it or nothing."""
    import soundfile

    beside = folder.with_name(f".{folder.name}.writing")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        beside.mkdir(parents=True)
        rows = []
        for number, find in enumerate(finds):
            name = f"{number:04d}.flac"
            soundfile.write(beside / name, find.clip.samples, SAMPLE_RATE_HZ)
            rows.append({"file": name, "score": round(find.score, 4), "from": find.clip.name})
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (beside / MANIFEST).write_text(text, encoding="utf-8")
        beside.rename(folder)
    except (OSError, soundfile.SoundFileError) as error:
        raise FindsError(f"{folder}: {error}; make room and run it again") from error


def kept_finds(folder: Path) -> list[Clip] | None:
    """What was kept; None where nothing was looked for yet."""
    return read_clips(folder) if (folder / MANIFEST).is_file() else None
