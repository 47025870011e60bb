"""One recording measured: level and faults, quiet ends, what is speech in it, and how it sounds.

An hour costs no more memory than a word: levels and speech are found a piece at a time, and how it
sounds is told from its first minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..daemon.files import SoundFile
from ..daemon.source import SourceError
from ..models.features import LINEAR_161, LinearSpectrogram, MelSpectrogram
from ..synth.gauge import SoundError, gauge
from ..synth.levels import Samples
from .explore_voice import Voice, VoiceFinder

RATE_HZ = 16_000
BINS = LINEAR_161.bands
BANDS, TIMES = 32, 6
SHAPE = BANDS * TIMES
"""So many numbers say how a recording sounds: bands of mel at six times."""

_FRAME = RATE_HZ // 100
_PIECE = RATE_HZ * 10
_HEARD = RATE_HZ * 60
_BELOW_LOUDEST_DB = 42.0
_RANGE_DB = 60.0
_LINEAR = LinearSpectrogram(scale="power")
_MEL = MelSpectrogram(bands=BANDS, scale="power", low_hz=60.0, high_hz=7_800.0)

Powers = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Measured:
    """Figures of one recording; those up to `digest` are of the file as it is, at its own rate."""

    seconds: float
    rate_hz: int
    channels: int
    peak_dbfs: float
    level_dbfs: float
    clipped_share: float
    dc: float
    snr_db: float | None
    digest: str
    before_s: float
    """Until the first 10 ms within 42 dB of the loudest."""
    after_s: float
    voiced_s: float
    """What webrtcvad takes for speech."""
    voice_start_s: float | None
    """None where it finds none."""
    voice_end_s: float | None
    spectrum: Vector
    """[BINS]: dB in each 50 Hz, of the whole power."""
    shape: Vector
    """[SHAPE]: dB of mel bands over its sounding part, in six parts, with mean 0 and length 1.

    Neither loudness nor quiet ends change it. All 0 where nothing sounds.
    """


def measure(path: Path) -> Measured:
    """Decode and measure a file; raises `SoundError` and `SourceError`, which name it."""
    found = gauge(path)
    heard, powers, voice = _listen(path)
    first, last = sounding(powers)
    start, end = first * _FRAME, min(len(heard), last * _FRAME)
    return Measured(
        seconds=found.seconds,
        rate_hz=found.rate_hz,
        channels=found.channels,
        peak_dbfs=found.peak_dbfs,
        level_dbfs=found.level_dbfs,
        clipped_share=found.clipped_share,
        dc=found.dc,
        snr_db=found.snr_db,
        digest=found.digest,
        before_s=first / 100,
        after_s=max(0.0, found.seconds - last / 100) if len(powers) else found.seconds,
        voiced_s=voice.voiced_s,
        voice_start_s=voice.start_s,
        voice_end_s=None if voice.end_s is None else min(voice.end_s, found.seconds),
        spectrum=spectrum_db(heard),
        shape=shape(heard[start:end]),
    )


def why_not(path: Path, error: Exception) -> str:
    """Why a file can't be measured, without its name."""
    return str(error).removeprefix(f"{path}: ").partition("; ")[0]


UNREADABLE = (SoundError, SourceError)


def pieces(path: Path) -> Iterator[Samples]:
    """A file at 16 kHz, mono, ten seconds at a time; raises `SourceError`."""
    file = SoundFile(path, 0.0)
    try:
        while len(piece := file.read(_PIECE)):
            yield piece
    finally:
        file.close()


def _listen(path: Path) -> tuple[Samples, Powers, Voice]:
    """Its first minute, the power of each 10 ms, and the speech in it."""
    finder, heard, held = VoiceFinder(), [], np.zeros(0, np.int16)
    powers: list[Powers] = []
    kept = 0
    for piece in pieces(path):
        finder.feed(piece)
        if kept < _HEARD:
            heard.append(piece[: _HEARD - kept])
            kept += len(heard[-1])
        held = np.concatenate([held, piece])
        whole = len(held) // _FRAME * _FRAME
        frames = held[:whole].reshape(-1, _FRAME).astype(np.float64)
        powers.append(np.einsum("ij,ij->i", frames, frames))
        held = held[whole:]
    sound = np.concatenate(heard) if heard else held
    return sound, np.concatenate(powers) if powers else np.zeros(0), finder.found()


def sounding(powers: Powers) -> tuple[int, int]:
    """First frame within 42 dB of the loudest, and the one after the last; (n, n) in silence."""
    if not len(powers) or powers.max() <= 0:
        return len(powers), len(powers)
    loud = np.flatnonzero(powers >= powers.max() * 10 ** (-_BELOW_LOUDEST_DB / 10))
    return int(loud[0]), int(loud[-1]) + 1


def spectrum_db(sound: Samples) -> Vector:
    """[BINS]: mean power of each 50 Hz as dB of the whole, -60 dB at the least."""
    power = _LINEAR.whole(sound).astype(np.float64).sum(axis=0)
    if not power.sum():
        return np.full(BINS, -_RANGE_DB, np.float32)
    db: Vector = np.maximum(10 * np.log10(power / power.sum() + 1e-12), -_RANGE_DB)
    return db.astype(np.float32)


def shape(sound: Samples) -> Vector:
    """[SHAPE]: how it sounds and when, whatever its level and length."""
    short = max(0, _MEL.window_samples + (TIMES - 1) * _MEL.hop_samples - len(sound))
    frames = _MEL.whole(np.pad(sound, (0, short))).astype(np.float64)
    cells = np.stack([part.mean(axis=0) for part in np.array_split(frames, TIMES)])
    if not len(sound) or cells.max() <= 0:
        return np.zeros(SHAPE, np.float32)
    db = 10 * np.log10(np.maximum(cells / cells.max(), 10 ** (-_RANGE_DB / 10)))
    level = db.ravel() - db.mean()
    length = float(np.linalg.norm(level))
    return (level / length if length > 1e-9 else np.zeros(SHAPE)).astype(np.float32)
