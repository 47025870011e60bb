"""The voice gate: webrtcvad over fixed blocks, with hang-over, and cheap where it is quiet.

It only decides; what sleeps, and what is given to it on waking, is the pipeline's business. The
decision depends on the blocks alone, never on how the sound was cut or on what the rest does.
"""

from __future__ import annotations

import copy
import math

import numpy as np
import webrtcvad

from .settings import GateSettings
from .source import SAMPLE_RATE_HZ, Samples

VAD_STEP = 160
_VAD_FRAMES = (3 * VAD_STEP, 2 * VAD_STEP, VAD_STEP)
"""What webrtcvad takes, in samples: the longest that divides a block costs least."""

_FOLLOW = 0.1
"""How much of a block without voice goes into the idea of the room's noise."""

_ABOVE_NOISE = 2.0
"""Energy under this many times the room's noise (3 dB) is no voice, whatever webrtcvad says."""

_STEADY_S = 3.0
"""What has not been quieter for a stretch of this length is the room, however loud."""


class VoiceGate:
    """Open while somebody speaks and for `hang_over_s` after it."""

    def __init__(self, settings: GateSettings, block_samples: int) -> None:
        self._frame = next(n for n in _VAD_FRAMES if block_samples % n == 0)
        self._starts = range(0, 2 * block_samples, 2 * self._frame)
        block_s = block_samples / SAMPLE_RATE_HZ
        self._hang_over_blocks = max(1, math.ceil(settings.hang_over_s / block_s))
        self._steady_blocks = max(1, round(_STEADY_S / block_s))
        self._strictness = settings.strictness
        full_scale = 32_768.0**2 * block_samples
        self._quiet = full_scale * 10 ** (settings.quiet_dbfs / 10)
        self._scratch = np.zeros(block_samples, np.float32)
        self.reset()

    def reset(self) -> None:
        """As when the source had just opened: closed, with no idea of the room."""
        self._vad = webrtcvad.Vad(self._strictness)
        # The quietest room there is: until more is known, webrtcvad is asked about everything.
        self._noise = self._least = self._quiet
        self._least_now, self._blocks_now = math.inf, 0
        self._hang_over = 0
        self.is_open = False

    def twin(self) -> VoiceGate:
        """Another, closed, with the same idea of the room: to judge the same sound once more."""
        twin = copy.copy(self)
        twin.reset()
        twin._noise, twin._least = self._noise, self._least
        twin._scratch = np.zeros_like(self._scratch)
        return twin

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

    @property
    def stays_open(self) -> bool:
        """Whether it is open and will be at the end of the next block, whatever is in it."""
        return self._hang_over > 1

    def _is_voice(self, block: Samples) -> bool:
        scratch = self._scratch
        scratch[:] = block
        energy = float(np.dot(scratch, scratch))
        self._track_least(energy)
        if energy < _ABOVE_NOISE * max(self._noise, self._least) or energy < self._quiet:
            voiced = False
        else:
            voiced = self._ask(block)
        # Between two words it is not the room that is loud: while open the idea may only fall.
        if not voiced and not (self.is_open and energy > self._noise):
            self._noise += _FOLLOW * (energy - self._noise)
        return voiced

    def _track_least(self, energy: float) -> None:
        """The least energy of the last whole stretch: a fan's; of a room between two words."""
        self._least_now = min(self._least_now, energy)
        self._blocks_now += 1
        if self._blocks_now == self._steady_blocks:
            self._least = max(self._least_now, self._quiet)
            self._least_now, self._blocks_now = math.inf, 0

    def _ask(self, block: Samples) -> bool:
        sound, frame = block.tobytes(), 2 * self._frame
        is_speech = self._vad.is_speech
        # All frames, also after a "yes": webrtcvad learns the room from what it hears.
        votes = [is_speech(sound[at : at + frame], SAMPLE_RATE_HZ) for at in self._starts]
        return any(votes)
