"""Mel-frequency cepstra of whole clips, and the slopes of any features. Numpy only."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from .features import FeatureError, Frames, MelSpectrogram, Samples


@dataclass(frozen=True)
class Mfcc:
    """The first `coefficients` of the orthonormal DCT-II over log-mel bands, and their slopes.

    `slopes` adds as many columns again for the deltas (1), and for the deltas' deltas (2), each a
    regression over `reach` frames to either side.
    """

    mel: MelSpectrogram = field(
        default_factory=lambda: MelSpectrogram(
            window_samples=400, bands=26, low_hz=0.0, high_hz=8_000.0
        )
    )
    coefficients: int = 13
    slopes: Literal[0, 1, 2] = 0
    reach: int = 2

    def __post_init__(self) -> None:
        if not 1 <= self.coefficients <= self.mel.bands:
            raise FeatureError(
                f"MFCC: {self.coefficients} coefficients of {self.mel.bands} mel bands; "
                f"there are 1 to {self.mel.bands}"
            )
        if self.mel.scale != "log":
            raise FeatureError("MFCC: the mel bands must be on the log scale")
        if self.slopes not in (0, 1, 2):
            raise FeatureError(f"MFCC: slopes {self.slopes} is not one of 0, 1, 2")
        _check_reach(self.reach)

    @property
    def bands(self) -> int:
        """Columns, slopes included."""
        return self.coefficients * (1 + self.slopes)

    def whole(self, samples: Samples) -> Frames:
        """All frames of a clip: [frames, bands]."""
        table = dct_ii(self.mel.bands)[: self.coefficients].T.astype(np.float32)
        columns = [self.mel.whole(samples) @ table]
        for _ in range(self.slopes):
            columns.append(deltas(columns[-1], self.reach))
        return np.concatenate(columns, axis=1)


@lru_cache(maxsize=8)
def dct_ii(size: int) -> npt.NDArray[np.float64]:
    """The orthonormal DCT-II as a matrix, [coefficient, input]; its transpose is its inverse."""
    k, n = np.mgrid[:size, :size]
    table: npt.NDArray[np.float64] = np.cos(np.pi * k * (2 * n + 1) / (2 * size))
    table *= np.sqrt(2 / size)
    table[0] /= np.sqrt(2)
    table.flags.writeable = False
    return table


def deltas(features: Frames, reach: int = 2) -> Frames:
    """Slope per frame of the line fitted over `reach` frames to either side, the ends held on.

    For second differences, take the deltas of the deltas.
    """
    _check_reach(reach)
    frames = len(features)
    if not frames:
        return features.copy()
    held = np.pad(features, ((reach, reach), (0, 0)), mode="edge")
    slope = np.zeros_like(features)
    for n in range(1, reach + 1):
        after, before = held[reach + n :][:frames], held[reach - n :][:frames]
        slope += np.float32(n) * (after - before)
    return slope / np.float32(2 * sum(n * n for n in range(1, reach + 1)))


def _check_reach(reach: int) -> None:
    if reach < 1:
        raise FeatureError(f"deltas: reach {reach}; it takes 1 frame to either side at least")


MFCC_13 = Mfcc()
"""13 coefficients, 25 ms windows every 10 ms, at 16 kHz."""
