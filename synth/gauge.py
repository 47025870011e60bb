"""One sound file measured without holding it whole: an hour costs no more memory than a word."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..models.errors import WakefulError
from .levels import SILENT_DBFS

_BLOCK_S = 30
_FRAMES_PER_S = 50
_ACTIVE_RANGE = 10**2.5
_FULL_SCALE = 32_767 / 32_768
_FEWEST_FRAMES = 10
_QUIETEST_SHARE = 0.1
_HIGHEST_SNR_DB = 100.0
_ABOVE = 2.0

Powers = npt.NDArray[np.float64]


class SoundError(WakefulError):
    """A file holds no sound that can be read."""


@dataclass(frozen=True)
class Gauge:
    """What was measured; levels against full scale."""

    seconds: float
    rate_hz: int
    channels: int
    peak_dbfs: float
    level_dbfs: float
    """Of what sounds: the 20 ms frames within 25 dB of the loudest."""
    clipped_share: float
    """Samples at full scale."""
    dc: float
    """The mean, of full scale."""
    snr_db: float | None
    """What sounds over the quietest tenth; None for less than 0.2 s."""
    digest: str
    """The same for the same samples, in whatever format they are kept."""


def gauge(path: Path) -> Gauge:
    """Measure a file; raises `SoundError` for what can't be read, is cut short or holds nothing."""
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            sums = _Sums()
            for block in _blocks(file):
                sums.add(block, file.samplerate // _FRAMES_PER_S)
            if sums.count < file.frames:
                raise SoundError(f"cut short after {sums.count} of {file.frames} samples")
            return sums.gauge(file.samplerate, file.channels)
    except (soundfile.SoundFileError, OSError, SoundError) as error:
        reason = getattr(error, "error_string", str(error)).rstrip(".")
        raise SoundError(f"{path}: {reason}; make it again or take it away") from error


def _blocks(file: object) -> Iterator[npt.NDArray[np.float32]]:
    """Half a minute each, mono; a whole number of frames, so that where it is cut is not heard."""
    import soundfile

    assert isinstance(file, soundfile.SoundFile)
    size = max(1, file.samplerate // _FRAMES_PER_S) * _FRAMES_PER_S * _BLOCK_S
    while len(block := file.read(size, dtype="float32", always_2d=True)):
        yield block


@dataclass
class _Sums:
    """What is added up from block to block."""

    count: int = 0
    clipped: int = 0
    total: float = 0.0
    peak: float = 0.0
    powers: list[Powers] = field(default_factory=list)
    digest: hashlib.blake2b = field(default_factory=lambda: hashlib.blake2b(digest_size=16))

    def add(self, block: npt.NDArray[np.float32], frame: int) -> None:
        """`block` is [samples, channels]."""
        if not np.isfinite(block).all():
            raise SoundError("holds what is no number")
        loudest = np.abs(block).max(axis=1)
        mono = block.mean(axis=1, dtype=np.float64)
        self.count += len(block)
        self.clipped += int((loudest >= _FULL_SCALE).sum())
        self.total += float(mono.sum())
        self.peak = max(self.peak, float(loudest.max()))
        self.digest.update(np.rint(block * 32_768).astype("<i4").tobytes())
        if frame and (whole := len(mono) // frame * frame):
            frames = mono[:whole].reshape(-1, frame)
            self.powers.append(np.einsum("ij,ij->i", frames, frames) / frame)
        elif not self.powers:
            self.powers.append(np.array([np.dot(mono, mono) / len(mono)]))

    def gauge(self, rate_hz: int, channels: int) -> Gauge:
        """All of it together."""
        if not self.count:
            raise SoundError("holds no sound")
        powers = np.concatenate(self.powers)
        return Gauge(
            seconds=self.count / rate_hz,
            rate_hz=rate_hz,
            channels=channels,
            peak_dbfs=_db(self.peak**2),
            level_dbfs=_db(_active(powers)),
            clipped_share=self.clipped / self.count,
            dc=self.total / self.count,
            snr_db=snr_db(powers),
            digest=f"{rate_hz}:{channels}:{self.digest.hexdigest()}",
        )


def snr_db(powers: Powers) -> float | None:
    """An estimate from the powers of 20 ms frames, at most 100 dB.

    The quietest tenth is taken for noise, so a sound without a pause is called noisier than it is.
    """
    if len(powers) < _FEWEST_FRAMES or powers.max() <= 0:
        return None
    quietest = np.sort(powers)[: max(1, round(len(powers) * _QUIETEST_SHARE))]
    noise = float(quietest.mean())
    # What is hardly above the noise is a pause, and would make what sounds seem softer.
    above = powers[powers >= min(max(powers.max() / _ACTIVE_RANGE, _ABOVE * noise), powers.max())]
    signal = max(float(above.mean()) - noise, powers.max() * 1e-10)
    return min(_HIGHEST_SNR_DB, 10 * float(np.log10(signal / max(noise, signal * 1e-10))))


def _active(powers: Powers) -> float:
    return float(powers[powers >= powers.max() / _ACTIVE_RANGE].mean())


def _db(power: float) -> float:
    return max(SILENT_DBFS, 10 * float(np.log10(max(power, 1e-30))))
