"""An answer before the silence is over that would end what is said, by a real process."""

import time

import numpy as np
import pytest
from handoff_loop import HERE, LIMIT_S, loops
from wakeful.daemon import events
from wakeful.daemon.recognizer import load_recognizer, manner_of
from wakeful.daemon.settings import RecognizerSettings, SegmentSettings

RATE_HZ, BLOCK = 16_000, 960
_SILENCE_S = SegmentSettings().end_silence_s


@pytest.fixture
def begin(beep_bundle, tmp_path, monkeypatch):
    """Starts a loop with a recognizer that may be asked early."""
    monkeypatch.setenv("PYTHONPATH", HERE)
    with loops(beep_bundle, tmp_path) as start:
        yield lambda name="odd_recognizers:Sure", **more: start(name, **more).ready()


@pytest.fixture
def spoken(voice):
    """A second of voice without any pause: the loudest fifth of a sentence, again and again."""
    fifth = RATE_HZ // 5
    power = np.convolve(voice.astype(np.float64) ** 2, np.ones(fifth), "valid")
    return np.tile(voice[power.argmax() :][:fifth], 5)


def beep():
    """What wakes."""
    t = np.arange(int(0.18 * RATE_HZ)) / RATE_HZ
    edge = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    tones = [np.sin(2 * np.pi * f * t) * edge for f in (700, 1_100)]
    return (np.concatenate(tones) * 9_830).astype(np.int16)


def quiet(seconds):
    """So much of nothing."""
    return np.zeros(round(seconds * RATE_HZ), np.int16)


def wake(loop, *sounds):
    """The word, a pause, and `sounds`, in blocks as the microphone brings them."""
    hear(loop, np.concatenate([quiet(1), beep(), quiet(0.5), *sounds]))


def hear(loop, sound):
    """In blocks, so that the loop has a look at each."""
    for at in range(0, len(sound), BLOCK):
        loop.feed(sound[at : at + BLOCK])


def found(loop, kind):
    """The events of one kind."""
    return [event for event in loop.told if isinstance(event, kind)]


def silence(loop, until):
    """Silence, block by block and far slower than it is worked on; how long until something was so.

    A block takes as long as the process needs, if it is at work: what is measured is sound.
    """
    blocks, patience = 0, time.monotonic() + LIMIT_S
    while not until():
        assert time.monotonic() < patience, loop.told
        loop.feed(quiet(BLOCK / RATE_HZ))
        blocks += 1
        while loop.handoff.waiting and time.monotonic() < patience:
            time.sleep(0.002)
            loop.handoff.heard(loop.pipeline)
            loop.ask()
    return blocks * BLOCK / RATE_HZ


def asked(folder):
    """What the recognizer was asked about."""
    return list(folder.glob("asked *"))


def outcome(loop):
    """Silence until the one wake has its outcome; how long."""
    (woken,) = found(loop, events.Wake)
    return silence(loop, lambda: loop.outcomes(woken.seq))


def test_a_sure_command_is_answered_in_a_short_silence(begin, tmp_path, spoken):
    """Its `speech.end` comes first and is the only one; the sound is what lies between its ends."""
    (tmp_path / "sure").touch()
    loop = begin()
    wake(loop, spoken)
    assert outcome(loop) < 0.3
    ended, answer = loop.told[-2:]
    assert isinstance(ended, events.SpeechEnd)
    assert isinstance(answer, events.Command)
    assert (answer.label, answer.sample, ended.ending) == ("go", ended.sample, "silence")
    assert ended.duration_s == round((ended.sample - ended.start_sample) / RATE_HZ, 3)
    samples = loop.pipeline.audio(ended.start_sample, ended.sample)
    assert answer.text.split()[0] == str(len(samples))
    assert not loop.pipeline.takes_down
    hear(loop, quiet(3))
    assert len(found(loop, events.SpeechEnd)) == len(found(loop, events.Command)) == 1
    hear(loop, np.concatenate([beep(), quiet(0.5), spoken]))
    silence(loop, lambda: len(found(loop, events.Command)) == 2)
    first, second = found(loop, events.Wake)
    assert [len(loop.outcomes(seq)) for seq in (first.seq, second.seq)] == [1, 1]


def test_who_is_not_sure_waits_for_the_silence(begin, tmp_path, spoken):
    """Asked at once, and again when all has been heard that would be handed on; told once."""
    loop = begin()
    wake(loop, spoken)
    assert _SILENCE_S - 0.1 < outcome(loop) < _SILENCE_S + 0.2
    assert len(asked(tmp_path)) == 2
    assert len(found(loop, events.SpeechEnd)) == len(found(loop, events.Command)) == 1


def test_what_was_asked_ahead_is_told_with_the_end(begin, tmp_path, spoken):
    """The very sound that is handed on at the end has been answered by then: no second asking."""
    (tmp_path / "sure").touch()
    loop = begin("odd_recognizers:Patient")
    wake(loop, spoken, quiet(0.4))
    loop.until(lambda: not loop.handoff.waiting)
    assert len(asked(tmp_path)) == 1
    assert not found(loop, events.SpeechEnd)
    outcome(loop)
    ended, answer = loop.told[-2:]
    assert (answer.sample, answer.text.split()[0]) == (
        ended.sample,
        str(ended.sample - ended.start_sample),
    )
    assert ended.ending == "silence"
    assert len(asked(tmp_path)) == 1


