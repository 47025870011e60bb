"""What a speech synthesizer is to us: something that draws a speaker, and something that speaks.

Drawing takes a generator and decides everything; speaking only carries it out. So a clip can be
made again from its line in the manifest, bit for bit where the engine allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..models.errors import WakefulError

SAMPLE_RATE_HZ = 16_000

Sound = npt.NDArray[np.float32]


class VoiceError(WakefulError):
    """An engine can't speak this."""


class EngineMissingError(VoiceError):
    """An engine isn't installed; the line says what brings it."""


@dataclass(frozen=True)
class Speaker:
    """One drawn way of speaking: an engine's voice and everything that is set about it."""

    engine: str
    voice: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


class Engine(Protocol):
    """A synthesizer with its voices; making one raises `EngineMissingError` if it isn't there."""

    name: str
    licence: str
    """Of the program / of its voices."""

    languages: tuple[str, ...]

    def voices(self, held_out: bool) -> list[str]:
        """The voices to train with, or those that are kept for validation; never both."""

    def draw(self, rng: np.random.Generator, held_out: bool) -> Speaker:
        """A speaker; `held_out` draws from the voices that training never hears."""

    def speak(self, text: str, speaker: Speaker) -> Sound:
        """The text as 16 kHz mono; raises `VoiceError` when nothing comes of it."""


def at_16_khz(samples: npt.NDArray[Any], rate_hz: int) -> Sound:
    """Float sound of any rate at ours."""
    sound = np.asarray(samples, np.float32)
    if rate_hz == SAMPLE_RATE_HZ:
        return sound
    import soxr

    resampled: Sound = soxr.resample(sound, rate_hz, SAMPLE_RATE_HZ)
    return resampled
