"""One recording as nine: three lengths, each at three pitches, as the digit systems learnt from.

WORLD does it, which changes speakers already: formants stay where they are when the pitch moves,
and a stretch is exact. A phase vocoder smears what is struck, and moving its pitch by resampling
makes another, larger or smaller, speaker.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .voice import SAMPLE_RATE_HZ, Sound
from .world import Speech, analysed

STRETCHES = (0.7, 1.0, 1.3)
HALF_STEPS = (-1, 0, 1)
_SHORTEST = SAMPLE_RATE_HZ // 10


@dataclass(frozen=True)
class Variant:
    """`stretch` times as long, and so many half-steps higher."""

    stretch: float
    half_steps: int

    @property
    def name(self) -> str:
        """Fit for the end of a file's name: ``x1.3-1``, ``x0.7+0``."""
        return f"x{self.stretch:.1f}{self.half_steps:+d}"


VARIANTS = tuple(Variant(stretch, steps) for stretch in STRETCHES for steps in HALF_STEPS)
_UNCHANGED = Variant(1.0, 0)


def nine(sound: Sound) -> dict[str, Sound]:
    """All nine by name, of 16 kHz speech; ``x1.0+0`` is the sound itself, to the bit.

    The others are `round(len(sound) * stretch)` samples long. Raises `EngineMissingError` without
    WORLD.
    """
    # WORLD wants a few frames to look at.
    speech = analysed(np.pad(sound, (0, max(0, _SHORTEST - len(sound)))))
    made = {v.name: _varied(speech, v, len(sound)) for v in VARIANTS}
    return made | {_UNCHANGED.name: sound}


def _varied(speech: Speech, variant: Variant, length: int) -> Sound:
    higher = replace(speech, pitch_hz=speech.pitch_hz * 2 ** (variant.half_steps / 12))
    wanted = round(length * variant.stretch)
    sound = higher.sound(variant.stretch)[:wanted]
    return np.pad(sound, (0, wanted - len(sound)))
