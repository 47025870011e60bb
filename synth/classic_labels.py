"""Labels as the classic trigger learnt them: 50 of 1,375 steps, right behind each word."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .labels import Labels

LENGTH_MS = 10_000
STEPS = 1_375
_ONES = 50


def classic_labels(ends_ms: Iterable[int]) -> Labels:
    """[1375, 1]: 1 at the 50 steps strictly after the step in which each word ends.

    Fewer where the ten seconds end before them; words close to each other share steps.
    """
    labels = np.zeros((STEPS, 1), np.int8)
    for end_ms in ends_ms:
        first = end_ms * STEPS // LENGTH_MS + 1
        labels[first : first + _ONES] = 1
    return labels
