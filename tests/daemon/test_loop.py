"""The loop and what steers it: mute, a change of models, companions with something to say."""

import os
import signal
import threading
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from scripted import GONE, Kept, Script, beep, silence
from wakeful.daemon import events
from wakeful.daemon.companion import Silent, Told
from wakeful.daemon.hearing import open_hearing
from wakeful.daemon.live import LiveSource
from wakeful.daemon.loop import Loop
from wakeful.daemon.settings import (
    AudioSettings,
    DetectorSettings,
    GateSettings,
    SegmentSettings,
    Settings,
)
from wakeful.daemon.source import SourceError


@pytest.fixture(scope="module")
def hearing(beep_bundle):
    """The test model, ready; what follows a word is soon over, so that others may take over."""
    return open_hearing(
        Settings(models=[str(beep_bundle)], segment=SegmentSettings(start_within_s=0.5))
    )


class At(Silent):
    """Does something once so much sound has been heard."""

    def __init__(self, sample, act):
        self.sample, self.act = sample, act

    def heard(self, pipeline):
        """The moment."""
        if self.act and pipeline.samples >= self.sample:
            act, self.act = self.act, None
            act()


def run(hearing, source, *companions, pieces=16_000, reopen=None, wait=None):
    """What is told of a source; each companion is given the loop and returns its own self."""
    kept = Kept()
    more = {"wait": wait} if wait else {}
    loop = Loop(hearing, source, [kept], reopen or Script, piece_samples=pieces, **more)
    loop.companions += [make(loop) for make in companions]
    loop.run()
    assert [e.seq for e in kept.events] == list(range(len(kept.events)))
    return kept


def pieces(sound, size=1_600):
    """Sound as a microphone gives it."""
    return [sound[at : at + size] for at in range(0, len(sound), size)]


def wakes(kept):
    """Where it was woken."""
    return [e.sample for e in kept.events if isinstance(e, events.Wake)]


WORDS = np.concatenate([silence(1), *[np.r_[beep(), silence(1.5)] for _ in range(4)]])


def muting(sample, muted):
    """A companion that mutes, or no longer does, at a sample."""
    return lambda loop: At(sample, partial(loop.mute, muted))


def test_muted_nothing_wakes_and_the_clock_goes_on(hearing):
    """Of four words the two in the middle are not heard; the last one is where it was spoken."""
    plain = wakes(run(hearing, Script(*pieces(WORDS))))
    assert len(plain) == 4
    off, on = plain[0] + 8_000, plain[2] + 8_000
    kept = run(hearing, Script(*pieces(WORDS)), muting(off, True), muting(on, False))
    assert wakes(kept) == [plain[0], plain[3]]
    told = [(e.muted, e.sample) for e in kept.events if isinstance(e, events.Muted)]
    assert [muted for muted, _ in told] == [True, False]
    assert off <= told[0][1] < off + 3_200
    assert on <= told[1][1] < on + 3_200
    assert kept.events[-1].sample == len(WORDS)


def test_muted_nothing_is_kept_of_what_is_said(hearing, rng_sound):
    """The ring, from which recognizers are fed, holds zeros for the time."""
    held = []

    class Look(Silent):
        def heard(self, pipeline):
            held[:] = [pipeline.audio(0, pipeline.samples)]

    sound = rng_sound(2, -30)
    kept = run(hearing, Script(*pieces(sound, 1_111)), muting(16_000, True), lambda _: Look())
    begun = next(e.sample for e in kept.events if isinstance(e, events.Muted))
    assert (held[0][:begun] == sound[:begun]).all()
    assert not held[0][begun:].any()


def test_muting_ends_what_is_being_said(hearing):
    """A wake is followed by its end, before it is told that it hears no more."""
    sound = np.r_[silence(1), beep(), silence(1)]
    woken = wakes(run(hearing, Script(*pieces(sound))))[0]
    kept = run(hearing, Script(*pieces(sound)), muting(woken + 1, True))
    assert kept.kinds == ["ready", "wake", "speech.end", "muted", "bye"]


