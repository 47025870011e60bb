"""The segmenter: where speech starts and ends after a wake, and that each wake is answered once."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon.segmenter import Segmenter, SpeechEnded, SpeechStarted
from wakeful.daemon.settings import SegmentSettings

BLOCK = 960
SETTINGS = SegmentSettings()


def seconds(sample):
    """A sample index as time."""
    return sample / 16_000


def run(voiced, wake=0, settings=SETTINGS):
    """Wake at a sample, then one block per flag."""
    segmenter = Segmenter(settings, BLOCK)
    found = segmenter.wake(wake)
    for number, flag in enumerate(voiced):
        found += segmenter.feed(number * BLOCK, flag)
    return segmenter, found


def blocks(duration_s, voiced):
    """So many seconds of voice or silence."""
    return [voiced] * round(duration_s * 16_000 / BLOCK)


def test_speech_after_a_pause():
    """A pause, two seconds of speech, silence: the bounds are its own, widened by the settings."""
    _, found = run(blocks(1.2, False) + blocks(2.1, True) + blocks(2, False))
    started, ended = found
    assert isinstance(started, SpeechStarted)
    assert abs(seconds(started.start) - (1.2 - SETTINGS.before_s)) < 0.07
    assert abs(seconds(ended.end) - (3.3 + SETTINGS.after_s)) < 0.07
    assert ended.ending == "silence"
    assert ended.start == started.start


def test_speech_straight_on():
    """A command said in one breath with the word is taken from the word's end on."""
    _, found = run(blocks(1.5, True) + blocks(1, False), wake=3 * BLOCK)
    assert found[0] == SpeechStarted(0)
    assert found[-1].ending == "silence"


def test_the_word_ringing_on_is_not_speech():
    """Voice that stops within the word's own tail is not taken for a command."""
    _, found = run(blocks(0.24, True) + blocks(6, False))
    assert [e.ending for e in found] == ["nothing"]


def test_a_click_is_not_speech():
    """One voiced block alone does not start anything."""
    _, found = run([*blocks(1, False), True, *blocks(6, False)])
    assert [e.ending for e in found] == ["nothing"]
    assert found[0].start == found[0].end


def test_nothing_said_is_told_in_time():
    """Silence after the word ends the wait after `start_within_s`."""
    segmenter, found = run(blocks(SETTINGS.start_within_s + 0.1, False))
    assert [e.ending for e in found] == ["nothing"]
    assert not segmenter.is_active


def test_endless_noise_is_cut():
    """A television that never pauses is cut at `longest_s`."""
    _, found = run(blocks(20, True))
    assert found[-1].ending == "longest"
    assert abs(seconds(found[-1].end - found[-1].start) - SETTINGS.longest_s) < 0.07


def test_the_word_again():
    """A second wake ends what the first had begun, and begins anew."""
    segmenter, _ = run(blocks(1, True))
    ended = segmenter.wake(16 * BLOCK)
    assert [e.ending for e in ended] == ["wake"]
    assert segmenter.is_active


def test_a_break_within_speech_is_kept():
    """A pause shorter than `end_silence_s` does not end it."""
    talk = blocks(0.6, False) + blocks(1, True) + blocks(0.6, False) + blocks(1, True)
    _, found = run(talk + blocks(1, False))
    assert [type(e) for e in found] == [SpeechStarted, SpeechEnded]


events = st.lists(st.tuples(st.booleans(), st.sampled_from([False] * 30 + [True])), max_size=600)


@given(events)
def test_every_wake_is_answered_once(flags):
    """Whatever is heard: as many endings as wakes, a start only between them, bounds in order."""
    segmenter = Segmenter(SETTINGS, BLOCK)
    wakes, found = 0, []
    for number, (voiced, woken) in enumerate(flags):
        if woken:
            wakes += 1
            found += segmenter.wake(number * BLOCK)
        found += segmenter.feed(number * BLOCK, voiced)
    found += segmenter.finish(len(flags) * BLOCK)
    ended = [e for e in found if isinstance(e, SpeechEnded)]
    assert len(ended) == wakes
    assert not segmenter.is_active
    assert all(0 <= e.start <= e.end for e in ended)
    for before, after in pairwise(found):
        assert not (isinstance(before, SpeechStarted) and isinstance(after, SpeechStarted))


@given(events, st.integers(1, 12))
def test_a_pause_is_silence_within_speech(flags, least):
    """It is there as long as it lasts, ends where it would end, and looking changes nothing."""
    looked, unseen = Segmenter(SETTINGS, BLOCK), Segmenter(SETTINGS, BLOCK)
    run_of, is_open = 0, False
    for number, (voiced, woken) in enumerate(flags):
        told = []
        for segmenter in (looked, unseen):
            told.append(segmenter.wake(number * BLOCK) if woken else [])
            told[-1] += segmenter.feed(number * BLOCK, voiced)
        assert told[0] == told[1]
        for event in told[0]:
            is_open = isinstance(event, SpeechStarted)
        is_open &= looked.is_active
        run_of = 0 if voiced else run_of + 1
        pause = looked.pause(least * BLOCK)
        assert bool(pause) == (is_open and run_of >= least)
        if pause:
            assert pause.start < pause.since < pause.end <= (number + 1) * BLOCK
            assert pause.since == (number + 1 - run_of) * BLOCK
