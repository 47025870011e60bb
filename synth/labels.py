"""What a step of a network is to say, by how far behind it the word's end lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int8]

MASKED = -1
"""The label of a step that counts neither as the word nor as anything else."""


@dataclass(frozen=True)
class LabelSettings:
    """Where in time, counted from the word's end, a step says "word" and where it needn't care.

    Not before the end: what follows tells "activate" from "activated", and nobody waits for 20 ms.
    """

    from_s: float = 0.02
    to_s: float = 0.23
    unsure_before_s: float = 0.2
    unsure_after_s: float = 0.25


def label_steps(
    word_end: int | None, steps: int, step_samples: int, settings: LabelSettings | None = None
) -> Labels:
    """Labels of `steps` steps, the first of which ends at sample `step_samples`."""
    labels = np.zeros(steps, np.int8)
    if word_end is None:
        return labels
    s = settings or LabelSettings()
    after_s = (np.arange(1, steps + 1) * step_samples - word_end) / 16_000
    unsure = (after_s >= s.from_s - s.unsure_before_s) & (after_s <= s.to_s + s.unsure_after_s)
    labels[unsure] = MASKED
    labels[(after_s >= s.from_s) & (after_s <= s.to_s)] = 1
    return labels
