"""The recordings of the classic composition: folders of activates, negatives and backgrounds."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..models.errors import WakefulError
from .classic_labels import LENGTH_MS
from .collection import SUFFIXES, shown
from .levels import Samples, Sound, to_int16

SAMPLE_RATE_HZ = 44_100
LENGTH = SAMPLE_RATE_HZ * LENGTH_MS // 1_000
KINDS = ("activates", "negatives", "backgrounds")
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
        sound, rate_hz = _read(self.folder / name, 0, None)
        return to_int16(_at_44_1_khz(sound, rate_hz))

    def background(self, name: str, offset_ms: int) -> Samples:
        """Ten seconds of one: 441,000 samples at 44.1 kHz."""
        sound, rate_hz = _read(self.folder / name, offset_ms, LENGTH_MS)
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
    sound, rate_hz = _read(path, 0, None)
    if not np.any(np.abs(sound) > _SILENT_PEAK):
        raise ClassicError(f"{shown(path)}: silent; take it away")
    seconds = len(sound) / rate_hz
    if kind == "backgrounds":
        length_ms = round(1_000 * seconds)
        wrong = "under 10 s; take it away, or join several" if length_ms < LENGTH_MS else ""
    else:
        length_ms = -(-1_000 * len(sound) // rate_hz)
        wrong = "over 10 s; take it away, or cut it" if length_ms > LENGTH_MS else ""
    if wrong:
        raise ClassicError(f"{shown(path)}: lasts {seconds:.2f} s, {wrong}")
    return length_ms


def _read(path: Path, offset_ms: int, length_ms: int | None) -> tuple[Sound, int]:
    """A stretch of the first channel, and its rate."""
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            rate_hz = int(file.samplerate)
            file.seek(offset_ms * rate_hz // 1_000)
            frames = -1 if length_ms is None else length_ms * rate_hz // 1_000
            sound = file.read(frames, dtype="float32", always_2d=True)[:, 0]
    except (soundfile.SoundFileError, OSError) as error:
        reason = shown(str(error))
        raise ClassicError(
            f"{shown(path)}: not readable as sound ({reason}); take it away"
        ) from error
    if not np.isfinite(sound).all():
        raise ClassicError(f"{shown(path)}: holds samples that are no numbers; take it away")
    return sound, rate_hz


def _at_44_1_khz(sound: Sound, rate_hz: int) -> Sound:
    if rate_hz == SAMPLE_RATE_HZ:
        return sound
    import soxr

    return np.asarray(soxr.resample(sound, rate_hz, SAMPLE_RATE_HZ), np.float32)