@how(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    at=st.integers(0, len(WORDS)),
    size=st.integers(100, 4_000),
    ring_s=st.sampled_from([5.0, 30.0, 60.0]),
    before_s=st.sampled_from([0.9, 3.0]),
)
def test_another_model_takes_over_without_losing_a_word(hearing, at, size, ring_s, before_s):
    """Wherever a reload falls, each word wakes once, neither twice nor not at all."""
    other = open_hearing(
        Settings(
            models=hearing.settings.models,
            audio=AudioSettings(ring_s=ring_s),
            gate=GateSettings(before_s=before_s),
            detector=DetectorSettings(threshold=0.45),
            segment=hearing.settings.segment,
        )
    )

    def replaced(loop):
        return At(at, lambda: loop.take_over(other, other.pipeline(loop.stamp)))

    plain = wakes(run(hearing, Script(*pieces(WORDS))))
    kept = run(hearing, Script(*pieces(WORDS, size)), replaced, pieces=size)
    found = wakes(kept)
    assert len(found) == len(plain)
    assert all(abs(a - b) < 1_600 for a, b in zip(found, plain, strict=True))
    assert kept.events[-1].sample == len(WORDS)


def replaced_at(at, other):
    """A companion that lets another hearing take over at a sample."""
    return lambda loop: At(at, lambda: loop.take_over(other, other.pipeline(loop.stamp)))


def test_a_word_that_is_being_said_is_heard_from_its_beginning(hearing):
    """A reload in the middle of it: as sure as had there been none."""
    plain = heard(run(hearing, Script(*pieces(WORDS, 160))))
    middle = plain[1][0] - 1_600
    kept = run(hearing, Script(*pieces(WORDS, 160)), replaced_at(middle, hearing))
    assert [score for _, score in heard(kept)] == pytest.approx([s for _, s in plain], abs=0.02)


def test_a_word_that_has_woken_is_not_heard_again(hearing):
    """However far back a waking gate reaches, and however short the refractory time is."""
    eager = open_hearing(
        Settings(
            models=hearing.settings.models,
            gate=GateSettings(before_s=5),
            detector=DetectorSettings(refractory_s=0.1),
            segment=hearing.settings.segment,
        )
    )
    plain = heard(run(eager, Script(*pieces(WORDS))))
    assert len(plain) == 4
    kept = run(eager, Script(*pieces(WORDS)), replaced_at(plain[0][0] + 19_200, eager))
    assert [e.sample for e in kept.events if isinstance(e, events.Wake)] == [at for at, _ in plain]


def test_what_companions_say_is_numbered_by_the_loop(hearing):
    """An answer of a companion is told to all of them, stamped, in the order of its number."""

    class Answers(Silent):
        def __init__(self):
            self.answers = []

        def heard(self, pipeline):
            if not self.answers:
                self.answers = [pipeline.samples, 0]

        def told(self):
            told, self.answers = self.answers[:-1], self.answers[-1:]
            return [Told(at, partial(events.Muted, muted=False)) for at in told]

    kept = run(hearing, Script(silence(0.1), silence(0.1)), lambda _: Answers())
    assert kept.kinds == ["ready", "muted", "bye"]
    assert (kept.events[1].sample, kept.events[1].source) == (1_600, "script")


def test_asked_to_stop_it_ends_after_the_piece(hearing):
    """`bye` says who asked; the companions close before the device does."""
    order = []

    class Closing(Silent):
        def close(self):
            order.append("companion")

    source = Script(*pieces(silence(5)))
    close = source.close

    def noted():
        order.append("device")
        close()

    source.close = noted
    kept = run(
        hearing, source, lambda _: Closing(), lambda loop: At(4_000, partial(loop.stop, "enough"))
    )
    assert kept.kinds == ["ready", "bye"]
    assert (kept.events[-1].reason, kept.events[-1].sample) == ("enough", 4_800)
    assert order == ["companion", "device"]


