"""What the pipeline is fed from: sound as 16 kHz mono int16, wherever it comes from.

A source is read by one reader. It blocks in `read` until some sound is there; an empty array means
that the sound has ended. Sample 0 of the source was heard at wall time `opened_at`.
"""

import math
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..models.errors import WakefulError

SAMPLE_RATE_HZ = 16_000

Samples = npt.NDArray[np.int16]


def samples_in(seconds: float) -> int:
    """So many samples as last so long at least."""
    return math.ceil(seconds * SAMPLE_RATE_HZ)


class SourceError(WakefulError):
    """The sound can't be had: one line says which, why, and what to do."""


class Source(Protocol):
    """Anything that yields sound: a microphone, a file, standard input, an array in a test."""

    @property
    def name(self) -> str:
        """What events call it: ``mic:Built-in Audio``, ``file:/tmp/a.wav``, ``stdin``."""

    @property
    def opened_at(self) -> float:
        """Wall time (Unix seconds) of sample 0."""

    @property
    def lost_samples(self) -> int:
        """How many 16 kHz samples never reached the reader since opening (overflows)."""

    def read(self, max_samples: int) -> Samples:
        """At most `max_samples` new samples; waits for the first; empty at the end.

        Raises `SourceError` when the sound breaks off (an unplugged device, a corrupt file).
        """

    def close(self) -> None:
        """Give the device or file back; a second call does nothing."""
