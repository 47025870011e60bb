"""Archives and folders as the packages of speech have them, made small for tests."""

import io
import struct

import numpy as np
import soundfile
from wakeful.synth import amazon_queen

TONE = (127.5 + 100 * np.sin(np.arange(5_512) * 0.2)).astype(np.uint8).tobytes()


def queen_archive(path, files, compression=1):
    """``queen.1c`` with these files, by name."""
    offset = amazon_queen.HEAD.size + len(files) * amazon_queen.ENTRY.size
    table, content = b"", b""
    for name, sound in files.items():
        table += amazon_queen.ENTRY.pack(name.encode(), 0, offset + len(content), len(sound))
        content += sound
    head = amazon_queen.HEAD.pack(amazon_queen.MAGIC, b"PEM10\0\0\0", compression, len(files))
    path.write_bytes(head + table + content)


def sky_disk(folder, files, far=False):
    """``sky.dnr`` and ``sky.dsk`` with these files, by number; `far`: in units of 16 bytes."""
    disk, directory = bytearray(b"\0" * 16), struct.pack("<I", len(files))
    for number, content in files.items():
        disk += b"\0" * (-len(disk) % 16)
        place = len(disk) >> 4 | 0x800000 if far else len(disk)
        directory += struct.pack("<H", number) + place.to_bytes(3, "little")
        directory += (len(content) | 0xC00000).to_bytes(3, "little")
        disk += content
    (folder / "sky.dnr").write_bytes(directory)
    (folder / "sky.dsk").write_bytes(disk)


def mp3(seconds, rate_hz=11_025):
    """A tone as the game has its speech."""
    out = io.BytesIO()
    tone = 0.5 * np.sin(np.arange(round(rate_hz * seconds)) * 0.1)
    soundfile.write(out, tone, rate_hz, format="MP3")
    return out.getvalue()


def write_sound(path, seconds=0.5):
    """A tone of its own for each path: files of one content count once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pitch = 0.05 + len(str(path)) / 1_000 + sum(map(ord, str(path))) % 97 / 500
    kind = {"opus": {"format": "OGG", "subtype": "OPUS"}}.get(path.suffix[1:], {})
    soundfile.write(path, 0.5 * np.sin(np.arange(round(24_000 * seconds)) * pitch), 24_000, **kind)
