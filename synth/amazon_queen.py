"""Flight of the Amazon Queen: one archive, ``queen.1c``, with its own table of what is in it.

Big-endian: ``QTBL``, a version (6 bytes), at byte 12 the compression (1: MP3), a count, then
21 bytes for each file: name (12, filled with zeros), bundle, first byte, size. Speech is ``*.SB``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from .recording import Recording, RecordingError, SpeechError, decode_bytes
from .voice import Sound

MAGIC = b"QTBL"
HEAD = struct.Struct(">4s8sBH")
ENTRY = struct.Struct(">12sBII")
MP3 = 1

_MOST_BYTES = 4_000_000


def recordings(root: Path) -> Iterator[Recording]:
    """Every spoken line under an unpacked package; raises `SpeechError` for another archive."""
    for archive in sorted(root.rglob("queen.1c")):
        inside = archive.relative_to(root)
        for name, offset, size in _entries(archive):
            if name.endswith(".SB"):
                source = f"{inside}:{name}"
                yield Recording(source, "en", partial(_read, archive, offset, size, source))


def _entries(archive: Path) -> Iterator[tuple[str, int, int]]:
    """(name, first byte, bytes)"""
    with archive.open("rb") as opened:
        head = opened.read(HEAD.size)
        if len(head) < HEAD.size or not head.startswith(MAGIC):
            raise SpeechError(f"{archive}: is no archive of this game")
        _, _, compression, count = HEAD.unpack(head)
        if compression != MP3:
            raise SpeechError(f"{archive}: its sound is not MP3 (compression {compression})")
        table = opened.read(count * ENTRY.size)
    if len(table) != count * ENTRY.size:
        raise SpeechError(f"{archive}: is cut off; {count} files should be listed in it")
    for name, _, offset, size in ENTRY.iter_unpack(table):
        yield name.split(b"\0")[0].decode("ascii", "backslashreplace"), offset, size


def _read(archive: Path, offset: int, size: int, source: str) -> Sound:
    with archive.open("rb") as opened:
        opened.seek(offset)
        content = opened.read(min(size, _MOST_BYTES + 1))
    if len(content) != size:
        raise RecordingError(f"{source}: lies outside its archive, or is far too long")
    return decode_bytes(content, source)
