"""Sound in, events out: ring, gate, front end, networks, detectors and segmenter in one place.

Sound of any length goes in; it is worked on in blocks counted from sample 0, so the events are the
same however it was cut. While the gate is closed nothing behind it runs. When it opens, the network
is given the sound since `before_s` earlier, from a fresh state; after a pause shorter than that it
is given just what it slept through, and its state is what it would have been. With ``sleep =
false`` the network hears the silence too, yet starts afresh at the very same places: the scores of
what is spoken are the same to the bit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ..models.bundle import BundleFrontEndError
from ..models.frontend import FrontEnd, FrontEndConfig
from ..models.runtime import TriggerModel
from .ear import Ear, Heard, Trace
from .events import Event, Stamp
from .foresight import Foresight
from .gate import VAD_STEP, VoiceGate
from .own_sound import OwnSound, Voiced
from .ring import Ring
from .segmenter import Boundary, Segmenter
from .settings import Settings
from .source import SAMPLE_RATE_HZ, Samples
from .telling import boundary_told, is_strangers, word_told
from .verifier import Judge

_SOON = 160
_QUIET_BLOCKS = 3
"""Being woken up is what quiet costs: with four blocks at a time, a third of it with one."""


class Pipeline:
    """One stream of sound over any number of shared trigger models."""

    def __init__(
        self,
        settings: Settings,
        models: Sequence[TriggerModel],
        stamp: Stamp,
        trace: Trace | None = None,
        judges: Mapping[str, Judge] | None = None,
    ) -> None:
        config = _common_front_end(models)
        self._block = block = config.block_samples
        self._frontend = FrontEnd(config)
        self._features = self._frontend.new_state()
        asked = judges or {}
        self._ears = [
            Ear(model, settings.detector, trace, asked.get(model.bundle.name)) for model in models
        ]
        self.gate = VoiceGate(settings.gate, block)
        self._sleeps = settings.gate.sleep
        self._before_blocks = math.ceil(settings.gate.before_s * SAMPLE_RATE_HZ / block)
        self.segmenter = Segmenter(settings.segment, block)
        # A whole number of blocks, so that every block lies in the ring in one piece.
        self.ring = Ring(math.ceil(settings.audio.ring_s * SAMPLE_RATE_HZ / block) * block)
        self.own_sound = OwnSound(self.ring, self.gate, block)
        self._stamp = stamp
        self._foresight = Foresight(self._frontend, self._ears)
        self._next = 0
        """The block that is looked at next."""
        self._look_at = block
        """The sample at which it is: its end, or where a word in it may be over."""
        self._slept_from = 0
        """The first block after the gate was last open."""
        self._woken_at = 0
        """Where a word was last heard."""
        self.is_awaited = False
        """Whether somebody waits for what comes by itself: the next call is to be soon."""

    @property
    def probabilities(self) -> list[tuple[str, float]]:
        """Each model's latest probability, for meters."""
        return [(ear.name, ear.probability) for ear in self._ears]

    @property
    def best_scores(self) -> list[float]:
        """Each model's highest smoothed probability so far, whether it fired or not."""
        return [ear.detector.best for ear in self._ears]

    @property
    def samples(self) -> int:
        """How much sound has been fed."""
        return self.ring.written

    @property
    def samples_to_block(self) -> int:
        """How much sound is missing until the next block is whole."""
        return -self.ring.written % self._block

    @property
    def samples_to_look(self) -> int:
        """How much sound is missing until something is looked at."""
        return self._look_at - self.ring.written

    def samples_wanted(self, patient: bool = True) -> int:
        """How much sound the next call had better bring: until then nothing has an answer.

        Four blocks while all is quiet: a word is longer, and is listened to from before its
        beginning when the gate opens. While somebody speaks, what the ears can wait for. Who is not
        `patient` awaits something else, and wants every block.
        """
        if self.is_awaited:
            return min(self.samples_to_look, _SOON)
        if not patient or self.segmenter.is_active:
            return self.samples_to_look
        if self._sleeps and not self.gate.is_open:
            return (self.samples_to_block or self._block) + _QUIET_BLOCKS * self._block
        wanted = self._next * self._block + self._foresight.patience_samples - self.ring.written
        return max(self.samples_to_look, wanted)

    @property
    def takes_down(self) -> bool:
        """Whether a wake has been told whose `speech.end` has not."""
        return self.segmenter.is_active

    @property
    def thresholds(self) -> dict[str, float]:
        """What each model fires at."""
        return {ear.name: ear.detector.threshold for ear in self._ears}

    def set_threshold(self, name: str, threshold: float) -> None:
        """From now on that model fires at this."""
        next(ear for ear in self._ears if ear.name == name).detector.threshold = threshold

    def audio(self, start: int, end: int) -> Samples:
        """A copy of the sound in [start, end), without the chimes that we played into it.

        Raises `ring.Overrun` if it is too long ago.
        """
        return self.own_sound.patched(start, self.ring.read(start, end - start))

    def expect_chime(self, chime: npt.NDArray[np.float64]) -> None:
        """A chime (16 kHz) is being played: it is neither speech nor part of any."""
        self.own_sound.expect(chime, self.samples)

    def feed(self, samples: Samples) -> list[Event]:
        """Any amount of sound; returns the events that it brought about."""
        events: list[Event] = []
        at = 0
        while at < len(samples):
            end = at + self.samples_to_look
            if self._take(samples[at:end], events):
                self._look(self._next, events)
                self._go_on()
            at = end
        return events

    def flush(self) -> list[Event]:
        """The sound is over: look at the last, incomplete block, and end what was going on."""
        events: list[Event] = []
        end, missing = self.ring.written, -self.ring.written % self._block
        if missing:
            events += self.feed(np.zeros(missing, np.int16))
        self._segment(self.own_sound.settle(), events)
        self._emit(self.segmenter.finish(end), events)
        return events

    def interrupt(self) -> list[Event]:
        """Sound is missing here: end what was going on, and go on as if it had just begun.

        No phantom wake can follow, since nothing that was heard before is remembered; the clock
        and the times between two wakes go on.
        """
        events = self.flush()
        self.gate.reset()
        self.own_sound.forget()
        self._features.reset()
        for ear in self._ears:
            ear.break_off()
        self._slept_from = self._next
        self._look_at = self._block_end
        return events

    def follow(self, former: Pipeline) -> None:
        """Go on where another stopped, which is to be fed no more: with its sound, on its clock.

        A word that was being said is heard from its beginning; none that has woken wakes again.
        Only where `former` is not taking down what somebody says.
        """
        self.ring = former.ring.resized(self.ring.capacity)
        self.own_sound = former.own_sound.moved(self.ring, self.gate, self._block)
        self._next = self.ring.written // self._block
        self._look_at = self._block_end
        # Shorter than the refractory time or not: what was heard up to a wake is not heard again.
        woken_by = -(-former._woken_at // self._block)
        in_ring = -(-self.ring.oldest // self._block)
        self._slept_from = max(woken_by, in_ring, self._next - self._before_blocks)
        self._slept_from = min(self._slept_from, self._next)
        self._woken_at = former._woken_at
        ears = {ear.name: ear for ear in former._ears}
        for ear in self._ears:
            if ear.name in ears:
                ear.follow(ears[ear.name])

    @property
    def _block_end(self) -> int:
        return (self._next + 1) * self._block

    def _take(self, samples: Samples, events: list[Event]) -> bool:
        """Sound up to where something is looked at, at most; whether a block is whole by it."""
        self.ring.write(samples)
        if self.ring.written < self._look_at:
            return False
        if self._look_at == self._block_end:
            return True
        self._look_at = self._block_end
        start = self._next * self._block
        begun = self.ring.view(start, self.ring.written - start)
        for heard in self._foresight.look(self._next, begun, self._features):
            self._wake(heard, events)
        return False

    def _go_on(self) -> None:
        """To the next block: where a word may be over within it, that is looked at by itself."""
        self._next += 1
        self._look_at = self._block_end
        if self.gate.stays_open:
            early = self._next * self._block + self._foresight.patience_samples
            self._look_at = min(self._look_at, early)

    def _look(self, number: int, events: list[Event]) -> None:
        """One block: ask the gate, wake or feed the ears, tell the segmenter."""
        self._voice(number, self._listen(number, events), events)

    def _listen(self, number: int, events: list[Event]) -> bool:
        """Whether there is voice in it; while the gate is open, the ears hear it."""
        block = self.ring.view(number * self._block, self._block)
        gate = self.gate
        was_open = gate.is_open
        voiced = gate.feed(block)
        if gate.is_open:
            if not was_open:
                self._catch_up(number, events)
            self._hear(number, block, events)
            self._slept_from = number + 1
        elif not self._sleeps:
            self._hear(number, block, events)
        return voiced

    def _voice(self, number: int, voiced: bool, events: list[Event]) -> None:
        start, own = number * self._block, self.own_sound
        self._segment(own.hold(start, voiced) if own.is_expected else [(start, voiced)], events)

    def _segment(self, blocks: Sequence[Voiced], events: list[Event]) -> None:
        for start, voiced in blocks:
            if self.segmenter.is_active:
                self._emit(self.segmenter.feed(start, voiced), events)

    def _catch_up(self, number: int, events: list[Event]) -> None:
        """The gate opens at block `number`: hear what came before it."""
        first = max(self._slept_from, number - self._before_blocks)
        if first > self._slept_from:
            self._features.reset()
            for ear in self._ears:
                ear.break_off()
        elif not self._sleeps:
            return
        for earlier in range(first, number):
            self._hear(earlier, self.ring.view(earlier * self._block, self._block), events)

    def _hear(self, number: int, block: Samples, events: list[Event]) -> None:
        frames = self._frontend.step(self._features, block)
        for ear in self._ears:
            for heard in ear.hear(number, frames):
                self._wake(heard, events)

    def _wake(self, heard: Heard, events: list[Event]) -> None:
        self._woken_at = heard.sample
        if not is_strangers(heard):
            self._segment(self.own_sound.release(), events)
            self._emit(self.segmenter.wake(heard.sample), events)
        events.append(word_told(heard, self._stamp))

    def _emit(self, boundaries: list[Boundary], events: list[Event]) -> None:
        events += [boundary_told(boundary, self._stamp) for boundary in boundaries]


def _common_front_end(models: Sequence[TriggerModel]) -> FrontEndConfig:
    first = models[0].bundle
    if first.frontend.sample_rate_hz != SAMPLE_RATE_HZ or first.frontend.block_samples % VAD_STEP:
        raise BundleFrontEndError(
            f"model {first.path}: its front end takes {first.frontend.block_samples} samples at "
            f"{first.frontend.sample_rate_hz} Hz at once; the daemon hears {SAMPLE_RATE_HZ} Hz in "
            "whole hundredths of a second: export it again"
        )
    for model in models[1:]:
        if model.bundle.frontend != first.frontend:
            raise BundleFrontEndError(
                f"model {model.bundle.path}: its front end differs from that of {first.path}; "
                "models that listen together need the same: export one of them again"
            )
    return first.frontend
