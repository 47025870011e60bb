"""Another speaker by arithmetic: what a longer or shorter throat does to mel bands.

A throat so many times shorter moves every resonance so many times higher; on the bands of the front
end that is one matrix, which costs next to nothing while a network is fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..models.frontend import FrontEndConfig
from ..models.mel import hz_to_mel, mel_to_hz

Matrix = npt.NDArray[np.float32]


def tract(factor: float, config: FrontEndConfig | None = None) -> Matrix:
    """[bands, bands]: frames of log-mel times it are those of all frequencies times `factor`.

    Below the lowest band and above the highest nothing is known; those two stand in for it.
    """
    c = config or FrontEndConfig()
    low, high = hz_to_mel([c.low_hz, c.high_hz])
    width = (high - low) / (c.bands + 1)
    hz = mel_to_hz(low + width * np.arange(1, c.bands + 1))
    at = np.clip((hz_to_mel(hz / factor) - low) / width - 1, 0, c.bands - 1)
    # A hat over each band: how much of it is heard at a place between two.
    hats: Matrix = np.maximum(0, 1 - np.abs(np.arange(c.bands)[:, np.newaxis] - at))
    return hats.astype(np.float32)


@lru_cache(maxsize=4)
def tracts(lengths: tuple[float, float], count: int = 33) -> Matrix:
    """[count, bands, bands]: evenly from the one factor to the other, by their ratios."""
    factors: Sequence[float] = np.geomspace(*lengths, count).tolist()
    return np.stack([tract(factor) for factor in factors])
