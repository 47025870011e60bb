"""Drascula: each spoken line is a file ``*.ALS``, unsigned 8-bit sound at 11,025 Hz, no head."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from .recording import Recording, RecordingError, eight_bit
from .voice import Sound

RATE_HZ = 11_025

_MOST_BYTES = 120 * RATE_HZ


def recordings(root: Path) -> Iterator[Recording]:
    """Every spoken line under an unpacked package; what isn't English says so by its folder."""
    for path in sorted(root.rglob("*.ALS")):
        source = str(path.relative_to(root))
        language = path.parent.name if len(path.parent.name) == 2 else "en"
        yield Recording(source, language, partial(_read, path, source))


def _read(path: Path, source: str) -> Sound:
    with path.open("rb") as opened:
        content = opened.read(_MOST_BYTES)
    if not content:
        raise RecordingError(f"{source}: is empty")
    return eight_bit(content, RATE_HZ)
