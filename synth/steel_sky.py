"""Beneath a Steel Sky: a directory, ``sky.dnr``, and a disk of numbered files, ``sky.dsk``.

Little-endian: a count, then 8 bytes for each file: its number (2), where it begins (3; in units of
16 where the highest bit is set) and its size (22 of the last 24 bits). A file of speech has a head
of 22 bytes and then an RNC block of unsigned 8-bit sound at 11,025 Hz, or that sound itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from .recording import Recording, RecordingError, SpeechError, eight_bit
from .rnc import MAGIC, RncError, unpack
from .voice import Sound

RATE_HZ = 11_025
SPEECH_NUMBERS = range(50_000, 60_000)

_ENTRY_BYTES, _HEAD_BYTES = 8, 22
_MOST_BYTES = 120 * RATE_HZ


def recordings(root: Path) -> Iterator[Recording]:
    """Every spoken line under an unpacked package; raises `SpeechError` for another directory."""
    for directory in sorted(root.rglob("sky.dnr")):
        disk = directory.with_name("sky.dsk")
        if not disk.is_file():
            raise SpeechError(f"{directory}: there is no sky.dsk beside it")
        inside = disk.relative_to(root)
        for number, offset, size in _entries(directory):
            if number in SPEECH_NUMBERS:
                source = f"{inside}:{number}"
                yield Recording(source, "en", partial(_read, disk, offset, size, source))


def _entries(directory: Path) -> Iterator[tuple[int, int, int]]:
    """(number, first byte, bytes)"""
    content = directory.read_bytes()
    count = int.from_bytes(content[:4], "little")
    entries = content[4 : 4 + count * _ENTRY_BYTES]
    if len(content) < 4 or len(entries) != count * _ENTRY_BYTES:
        raise SpeechError(f"{directory}: is cut off; {count} files should be listed in it")
    for at in range(0, len(entries), _ENTRY_BYTES):
        entry = entries[at : at + _ENTRY_BYTES]
        place = int.from_bytes(entry[2:5], "little")
        offset = (place & 0x7FFFFF) << 4 if place & 0x800000 else place
        yield (
            int.from_bytes(entry[:2], "little"),
            offset,
            int.from_bytes(entry[5:], "little") & 0x3FFFFF,
        )


def _read(disk: Path, offset: int, size: int, source: str) -> Sound:
    with disk.open("rb") as opened:
        opened.seek(offset)
        content = opened.read(size)
    if len(content) != size or size <= _HEAD_BYTES:
        raise RecordingError(f"{source}: lies outside its file")
    sound = content[_HEAD_BYTES:]
    if sound.startswith(MAGIC):
        try:
            sound = unpack(sound, _MOST_BYTES)
        except RncError as error:
            raise RecordingError(f"{source}: {error}") from error
    return eight_bit(sound, RATE_HZ)
