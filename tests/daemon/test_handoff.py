"""Speech on its way to a recognizer's process, and its answer back."""

import time

import numpy as np
import odd_recognizers as odd
import pytest
from handoff_loop import HERE, LIMIT_S, gone, loops
from wakeful.daemon import events
from wakeful.daemon.handoff import MOST_WAITING
from wakeful.models.errors import UsageError


@pytest.fixture
def begin(beep_bundle, tmp_path, monkeypatch):
    """Starts a loop with one of the odd recognizers."""
    monkeypatch.setenv("PYTHONPATH", HERE)
    with loops(beep_bundle, tmp_path) as start:
        yield lambda name="odd_recognizers:Obedient", **settings: start(name, **settings)


def test_the_speech_arrives_whole_and_the_answer_is_told(begin):
    """Sample for sample, with its wake, its place, a confidence and how long it took."""
    loop = begin().ready()
    seq = loop.say(odd.ANSWER, 12.0)
    answer = loop.outcome(seq)
    speech = loop.pipeline.audio(answer.start_sample, answer.sample)
    assert isinstance(answer, events.Transcript)
    assert answer.text == odd.print_of(speech)
    assert len(speech) == 12 * 16_000
    assert (answer.recognizer, answer.confidence) == ("odd_recognizers:Obedient", 0.75)
    assert 0 < answer.took_ms < LIMIT_S * 1_000
    assert events.decode(events.encode(answer)) == answer


