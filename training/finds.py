"""What the miner found, kept in a folder: all of it by number, the worst as clips to be heard."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ..models.errors import WakefulError
from ..synth.mixture import Mixture, compose
from ..synth.palette import Palette
from .corpus import MANIFEST, SAMPLE_RATE_HZ
from .examples import ExampleMaker
from .mine import Find

NUMBERS = "finds.json"
_HEARD = 40


class FindsError(WakefulError):
    """The folder can't be written, or what is in it can't be read."""


def keep_finds(folder: Path, finds: Sequence[Find], maker: ExampleMaker) -> None:
    """All of it or nothing. The worst are ``0000.flac`` and so on, with what they are made of."""
    import soundfile

    beside = folder.with_name(f".{folder.name}.writing")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        beside.mkdir(parents=True)
        rows = []
        for place, find in enumerate(finds[:_HEARD]):
            mixture, name = maker.draw(find.number), f"{place:04d}.flac"
            samples = compose(mixture, maker.palette)
            soundfile.write(beside / name, samples, SAMPLE_RATE_HZ)
            row = {"file": name, "score": round(find.score, 4), "kind": mixture.kind}
            rows.append(row | {"from": sources(mixture, maker.palette)})
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (beside / MANIFEST).write_text(text, encoding="utf-8")
        (beside / NUMBERS).write_text(json.dumps([asdict(f) for f in finds]), encoding="utf-8")
        beside.rename(folder)
    except (OSError, soundfile.SoundFileError) as error:
        raise FindsError(f"{folder}: {error}; make room and run it again") from error


def kept_finds(folder: Path) -> list[Find] | None:
    """What was kept; None where nothing was looked for yet."""
    path = folder / NUMBERS
    if not path.is_file():
        return None
    try:
        return [Find(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError) as error:
        raise FindsError(f"{path}: can't be read ({error}); take {folder} away") from error


def sources(mixture: Mixture, palette: Palette) -> list[str]:
    """The recordings that are said in a mixture."""
    return [palette.clips(p.source)[p.number].name for p in mixture.placements]
