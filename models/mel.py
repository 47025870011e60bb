"""The mel filter bank: one table for the front end, the older systems and the study."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .errors import WakefulError


class MelError(WakefulError):
    """No filter bank has these parameters."""


def hz_to_mel(hz: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """HTK's scale: 2595 log10(1 + f / 700)."""
    return 2595.0 * np.log10(1.0 + np.asarray(hz, np.float64) / 700.0)


def mel_to_hz(mel: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The inverse of `hz_to_mel`."""
    return 700.0 * (10.0 ** (np.asarray(mel, np.float64) / 2595.0) - 1.0)


def mel_filters(
    n_fft: int, sample_rate_hz: float, bands: int, low_hz: float, high_hz: float
) -> npt.NDArray[np.float32]:
    """Triangles of height 1, evenly spaced in mel: [n_fft // 2 + 1, bands].

    A band so narrow that no bin lies in it takes the bin nearest to its centre, so that every band
    hears something.
    """
    if bands < 1 or not 0 <= low_hz < high_hz <= sample_rate_hz / 2:
        raise MelError(
            f"mel: {bands} bands from {low_hz:g} to {high_hz:g} Hz don't fit a rate of "
            f"{sample_rate_hz:g} Hz; the bounds must rise and end at half the rate"
        )
    edges = mel_to_hz(np.linspace(hz_to_mel(low_hz), hz_to_mel(high_hz), bands + 2))
    bins = np.arange(n_fft // 2 + 1)[:, np.newaxis] * (sample_rate_hz / n_fft)
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    filters = np.maximum(0.0, np.minimum(rising, falling))
    empty = np.flatnonzero(filters.sum(axis=0) == 0)
    filters[np.abs(bins - centre[empty]).argmin(axis=0), empty] = 1.0
    return filters.astype(np.float32)
