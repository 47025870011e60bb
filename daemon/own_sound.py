"""Our own chimes in the microphone's sound: removed once, for segmenter and recognizers alike.

While a chime may still be coming, what the gate says of each block is held back. When chime and
echo are over, the chime is taken out of that stretch, the blocks in which it was heard are judged
again by what is left of them, and all go to the segmenter, which dates speech back. It is looked
for as soon as it may be over; one that is not heard (there are headphones) is waited for in vain.
Without a chime none of this runs.
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
_SOON_S, _AGAIN_S = 0.12, 0.24
"""A quick loudspeaker has begun by then; of others it is looked for again, 13 ms each time."""


@dataclass(frozen=True)
class _Expected:
    chime: npt.NDArray[np.float64]
    from_sample: int

    @property
    def due(self) -> int:
        """By this sample it has been heard to its end, wherever it began."""
        return self.over(self.from_sample + round(SEARCH_S * SAMPLE_RATE_HZ))

    def over(self, begun: int) -> int:
        """By this sample it and its echo have been heard, if it began at `begun`."""
        return begun + len(self.chime) + round(ECHO_S * SAMPLE_RATE_HZ)


@dataclass(frozen=True)
class _Look:
    """The sound since before the chimes, with and without them; whether all have been heard."""

    begin: int
    raw: Samples
    cleaned: Samples
    all_over: bool


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
        self._look_at = 0
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
        one = _Expected(chime, from_sample)
        self._expected.append(one)
        self._look_at = one.over(from_sample + round(_SOON_S * SAMPLE_RATE_HZ))

    def hold(self, start: int, voiced: bool) -> list[Voiced]:
        """One more block; all that were held, in order and judged again, once it is over."""
        self._held.append((start, voiced))
        heard = start + self._block
        if heard >= max(e.due for e in self._expected):
            return self.settle()
        if heard >= self._look_at:
            self._look_at = heard + round(_AGAIN_S * SAMPLE_RATE_HZ)
            if (look := self._look()) and look.all_over:
                return self._settled(look)
        return []

    def release(self) -> list[Voiced]:
        """The held blocks as they are: the word came again, and ends what they belong to."""
        held, self._held = self._held, []
        return held

    def settle(self) -> list[Voiced]:
        """Take the chimes out of what there is by now; the held blocks, judged again."""
        return self._settled(self._look())

    def _settled(self, look: _Look | None) -> list[Voiced]:
        self._expected, held = [], self.release()
        if look is None or look.cleaned is look.raw:
            return held
        self._keep(look)
        return self._judged(held, look)

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

    def _look(self) -> _Look | None:
        """None where there is nothing to look for, or no longer the sound to look in."""
        first = min((e.from_sample for e in self._expected), default=0)
        begin = max(0, first // self._block - _LEAD_BLOCKS) * self._block
        if not self._expected or begin < self._ring.oldest:
            return None
        raw = self._ring.read(begin, self._ring.written - begin)
        sound = self.patched(begin, raw.copy()) if self._patches else raw
        all_over = True
        for one in self._expected:
            self.last = remove_chime(sound, one.chime, one.from_sample - begin)
            sound, at = self.last.samples, self.last.found_at
            all_over &= at is not None and one.over(begin + at) <= self._ring.written
        return _Look(begin, raw, sound, all_over)

    def _keep(self, look: _Look) -> None:
        """Only what has changed: beyond it, later patches and the ring itself hold good."""
        begin, cleaned = look.begin, look.cleaned
        changed = np.flatnonzero(look.raw != cleaned)
        if len(changed):
            first, last = int(changed[0]), int(changed[-1]) + 1
            self._patches.append(_Patch(begin + first, cleaned[first:last].copy()))

    def _judged(self, held: list[Voiced], look: _Look) -> list[Voiced]:
        """Blocks that have changed are voiced if what is left of them is, and is no mere trace."""
        judge, block = self._gate.twin(), self._block
        begin, raw, cleaned = look.begin, look.raw, look.cleaned
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
