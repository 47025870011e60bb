"""Who spoke, as the trigger network has it: the mean of one of its states over the word.

Taken from the last convolution's memory, not from a GRU's: on real people that tells them apart far
better (docs/enroll.md), since what lies behind it has learned to make no difference of them.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np
import numpy.typing as npt

from ..models.bundle import Bundle
from ..models.runtime import TriggerModel, TriggerState

Vector = npt.NDArray[np.float32]

_WORD_S = 0.48
"""How much of the past it is the mean of: most of a word of three syllables."""


def telling_state(bundle: Bundle) -> str:
    """The state that is looked at: the last convolution's past, or else the last there is."""
    names = list(bundle.manifest.states)
    return next((name for name in reversed(names) if name.endswith("_past")), names[-1])


class Recall:
    """The last half second of one stream's state."""

    def __init__(self, model: TriggerModel) -> None:
        bundle = model.bundle
        self._at = list(bundle.manifest.states).index(telling_state(bundle))
        call_s = bundle.frontend.frame_s * bundle.manifest.frames_per_call
        self._recent: deque[Vector] = deque(maxlen=max(1, math.ceil(_WORD_S / call_s - 1e-6)))

    def forget(self) -> None:
        """Sound was left out: nothing from before it counts."""
        self._recent.clear()

    def take(self, state: TriggerState) -> None:
        """The state after one more call of the network."""
        self._recent.append(state.buffers[self._at])

    def voiceprint(self) -> Vector:
        """[channels], of length 1 (or 0 where the network is silent)."""
        calls = np.stack(self._recent)
        return unit(calls.reshape(-1, calls.shape[-1]).mean(0))


def unit(vector: Vector) -> Vector:
    """The same direction at length 1; what has no direction stays zero."""
    length = float(np.linalg.norm(vector))
    scaled: Vector = (vector / np.float32(length or 1.0)).astype(np.float32)
    return scaled
