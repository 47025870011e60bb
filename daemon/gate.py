"""The voice gate: webrtcvad over fixed blocks, with hang-over, and cheap where it is quiet.

It only decides; what sleeps, and what is given to it on waking, is the pipeline's business. The
decision depends on the blocks alone, never on how the sound was cut or on what the rest does.
"""

from __future__ import annotations

import math

import numpy as np
import webrtcvad

from .settings import GateSettings
from .source import SAMPLE_RATE_HZ, Samples

_VAD_FRAMES = (480, 320, 160)
"""What webrtcvad takes, in samples: the longest that divides a block costs least."""

_FLOOR_RISE = 1.01
"""How fast the idea of the room's noise may rise, a block; it falls at once."""

_ABOVE_FLOOR = 2.0
"""Energy under this many times the room's noise (3 dB) is not worth asking about."""


class VoiceGate:
    """Open while somebody speaks and for `hang_over_s` after it."""

    def __init__(self, settings: GateSettings, block_samples: int) -> None:
        self._frame = next(n for n in _VAD_FRAMES if block_samples % n == 0)
        self._starts = range(0, 2 * block_samples, 2 * self._frame)
        block_s = block_samples / SAMPLE_RATE_HZ
        self._hang_over_blocks = max(1, math.ceil(settings.hang_over_s / block_s))
        self._strictness = settings.strictness
        full_scale = 32_768.0**2 * block_samples
        self._quiet = full_scale * 10 ** (settings.quiet_dbfs / 10)
        self._scratch = np.zeros(block_samples, np.float32)
        self.reset()

    def reset(self) -> None:
        """As when the source had just opened: closed, with no idea of the room."""
        self._vad = webrtcvad.Vad(self._strictness)
        self._floor = math.inf
        self._hang_over = 0
        self.is_open = False

    def feed(self, block: Samples) -> bool:
        """One block of sound; returns whether there was voice in it. `is_open` says the rest."""
        voiced = self._is_voice(block)
        if voiced:
            self._hang_over = self._hang_over_blocks
            self.is_open = True
        elif self._hang_over:
            self._hang_over -= 1
            self.is_open = self._hang_over > 0
        return voiced

    def _is_voice(self, block: Samples) -> bool:
        scratch = self._scratch
        scratch[:] = block
        energy = float(np.dot(scratch, scratch))
        self._floor = floor = min(energy, self._floor * _FLOOR_RISE)
        if energy < self._quiet or (not self.is_open and energy < floor * _ABOVE_FLOOR):
            return False
        sound, frame = block.tobytes(), 2 * self._frame
        is_speech = self._vad.is_speech
        # All frames, also after a "yes": webrtcvad learns the room from what it hears.
        votes = [is_speech(sound[at : at + frame], SAMPLE_RATE_HZ) for at in self._starts]
        return any(votes)