def test_asked_to_stop_while_the_microphone_is_gone(hearing):
    """Companions are called without sound, and one of them may end it."""

    class Ends(Silent):
        def __init__(self, loop):
            self.loop, self.calls = loop, 0

        def idle(self):
            self.calls += 1
            if self.calls == 3:
                self.loop.stop("asked to stop")

    kept = run(hearing, Script(silence(1), GONE), Ends, wait=threading.Event.wait, reopen=never)
    assert kept.kinds == ["ready", "audio.lost", "bye"]
    assert kept.events[-1].reason == "asked to stop"


def never():
    """There is no microphone any more."""
    raise GONE


def heard(kept, begun=0):
    """Where from a sample on it was woken, and how sure it was."""
    return [(e.sample - begun, e.score) for e in kept.events if isinstance(e, events.Wake)]


def test_a_hole_in_the_sound_joins_no_two_halves(hearing):
    """Behind much lost sound it hears as from a fresh start; the wall time moves on."""
    word, half = beep(), int(0.18 * 16_000)
    rest = (word[half:], silence(0.5), word, silence(1))
    kept = run(hearing, Script(silence(1), word[:half], 48_000, *rest))
    lost, bye = kept.events[1], kept.events[-1]
    assert lost.lost_samples == 48_000
    assert heard(kept, lost.sample) == heard(run(hearing, Script(*rest)))
    joined = heard(run(hearing, Script(silence(1), word[:half], 100, *rest)))
    assert joined[0][1] != heard(kept)[0][1]
    assert bye.time == pytest.approx(1_000 + 3 + bye.sample / 16_000, abs=2e-3)


def test_sound_that_breaks_off_closes_everything(hearing):
    """The error comes out after `bye`; nobody is left open."""
    source, closed = Script(silence(1), SourceError("file x: breaks off")), []

    class Closing(Silent):
        def close(self):
            closed.append(1)

    with pytest.raises(SourceError, match="breaks off"):
        run(hearing, source, lambda _: Closing())
    assert (closed, source.closed) == ([1], 1)


def test_a_device_that_hangs_in_closing_holds_nobody_up(hearing):
    """A driver may never return: the loop does."""
    released = threading.Event()
    source = Script(silence(1))
    source.close = lambda: released.wait(60)
    kept = run(hearing, source)
    assert kept.kinds == ["ready", "bye"]
    assert not released.is_set()
    released.set()


def test_signals_are_put_back(hearing):
    """After a run the process is as it was before."""
    known = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in known]
    source = Script(*pieces(silence(5)))
    kept = run(hearing, source, lambda _: At(4_000, lambda: os.kill(os.getpid(), signal.SIGTERM)))
    assert kept.events[-1].reason == "SIGTERM"
    assert [signal.getsignal(number) for number in known] == before


class Asked(LiveSource):
    """A microphone in a quiet room that gives what is wanted, for so long."""

    def __init__(self, seconds):
        super().__init__("Asked", 16_000, 1)
        self.left, self.wanted = seconds * 16_000, []

    def want(self, samples):
        """Remember it."""
        self.wanted.append(samples)

    def read(self, max_samples):
        """Nothing more once it is over."""
        count = min(self.wanted[-1], self.left)
        self.left -= count
        return np.zeros(count, np.int16)

    def close(self):
        """There is no device."""


def test_after_an_event_it_sleeps_less(hearing):
    """Blocks for a quarter of a minute, since somebody may have an answer; then four at a time."""
    source = Asked(60)
    loop = Loop(hearing, source, [], Script)
    loop.companions.append(At(40 * 16_000, partial(loop.mute, True)))
    loop.run()
    block = min(source.wanted)
    at = np.cumsum([0, *source.wanted[:-1]]) / 16_000
    alert = [w == block for s, w in zip(at, source.wanted, strict=True) if s < 15 or 41 < s < 55]
    calm = [w == 4 * block for s, w in zip(at, source.wanted, strict=True) if 16 < s < 39]
    assert all(alert)
    assert all(calm)
    assert len(alert) > 400
    assert len(calm) > 90
