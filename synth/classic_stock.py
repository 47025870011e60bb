"""The recordings of the classic composition: folders of activates, negatives and backgrounds."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..models.errors import WakefulError
from .classic_labels import LENGTH_MS
from .collection import SUFFIXES, shown
from .levels import Samples, Sound, to_int16

SAMPLE_RATE_HZ = 44_100
LENGTH = SAMPLE_RATE_HZ * LENGTH_MS // 1_000
KINDS = ("activates", "negatives", "backgrounds")
_BLOCK = 1 << 20
_SILENT_PEAK = 10 / 32_768
"""What is made 20 dB quieter from here is below the last of 16 bits."""


class ClassicError(WakefulError):
    """There is nothing to compose from, nothing to compose with, or nowhere to put it."""


@dataclass(frozen=True)
class Stock:
    """What there is, by name from `folder` on, and how many milliseconds each lasts."""

    folder: Path
    activates: Mapping[str, int]
    negatives: Mapping[str, int]
    backgrounds: Mapping[str, int]
    digest: str = ""
    """Another one for other names or another content."""

    def clip(self, name: str) -> Samples:
        """All of an activate or a negative: mono at 44.1 kHz."""
        with _opened(self.folder / name) as file:
            sound, rate_hz = _first_channel(file), file.samplerate
        return to_int16(_at_44_1_khz(sound, rate_hz))

    def background(self, name: str, offset_ms: int) -> Samples:
        """Ten seconds of one: 441,000 samples at 44.1 kHz."""
        with _opened(self.folder / name) as file:
            rate_hz = file.samplerate
            file.seek(offset_ms * rate_hz // 1_000)
            sound = _first_channel(file, LENGTH_MS * rate_hz // 1_000)
        ten_seconds = to_int16(_at_44_1_khz(sound, rate_hz))[:LENGTH]
        # What lasts ten seconds but for half a millisecond lasts ten seconds.
        return np.pad(ten_seconds, (0, LENGTH - len(ten_seconds)))


def read_stock(folder: Path) -> Stock:
    """Listen through all three folders; raises `ClassicError` for the first that can't be used.

    Any rate will do. Of several channels the first counts, which is all that the classic
    spectrogram heard. A background is ten seconds or longer: one played over and over would have a
    seam for the net to learn.
    """
    activates, negatives, backgrounds = (_lengths_ms(folder, kind) for kind in KINDS)
    digest = _digest(folder, [*activates, *negatives, *backgrounds])
    return Stock(folder, activates, negatives, backgrounds, digest)


def _lengths_ms(folder: Path, kind: str) -> dict[str, int]:
    found = _sound_files(folder / kind)
    if not found:
        raise ClassicError(
            f"{shown(folder / kind)}: holds no {', '.join(SUFFIXES)}; "
            f"give a folder of {', '.join(KINDS)}"
        )
    return {path.relative_to(folder).as_posix(): _length_ms(path, kind) for path in found}


def _sound_files(folder: Path) -> list[Path]:
    found = (p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    return sorted(p for p in found if not p.name.startswith("."))


def _digest(folder: Path, names: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for name in names:
        with (folder / name).open("rb") as file:
            content = hashlib.file_digest(file, "sha256").digest()
        digest.update(os.fsencode(name) + b"\0" + content)
    return digest.hexdigest()


def _length_ms(path: Path, kind: str) -> int:
    """A clip's last millisecond begun counts, so that its sound stays within its segment."""
    frames, rate_hz = _listened(path)
    seconds = frames / rate_hz
    if kind == "backgrounds":
        length_ms = round(1_000 * seconds)
        wrong = "under 10 s; take it away, or join several" if length_ms < LENGTH_MS else ""
    else:
        length_ms = -(-1_000 * frames // rate_hz)
        wrong = "over 10 s; take it away, or cut it" if length_ms > LENGTH_MS else ""
    if wrong:
        raise ClassicError(f"{shown(path)}: lasts {seconds:.2f} s, {wrong}")
    return length_ms


def _listened(path: Path) -> tuple[int, int]:
    """How many frames can be read, and their rate; hours of them take no more memory than one."""
    frames, peak = 0, 0.0
    with _opened(path) as file:
        while len(block := _first_channel(file, _BLOCK)):
            frames, peak = frames + len(block), max(peak, float(np.abs(block).max()))
            if not np.isfinite(block).all():
                raise ClassicError(
                    f"{shown(path)}: holds samples that are no numbers; take it away"
                )
        rate_hz = int(file.samplerate)
    if peak < _SILENT_PEAK:
        raise ClassicError(f"{shown(path)}: silent; take it away")
    return frames, rate_hz


def _first_channel(file: Any, frames: int = -1) -> Sound:
    """From where the file stands, so many frames or all."""
    both: Sound = file.read(frames, dtype="float32", always_2d=True)
    return both[:, 0]


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A sound file to read from; whatever goes wrong with it is a `ClassicError`."""
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            yield file
    except (soundfile.SoundFileError, OSError) as error:
        reason = shown(str(error))
        raise ClassicError(
            f"{shown(path)}: not readable as sound ({reason}); take it away"
        ) from error


def _at_44_1_khz(sound: Sound, rate_hz: int) -> Sound:
    if rate_hz == SAMPLE_RATE_HZ:
        return sound
    import soxr

    return np.asarray(soxr.resample(sound, rate_hz, SAMPLE_RATE_HZ), np.float32)
