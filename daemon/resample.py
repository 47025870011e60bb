"""From a device's or a file's rate and channels to the pipeline's 16 kHz mono int16, streaming."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .source import SAMPLE_RATE_HZ, Samples, SourceError

Sound = npt.NDArray[np.int16] | npt.NDArray[np.float32]

LOWEST_HZ, HIGHEST_HZ = 4_000, 384_000
_BLOCK_S = 0.01
"""soxr is fed in pieces of this length, counted from the start: cuts can't change its output.

It hands out in bursts whatever it is fed: sound of 44.1 or 48 kHz comes 20 ms late on average and
40 ms at most.
"""


class Resampler:
    """Frames [n, channels] of int16 or float in, 16 kHz mono int16 out, whatever the cuts.

    Channels are averaged. 16 kHz mono int16 passes through untouched, without loading soxr. Raises
    `SourceError` for a rate that no device has.
    """

    def __init__(self, rate_hz: int, channels: int) -> None:
        if not LOWEST_HZ <= rate_hz <= HIGHEST_HZ or channels < 1:
            raise SourceError(
                f"sound of {rate_hz} Hz and {channels} channels can't be used: "
                f"{LOWEST_HZ} to {HIGHEST_HZ} Hz and at least one channel can"
            )
        self._rate_hz = rate_hz
        self._block = max(1, round(rate_hz * _BLOCK_S))
        self._stream = self._open()
        self._waiting = np.zeros(0, np.float32)

    def _open(self) -> Any:
        if self._rate_hz == SAMPLE_RATE_HZ:
            return None
        import soxr

        return soxr.ResampleStream(self._rate_hz, SAMPLE_RATE_HZ, 1, dtype="float32", quality="HQ")

    def feed(self, frames: Sound) -> Samples:
        """What is ready after these frames; may be empty."""
        if self._stream is None:
            return _untouched(frames) if _is_ready(frames) else _to_int16(_to_mono(frames))
        waiting = np.concatenate([self._waiting, _to_mono(frames)])
        whole = len(waiting) // self._block * self._block
        self._waiting = waiting[whole:]
        parts = [
            self._stream.resample_chunk(waiting[at : at + self._block])
            for at in range(0, whole, self._block)
        ]
        return _to_int16(np.concatenate(parts)) if parts else np.zeros(0, np.int16)

    def flush(self) -> Samples:
        """What was still on its way; the next sound begins afresh."""
        if self._stream is None:
            return np.zeros(0, np.int16)
        last = self._stream.resample_chunk(self._waiting, last=True)
        self._stream, self._waiting = self._open(), np.zeros(0, np.float32)
        return _to_int16(last)


def _is_ready(frames: Sound) -> bool:
    return frames.dtype == np.int16 and (frames.ndim == 1 or frames.shape[1] == 1)


def _untouched(frames: Sound) -> Samples:
    return frames.reshape(-1).astype(np.int16, copy=False)


def _to_mono(frames: Sound) -> npt.NDArray[np.float32]:
    """[n] float32 in int16's units; beyond full scale is clipped, what is no number is silence."""
    sound = frames.astype(np.float32)
    if frames.dtype != np.int16:
        # Before they are mixed: infinity less infinity would be no number and a warning.
        sound = np.nan_to_num(sound, copy=False).clip(-1.0, 1.0) * np.float32(32_768.0)
    if sound.ndim == 1:
        return sound
    # Column by column: a mean along rows of two is many times slower.
    mono = sound[:, 0].copy()
    for channel in range(1, sound.shape[1]):
        mono += sound[:, channel]
    mono /= np.float32(sound.shape[1])
    return mono


def _to_int16(mono: npt.NDArray[np.float32]) -> Samples:
    return np.rint(mono).clip(-32_768.0, 32_767.0).astype(np.int16)
