"""Our own chimes in the microphone's sound: removed once, for segmenter and recognizers alike.

While a chime may still be coming, what the gate says of each block is held back. When chime and
echo are over, the chime is taken out of that stretch, the blocks in which it was heard are judged
again by what is left of them, and all go to the segmenter, which dates speech back. Without a chime
none of this runs.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .chime_removal import ECHO_S, SEARCH_S, Removal, remove_chime
from .gate import VoiceGate
from .ring import Ring
from .source import SAMPLE_RATE_HZ, Samples

Voiced = tuple[int, bool]
"""Where a block begins, and whether there is voice in it."""

_LEAD_BLOCKS = 8
"""Sound before the chime from which the second judge learns the room."""

_TRACE = 0.03
"""Where a chime was, less than this share of its energy (15 dB down) may be what is left of it."""

_KEPT = 4


@dataclass(frozen=True)
class _Expected:
    chime: npt.NDArray[np.float64]
    from_sample: int

    @property
    def due(self) -> int:
        """By this sample it has been heard to its end, wherever it began."""
        beyond = round((SEARCH_S + ECHO_S) * SAMPLE_RATE_HZ)
        return self.from_sample + beyond + len(self.chime)


@dataclass(frozen=True)
class _Patch:
    """What the sound from `start` on is without a chime, and what it was with it."""

    start: int
    cleaned: Samples


class OwnSound:
    """Watches one ring; `gate` lends its idea of the room to the second judgement."""

    def __init__(self, ring: Ring, gate: VoiceGate, block: int) -> None:
        self._ring, self._gate, self._block = ring, gate, block
        self._expected: list[_Expected] = []
        self._held: list[Voiced] = []
        self._patches: deque[_Patch] = deque(maxlen=_KEPT)
        self.last = Removal(np.zeros(0, np.int16))
        """What came of the latest chime."""

    def moved(self, ring: Ring, gate: VoiceGate, block: int) -> OwnSound:
        """The same for another pipeline that goes on with this one's sound and clock."""
        other = OwnSound(ring, gate, block)
        other._expected, other._patches = self._expected, self._patches
        return other

    @property
    def is_expected(self) -> bool:
        """Whether blocks are to be held back."""
        return bool(self._expected)

    def expect(self, chime: npt.NDArray[np.float64], from_sample: int) -> None:
        """A chime (16 kHz) has been played, to be heard at `from_sample` or somewhat later."""
        self._expected.append(_Expected(chime, from_sample))

    def hold(self, start: int, voiced: bool) -> list[Voiced]:
        """One more block; all that were held, in order and judged again, once it is over."""
        self._held.append((start, voiced))
        if start + self._block < max(e.due for e in self._expected):
            return []
        return self.settle()

    def release(self) -> list[Voiced]:
        """The held blocks as they are: the word came again, and ends what they belong to."""
        held, self._held = self._held, []
        return held

    def settle(self) -> list[Voiced]:
        """Take the chimes out of what there is by now; the held blocks, judged again."""
        expected, self._expected = self._expected, []
        held = self.release()
        first = min((e.from_sample for e in expected), default=0)
        begin = max(0, first // self._block - _LEAD_BLOCKS) * self._block
        if not expected or begin < self._ring.oldest:
            return held
        raw = self._ring.read(begin, self._ring.written - begin)
        cleaned = self._cleaned(raw, begin, expected)
        if cleaned is raw:
            return held
        self._keep(begin, raw, cleaned)
        return self._judged(held, begin, raw, cleaned)

    def forget(self) -> None:
        """Sound is missing here: what was played before it is not to be heard after it."""
        self._expected, self._held = [], []

    def patched(self, start: int, sound: Samples) -> Samples:
        """`sound`, which begins at `start` and is written into, without the chimes in it."""
        for patch in self._patches:
            begin = max(start, patch.start)
            end = min(start + len(sound), patch.start + len(patch.cleaned))
            if begin < end:
                there = patch.cleaned[begin - patch.start : end - patch.start]
                sound[begin - start : end - start] = there
        return sound

    def _cleaned(self, raw: Samples, begin: int, expected: list[_Expected]) -> Samples:
        sound = self.patched(begin, raw.copy()) if self._patches else raw
        for one in expected:
            self.last = remove_chime(sound, one.chime, one.from_sample - begin)
            sound = self.last.samples
        return sound

    def _keep(self, begin: int, raw: Samples, cleaned: Samples) -> None:
        """Only what has changed: beyond it, later patches and the ring itself hold good."""
        changed = np.flatnonzero(raw != cleaned)
        if len(changed):
            first, last = int(changed[0]), int(changed[-1]) + 1
            self._patches.append(_Patch(begin + first, cleaned[first:last].copy()))

    def _judged(
        self, held: list[Voiced], begin: int, raw: Samples, cleaned: Samples
    ) -> list[Voiced]:
        """Blocks that have changed are voiced if what is left of them is, and is no mere trace."""
        judge, block = self._gate.twin(), self._block
        again: dict[int, bool] = {}
        for at in range(0, len(raw) - block + 1, block):
            left = cleaned[at : at + block]
            voiced = judge.feed(left)
            gone = raw[at : at + block].astype(np.float32) - left
            if gone.any():
                again[begin + at] = voiced and _energy(left) > _TRACE * _energy(gone)
        return [(start, again.get(start, voiced)) for start, voiced in held]


def _energy(sound: npt.NDArray[np.generic]) -> float:
    wide = sound.astype(np.float32)
    return float(np.dot(wide, wide))
