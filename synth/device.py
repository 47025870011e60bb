"""A cheap microphone and what hangs behind it, from its membrane to the program that listens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .codec import Codec, draw_codec
from .dynamics import Clipping, Compressor, draw_clipping, draw_compressor
from .levels import Sound, gain

_SAMPLE_RATE_HZ = 16_000
_WHOLE_BITS = 16


@dataclass(frozen=True)
class Device:
    """Effects in the order of the fields; as it stands by default, it changes nothing."""

    gain_db: float = 0.0
    clipping: Clipping | None = None
    compressor: Compressor | None = None
    offset: float = 0.0
    """Added to every sample, in shares of full scale: a converter's zero is seldom zero."""
    drift_ppm: float = 0.0
    """How much faster its clock is than it says."""
    bits: int = _WHOLE_BITS
    codec: Codec | None = None

    def apply(self, sound: Sound, still_at: int = 0) -> Sound:
        """As long as it was. What was at sample `still_at` stays there, however the clock drifts.

        Raises `CodecError` where a drawn encoder isn't there.
        """
        heard = sound * np.float32(gain(self.gain_db))
        if self.clipping:
            heard = self.clipping.apply(heard)
        if self.compressor:
            heard = self.compressor.apply(heard)
        heard = drifted(heard + np.float32(self.offset), self.drift_ppm, still_at)
        heard = quantised(heard, self.bits)
        return self.codec.apply(heard) if self.codec else heard


@dataclass(frozen=True)
class DeviceShares:
    """How many devices have which fault."""

    clipping: float = 0.25
    compressor: float = 0.4
    offset: float = 0.3
    drift: float = 0.5
    few_bits: float = 0.12
    codec: float = 0.25
    most_drift_ppm: float = 200.0


def draw_device(
    rng: np.random.Generator, level_dbfs: float, shares: DeviceShares | None = None
) -> Device:
    """A device for sound that comes at `level_dbfs`, which a fault never makes inaudible."""
    s = shares or DeviceShares()
    gain_db = round(float(rng.normal(0.0, 2.0)), 2)
    level_dbfs += gain_db
    # An offset larger than the sound itself is a broken microphone.
    most_offset = min(0.02, gain(level_dbfs)) if rng.random() < s.offset else 0.0
    most_ppm = s.most_drift_ppm if rng.random() < s.drift else 0.0
    return Device(
        gain_db=gain_db,
        clipping=draw_clipping(rng, level_dbfs) if rng.random() < s.clipping else None,
        compressor=draw_compressor(rng, level_dbfs) if rng.random() < s.compressor else None,
        offset=round(float(rng.uniform(-most_offset, most_offset)), 5),
        drift_ppm=round(float(rng.uniform(-most_ppm, most_ppm)), 1),
        bits=_few_bits(level_dbfs) if rng.random() < s.few_bits else _WHOLE_BITS,
        codec=draw_codec(rng) if rng.random() < s.codec else None,
    )


def _few_bits(level_dbfs: float) -> int:
    """Eight, or as many as leave the sound 20 dB above what rounding adds."""
    return int(np.clip(np.ceil(-level_dbfs / 6.02) + 3, 8, _WHOLE_BITS))


def quantised(sound: Sound, bits: int) -> Sound:
    """Rounded to so many bits and clipped at full scale; 16 are left to whoever writes them."""
    if bits == _WHOLE_BITS:
        return sound
    steps = np.float32(2 ** (bits - 1))
    rounded = np.clip(np.rint(sound * steps), -steps, steps - 1)
    return np.asarray(rounded / steps, np.float32)


def drifted(sound: Sound, drift_ppm: float, still_at: int = 0) -> Sound:
    """As a clock records it that runs so much faster: longer, but for `still_at` and the length.

    A whole number of samples is taken away before, so `still_at` is met within half a sample.
    """
    if not drift_ppm or not len(sound):
        return sound
    import soxr

    ratio = 1.0 + drift_ppm * 1e-6
    longer = soxr.resample(sound, _SAMPLE_RATE_HZ, _SAMPLE_RATE_HZ * ratio)
    early = round(still_at * (ratio - 1.0))
    moved = longer[early:] if early > 0 else np.pad(longer, (-early, 0))
    # A slow clock has heard less than is asked for: its last sample stands for the rest.
    missing = max(0, len(sound) - len(moved))
    return np.asarray(np.pad(moved, (0, missing), mode="edge")[: len(sound)], np.float32)
