"""Muted or stuck: sound that is the same number for two seconds, told once and taken back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon import events
from wakeful.daemon.muted import ONLY_SILENCE, MutedWatch
from wakeful.daemon.opening import open_models
from wakeful.daemon.pipeline import Pipeline
from wakeful.daemon.settings import Settings
from wakeful.daemon.stillness import STILL_S, Stillness

ENOUGH = round(STILL_S * 16_000)

runs = st.lists(
    st.tuples(st.sampled_from([0, 0, 1, -300]), st.integers(1, 2 * ENOUGH)), min_size=1, max_size=6
)
"""So many samples of one number, then of the next."""


def sound_of(drawn):
    """The samples that some runs stand for."""
    return np.concatenate([np.full(count, value, np.int16) for value, count in drawn])


def length_at_end(sound):
    """How long it has been the same number, found by looking at each."""
    count = 0
    for value in sound[::-1]:
        if value != sound[-1]:
            break
        count += 1
    return count


@given(runs, st.lists(st.integers(1, ENOUGH), max_size=12))
def test_stillness_is_the_last_run_however_it_is_cut(drawn, cuts):
    """The count is that of the equal samples at the end, whatever pieces the sound came in."""
    sound = sound_of(drawn)
    still = Stillness()
    for piece in np.split(sound, [c for c in np.cumsum(cuts) if c < len(sound)]):
        still.feed(piece)
    assert (still.value, still.count) == (sound[-1], length_at_end(sound))
    assert still.has_sounded == (len(set(sound.tolist())) > 1)
    assert still.is_still == (length_at_end(sound) >= ENOUGH)


@pytest.mark.parametrize(
    ("value", "muted", "stuck"),
    [(0, True, False), (-8, True, False), (9, False, True), (-9, False, True)],
)
def test_zeros_are_muted_and_other_numbers_stuck(rng_sound, value, muted, stuck):
    """A small offset is what cheap converters add to silence; a large one is no silence."""
    still = Stillness()
    still.feed(rng_sound(0.5, -30))
    still.feed(np.full(ENOUGH, value, np.int16))
    assert (still.is_muted, still.is_stuck) == (muted, stuck)
    still.feed(rng_sound(0.1, -30))
    assert (still.is_muted, still.is_stuck) == (False, False)


def test_what_never_sounded_is_not_called_muted():
    """A virtual microphone that nobody plays into is silent from the start: that is no loss."""
    still = Stillness()
    still.feed(np.zeros(10 * ENOUGH, np.int16))
    assert still.is_still
    assert not still.is_muted


class Watched:
    """A watch beside a pipeline, and what it has said."""

    def __init__(self, bundle, source="mic:test"):
        self.stamp = events.Stamp(source, 0.0)
        settings = Settings(models=[str(bundle)])
        self.pipeline = Pipeline(settings, open_models(settings.models), self.stamp)
        self.watch, self.said = MutedWatch(), []
        self.watch.event(events.Ready(models=["beep"], **self.stamp.at(0)))

    def hear(self, sound, piece=1_600):
        """Feed it in pieces, as the loop does: what is told becomes an event for all."""
        for at in range(0, len(sound), piece):
            self.pipeline.feed(sound[at : at + piece])
            self.watch.heard(self.pipeline)
            for told in self.watch.told():
                event = told.make(**self.stamp.at(told.sample))
                self.said.append(event)
                self.watch.event(event)

    @property
    def kinds(self):
        """What was said, in order."""
        return [event.__struct_config__.tag for event in self.said]


def test_a_muted_microphone_is_told_once_and_its_return_too(beep_bundle, rng_sound):
    """Within two seconds, with the reason, and then nothing until it sounds again."""
    watched = Watched(beep_bundle)
    watched.hear(rng_sound(1, -40))
    watched.hear(np.zeros(16_000 * 30, np.int16))
    assert watched.kinds == ["audio.lost"]
    assert watched.said[0].reason == ONLY_SILENCE
    assert 16_000 < watched.said[0].sample <= 16_000 * 3
    assert watched.watch.is_muted
    watched.hear(rng_sound(1, -40))
    assert watched.kinds == ["audio.lost", "audio.restored"]
    assert watched.said[1].lost_s == pytest.approx(30, abs=0.2)
    assert not watched.watch.is_muted


def test_a_file_is_never_muted(beep_bundle, rng_sound):
    """Silence in a recording is silence."""
    watched = Watched(beep_bundle, source="file:/tmp/a.wav")
    watched.hear(rng_sound(1, -40))
    watched.hear(np.zeros(16_000 * 5, np.int16))
    assert watched.said == []


def test_after_a_loss_it_must_have_sounded_again(beep_bundle, rng_sound):
    """A microphone that comes back silent isn't called muted: nobody knows that it ever sounded."""
    watched = Watched(beep_bundle)
    watched.hear(rng_sound(1, -40))
    lost = events.AudioLost(reason="unplugged", **watched.stamp.at(watched.pipeline.samples))
    watched.watch.event(lost)
    watched.hear(np.zeros(16_000 * 5, np.int16))
    assert watched.said == []


def test_one_long_piece_is_judged_as_far_as_the_ring_goes(beep_bundle, rng_sound):
    """More sound at once than the ring holds is no error."""
    watched = Watched(beep_bundle)
    long = np.r_[rng_sound(40, -40), np.zeros(16_000 * 3, np.int16)]
    watched.hear(long, piece=len(long))
    assert watched.kinds == ["audio.lost"]
