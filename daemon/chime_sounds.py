"""Which sound is played when: our own, or the user's file, at the rate of whoever plays it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from ..models.errors import UsageError
from .chime_tones import TUNES, Sound, Tune
from .files import FileError, SoundFile
from .printable import printable
from .settings import ChimeSettings
from .source import SAMPLE_RATE_HZ

Kind = Literal["wake", "ended", "not-understood"]
KINDS: tuple[Kind, ...] = ("wake", "ended", "not-understood")

NONE = "-"
_LONGEST_S = 5.0


class ChimeError(UsageError):
    """A file can't be a chime: one line says which setting, which file, and why."""


@dataclass(frozen=True)
class Chime:
    """A sound at full scale, at the rate it was made at, and how loud it is to be."""

    sound: Sound
    rate_hz: int
    volume_db: float
    tune: Tune | None = None
    """What it was made from, and can be made from at another rate."""

    def at(self, rate_hz: int) -> Sound:
        """As it is played, at any rate."""
        gain = np.float32(10 ** (self.volume_db / 20))
        if rate_hz != self.rate_hz and self.tune:
            return self.tune.sound(rate_hz) * gain
        loud = self.sound * gain
        if rate_hz == self.rate_hz:
            return loud
        import soxr

        return np.asarray(soxr.resample(loud, self.rate_hz, rate_hz), np.float32).clip(-1, 1)

    def reference(self) -> npt.NDArray[np.float64]:
        """What a microphone would hear of it without a room: 16 kHz, on the scale of int16."""
        return self.at(SAMPLE_RATE_HZ).astype(np.float64) * 32_767


def load_chimes(settings: ChimeSettings, rate_hz: int) -> dict[Kind, Chime]:
    """What is to be played for each occasion that has a sound; our own are made at `rate_hz`.

    Raises `ChimeError` for a file that can't be used.
    """
    wanted = {kind: named_file(kind, settings) for kind in KINDS}
    return {
        kind: load_chime(kind, file, settings.volume_db, rate_hz)
        for kind, file in wanted.items()
        if settings.on and file != NONE
    }


def named_file(kind: Kind, settings: ChimeSettings) -> str:
    """What the settings say of one of them."""
    name: str = getattr(settings, kind.replace("-", "_"))
    return name


def load_chime(kind: Kind, file: str, volume_db: float, rate_hz: int) -> Chime:
    """One of them: our own where no file is named."""
    if not file or file == NONE:
        return Chime(TUNES[kind].sound(rate_hz), rate_hz, volume_db, TUNES[kind])
    setting = f"chime.{kind.replace('-', '_')}"
    try:
        sound, its_rate_hz = _read(Path(file).expanduser())
    except FileError as error:
        raise ChimeError(f"{setting}: {error}") from error
    peak = float(np.abs(sound).max(initial=0))
    if not peak > 0:
        raise ChimeError(
            f"{setting}: {printable(file)} is silent; {NONE!r} as its name plays nothing"
        )
    return Chime(sound / np.float32(peak), its_rate_hz, volume_db)


def _read(path: Path) -> tuple[Sound, int]:
    """The whole file as one channel; raises `FileError`."""
    import soundfile

    with contextlib.closing(SoundFile(path, opened_at=0.0)) as checked:
        if checked.duration_s > _LONGEST_S:
            raise FileError(
                f"{printable(str(path))} lasts {checked.duration_s:.1f} s; "
                f"a chime may last {_LONGEST_S:.0f} s: cut it"
            )
        # Read once as a source reads it: what breaks off in the middle has its line there.
        while len(checked.read(SAMPLE_RATE_HZ)):
            pass
    frames, rate_hz = soundfile.read(str(path), dtype="float32", always_2d=True)
    finite = np.nan_to_num(frames.mean(axis=1), posinf=0.0, neginf=0.0)
    return finite.astype(np.float32), int(rate_hz)