def test_what_is_being_worked_on_at_the_end_is_not_begun_anew(begin, tmp_path, spoken):
    """Its answer is the answer, as soon as it comes."""
    (tmp_path / "slow").touch()
    loop = begin("odd_recognizers:Patient")
    wake(loop, spoken, quiet(1.2))
    assert len(found(loop, events.SpeechEnd)) == 1
    assert not found(loop, events.Command)
    (tmp_path / "open").touch()
    outcome(loop)
    assert len(asked(tmp_path)) == len(found(loop, events.Command)) == 1


def test_what_was_asked_ahead_of_more_is_forgotten(begin, tmp_path, spoken):
    """The whole is another sound, and asked about by itself."""
    loop = begin("odd_recognizers:Patient")
    wake(loop, spoken, quiet(0.4))
    loop.until(lambda: not loop.handoff.waiting)
    hear(loop, spoken)
    outcome(loop)
    (answer,) = found(loop, events.Command)
    assert int(answer.text.split()[0]) > 2.2 * RATE_HZ
    assert len(asked(tmp_path)) == 2


def test_who_takes_long_is_asked_at_the_end_alone(begin, tmp_path, spoken):
    """What it does in vain would keep the answer waiting."""
    now = [0.0]
    loop = begin("odd_recognizers:Patient", clock=lambda: now[0])
    for count, later_s in ((1, 2.0), (2, 0.1)):
        (tmp_path / "open").unlink(missing_ok=True)
        (tmp_path / "slow").touch()
        wake(loop, spoken, quiet(1.2))
        now[0] += later_s
        (tmp_path / "open").touch()
        seq = found(loop, events.Wake)[-1].seq
        silence(loop, lambda seq=seq: loop.outcomes(seq))
        assert len(asked(tmp_path)) == count
    (tmp_path / "slow").unlink()
    wake(loop, spoken, quiet(0.4))
    loop.until(lambda: not loop.handoff.waiting)
    assert len(asked(tmp_path)) == 3


@pytest.mark.parametrize("settings", [{"ahead_s": 0}, {"ahead_s": 2.0}])
def test_ahead_or_never(begin, tmp_path, spoken, settings):
    """0 is never; what comes after the end is never, too."""
    loop = begin("odd_recognizers:Patient", **settings)
    wake(loop, spoken, quiet(0.5))
    assert not loop.handoff.waiting
    assert not asked(tmp_path)
    outcome(loop)
    assert len(asked(tmp_path)) == 1


@pytest.mark.parametrize("settings", [{"early_s": 0}, {"early_confidence": 0.96}])
def test_the_settings_count(begin, tmp_path, spoken, settings):
    """0 is never, and how sure is sure can be said."""
    (tmp_path / "sure").touch()
    loop = begin(**settings)
    wake(loop, spoken)
    assert outcome(loop) > _SILENCE_S - 0.1


def test_others_are_not_asked_before_the_end(begin, spoken):
    """Who says nothing of it is asked when all has been said."""
    loop = begin("odd_recognizers:Obedient")
    wake(loop, spoken)
    assert outcome(loop) > _SILENCE_S - 0.1


def test_who_goes_on_speaking_is_heard_to_the_end(begin, tmp_path, spoken):
    """An answer that comes too late is no answer: the whole of it is asked about."""
    (tmp_path / "sure").touch()
    (tmp_path / "slow").touch()
    loop = begin()
    wake(loop, spoken, quiet(0.3))
    assert loop.handoff.waiting == 1
    hear(loop, spoken)
    (tmp_path / "open").touch()
    loop.until(lambda: not loop.handoff.waiting)
    assert not found(loop, events.SpeechEnd)
    outcome(loop)
    (ended,) = found(loop, events.SpeechEnd)
    (answer,) = found(loop, events.Command)
    assert ended.duration_s > 2.2
    assert answer.text.split()[0] == str(ended.sample - ended.start_sample)


def test_a_late_answer_to_an_earlier_pause_is_none(begin, tmp_path, spoken):
    """Nor where there is silence again by then: that is another pause, and asked about anew."""
    (tmp_path / "sure").touch()
    (tmp_path / "slow").touch()
    loop = begin()
    wake(loop, spoken, quiet(0.3), spoken, quiet(0.3))
    (tmp_path / "open").touch()
    assert outcome(loop) < 0.3  # by the second pause, about all of it
    (answer,) = found(loop, events.Command)
    assert int(answer.text.split()[0]) > 2.2 * RATE_HZ
    assert len(found(loop, events.SpeechEnd)) == 1


def test_a_process_that_dies_of_it_loses_nothing(begin, tmp_path, spoken):
    """It is told, of no wake; the next one answers when all has been said."""
    (tmp_path / "die").touch()
    loop = begin()
    wake(loop, spoken, quiet(0.3))
    (died,) = loop.until(lambda: found(loop, events.WorkerDied))
    assert died.wake_seq is None
    outcome(loop)
    (answer,) = found(loop, events.Command)
    assert answer.label == "go"


def test_what_ships_may_be_asked_early(tmp_path):
    """`commands` answers early, in a chain of its like too; what writes files is asked once."""
    ways = {"commands": (True, True), "commands=commands-default": (True, True)}
    ways |= {"digits": (False, True), "commands,digits": (False, True)}
    ways |= {"save": (False, False), "commands,save": (False, False)}
    for kind, way in ways.items():
        settings = RecognizerSettings(kind=kind, folder=str(tmp_path))
        manner = manner_of(load_recognizer(settings))
        assert (manner.answers_early, manner.repeatable) == way, kind


def test_defaults():
    """On, and shorter than any silence that ends what is said."""
    assert 0 < RecognizerSettings().early_s < _SILENCE_S