def test_through_the_whole_pipeline(begin, voice):
    """A beep that wakes, a sentence after it: what the segmenter cut is what is recognized."""
    t = np.arange(int(0.18 * 16_000)) / 16_000
    edge = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    word = np.concatenate([np.sin(2 * np.pi * f * t) * edge for f in (700, 1_100)]) * 9_830
    quiet = np.zeros(16_000, np.int16)
    loop = begin().ready()
    for piece in np.array_split(
        np.r_[quiet, word.astype(np.int16), quiet // 2, voice, quiet, quiet], 99
    ):
        loop.feed(piece)
    (wake,) = (e for e in loop.told if isinstance(e, events.Wake))
    (end,) = (e for e in loop.told if isinstance(e, events.SpeechEnd))
    assert end.duration_s > 1
    answer = loop.outcome(wake.seq)
    speech = loop.pipeline.audio(end.start_sample, end.sample)
    assert answer.text.split()[0] == str(len(speech))


def test_nothing_said_is_an_answer_too(begin):
    """Empty text, confidence 0, and the recognizer is not asked; who has no such answer says so."""
    loop = begin().ready()
    answer = loop.outcome(loop.say(odd.DIE, 0))
    assert (answer.text, answer.confidence) == ("", 0.0)
    loop = begin("odd_recognizers:Mute").ready()
    assert loop.outcome(loop.say(odd.DIE, 0)).reason == "nothing was said"


def test_a_refusal_costs_no_process(begin, capfd):
    """It is told with its reason; the same process answers the next; the log has one line."""
    loop = begin().ready()
    pid = loop.handoff.worker.pid
    refused = loop.outcome(loop.say(odd.REFUSE))
    assert isinstance(refused, events.Unanswered)
    assert refused.reason == "not in the mood\\x1b[31m"
    assert isinstance(loop.outcome(loop.say(odd.ANSWER)), events.Transcript)
    assert loop.handoff.worker.pid == pid
    assert capfd.readouterr().err == "wakeful: not in the mood\\x1b[31m\n"


def test_an_endless_answer_is_refused(begin):
    """No packet is longer than a socket takes at once."""
    loop = begin().ready()
    assert "bytes" in loop.outcome(loop.say(odd.TOO_LONG)).reason


def test_others_wait_their_turn_and_of_too_many_the_oldest_is_given_up(begin, tmp_path):
    """Each wake gets exactly one outcome; those that could wait are answered in their order."""
    loop = begin(deadline_s=100).ready()
    first, *others = (loop.say(order) for order in (odd.WAIT, *[odd.ANSWER] * (MOST_WAITING + 2)))
    assert loop.handoff.waiting == 1 + MOST_WAITING
    (tmp_path / "open").touch()
    outcomes = [loop.outcome(seq) for seq in (first, *others)]
    kinds = [events.Transcript, *[events.Unanswered] * 2, *[events.Transcript] * MOST_WAITING]
    assert [type(event) for event in outcomes] == kinds
    answered = [e.wake_seq for e in loop.told if isinstance(e, events.Transcript)]
    assert answered == [first, *others[2:]]
    assert all(len(loop.outcomes(seq)) == 1 for seq in (first, *others))
    assert loop.handoff.waiting == 0


def test_speech_that_the_ring_no_longer_holds_is_told(begin, beep_bundle):
    """A recording longer than audio.ring_s has lost its beginning: no answer to half of it."""
    loop = begin().ready()
    wake = events.Wake(keyword="beep", model="beep", score=0.9, **loop.stamp.at(0))
    loop.tell(wake)
    for _ in range(31):
        loop.feed(np.zeros(16_000, np.int16))
    loop.end(0)
    lost = loop.outcome(wake.seq)
    assert isinstance(lost, events.Unanswered)
    assert "audio.ring_s" in lost.reason


def test_speech_longer_than_a_slot_is_told(begin):
    """Nothing is cut off unseen, even where the segmenter was set otherwise meanwhile."""
    loop = begin().ready()
    assert "longer" in loop.outcome(loop.say(odd.ANSWER, 14)).reason


def test_speech_while_the_process_loads_waits_but_not_for_ever(begin):
    """Nor is a process waited for that doesn't get ready."""
    now = [0.0]
    loop = begin("odd_recognizers:Endless", clock=lambda: now[0], deadline_s=5)
    seq = loop.say(odd.ANSWER)
    now[0] = 19.9
    loop.handoff.idle()
    loop.ask()
    assert not loop.outcomes(seq)
    now[0] = 20.1
    assert loop.outcome(seq).reason == "no recognizer was free within 20 s"
    now[0] = 121.0
    died = loop.until(lambda: [e for e in loop.told if isinstance(e, events.WorkerDied)])[0]
    assert (died.reason, died.wake_seq) == ("was not ready after 120 s", None)


def test_handing_over_twelve_seconds_takes_no_millisecond(begin):
    """From the event to the socket; the best of several, since a machine does other things."""
    loop = begin().ready()
    best = 1.0
    for _ in range(10):
        seq = loop.say(odd.ANSWER, 12.0)
        loop.outcome(seq)
        wake = next(e for e in loop.told if e.seq == seq)
        end = next(e for e in loop.told if isinstance(e, events.SpeechEnd) and e.seq > seq)
        loop.handoff.event(wake)
        before = time.perf_counter()
        loop.handoff.event(end)
        best = min(best, time.perf_counter() - before)
        loop.until(lambda: not loop.handoff.waiting)
    assert best < 0.001


def test_none_does_nothing(begin):
    """No process, no events."""
    loop = begin("none")
    loop.say(odd.ANSWER)
    loop.handoff.idle()
    assert loop.handoff.worker.pid is None
    assert not loop.handoff.told()


def test_an_unknown_kind_is_refused_at_once(begin):
    """In one line, with those that there are."""
    with pytest.raises(UsageError, match=r"there is no 'wisper'; there are none, commands, digits"):
        begin("wisper")


def test_closing_is_quick_even_where_it_hangs(begin):
    """Within half a second, and nothing of it is left."""
    loop = begin().ready()
    loop.say(odd.HANG)
    pid = loop.handoff.worker.pid
    before = time.monotonic()
    loop.handoff.close()
    assert time.monotonic() - before < 5
    loop.handoff.close()
    assert gone(pid)
