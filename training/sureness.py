"""What confidences are worth: how likely they find the truth, and how far they are from it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Probabilities = npt.NDArray[np.float64]
Truths = npt.NDArray[np.int64]

_BINS = 10
_LEAST = 1e-12


def unlikeliness(found: Probabilities, truths: Truths) -> float:
    """How little of [clips, labels] lies on what was said: the mean of its negative logarithm."""
    right = found[np.arange(len(truths)), truths]
    return float(-np.log(np.maximum(right, _LEAST)).mean())


def calibration_error(found: Probabilities, truths: Truths) -> float:
    """The mean distance of confidence from share right, over ten bins of confidence."""
    sure, right = found.max(axis=1), found.argmax(axis=1) == truths
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    apart = [
        abs(sure[bins == b].mean() - right[bins == b].mean()) * np.mean(bins == b)
        for b in np.unique(bins)
    ]
    return float(np.sum(apart))
