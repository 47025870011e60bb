"""Speech on its way to a recognizer's process and its answer back, whatever becomes of the process.

The processes are real ones, killed and hung for real.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import odd_recognizers as odd
import pytest
from wakeful.daemon import events
from wakeful.daemon.handoff import MOST_WAITING, Handoff
from wakeful.daemon.opening import open_models
from wakeful.daemon.pipeline import Pipeline
from wakeful.daemon.settings import RecognizerSettings, Settings
from wakeful.models.errors import UsageError

LIMIT_S = 60
"""Far more than anything here takes, for a machine that does a lot else."""


class Loop:
    """The daemon's loop in small: a real pipeline, and the handoff that rides along."""

    def __init__(self, beep_bundle, handoff, settings=None):
        settings = settings or Settings(models=[str(beep_bundle)])
        self.stamp = events.Stamp("test", 1_000.0)
        self.pipeline = Pipeline(settings, open_models(settings.models), self.stamp)
        self.handoff = handoff
        self.told = []

    def feed(self, samples):
        """Sound, as the loop does it."""
        for event in self.pipeline.feed(samples):
            self.tell(event)
        self.handoff.heard(self.pipeline)
        self.ask()

    def ask(self):
        """Stamp what the handoff wants said."""
        for told in self.handoff.told():
            self.tell(told.make(**self.stamp.at(told.sample)))

    def tell(self, event):
        """To the handoff and to us."""
        self.told.append(event)
        self.handoff.event(event)

    def say(self, order, seconds=1.0):
        """A wake, and speech after it that says what the recognizer is to do; returns its seq."""
        self.feed(np.full(16_000, 99, np.int16))
        speech = np.arange(round(16_000 * seconds), dtype=np.int16)
        speech[:1] = order
        start = self.pipeline.samples
        wake = events.Wake(keyword="beep", model="beep", score=0.9, **self.stamp.at(start))
        self.tell(wake)
        self.feed(speech)
        self.end(start)
        return wake.seq

    def end(self, start):
        """What is said ends here."""
        end = self.pipeline.samples
        length_s = (end - start) / 16_000
        stamp = self.stamp.at(end)
        self.tell(
            events.SpeechEnd(start_sample=start, duration_s=length_s, ending="silence", **stamp)
        )

    def until(self, there):
        """Go on until something is there; returns it."""
        deadline = time.monotonic() + LIMIT_S
        while not (found := there()):
            assert time.monotonic() < deadline, self.told
            time.sleep(0.005)
            self.handoff.idle()
            self.ask()
        return found

    def outcome(self, seq):
        """What became of the speech after one wake, once it is known."""
        return self.until(lambda: self.outcomes(seq))[0]

    def outcomes(self, seq):
        """All that was told of it; one at most is right."""
        return [event for event in self.told if getattr(event, "wake_seq", None) == seq]

    def ready(self):
        """The process is loaded."""
        self.until(lambda: self.handoff.worker.is_idle)
        return self


@pytest.fixture(autouse=True)
def found(monkeypatch):
    """The odd recognizers can be imported by the process too."""
    monkeypatch.setenv("PYTHONPATH", str(Path(odd.__file__).parent))


@pytest.fixture
def begin(beep_bundle, tmp_path):
    """Starts a loop with a recognizer of ours; its process has ended when the test has."""
    begun = []

    def start(name="Obedient", clock=time.monotonic, **settings):
        settings = {"kind": f"odd_recognizers:{name}", "folder": str(tmp_path), **settings}
        handoff = Handoff(RecognizerSettings(**settings), Settings().segment, clock=clock)
        begun.append(handoff)
        return Loop(beep_bundle, handoff)

    yield start
    for handoff in begun:
        handoff.close()


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
    loop = begin("Mute").ready()
    assert loop.outcome(loop.say(odd.DIE, 0)).reason == "nothing was said"


ENDS = {
    odd.DIE: "was ended by SIGKILL",
    odd.EXIT: "ended with exit code 3",
    odd.HANG: "gave no answer within 1 s",
    odd.GARBAGE: "answered with garbage: ",
    odd.TEXT: "answered with garbage: ",
    odd.TOO_SURE: "answered with garbage: ",
    odd.TWICE: "answered what it was not asked",
    odd.EMPTY: "ended with exit code 0",
    odd.CLOSE: "was ended by SIGKILL",
}


@pytest.mark.parametrize("order", ENDS)
def test_a_process_that_fails_is_replaced_and_loses_its_own_answer_alone(begin, order):
    """Whatever it does, it is told once, and what was said meanwhile is answered by the next."""
    loop = begin(deadline_s=1.0).ready()
    before = loop.handoff.worker.pid
    first, second = loop.say(order), loop.say(odd.ANSWER)
    died = loop.outcome(first)
    assert isinstance(died, events.WorkerDied)
    assert died.reason.startswith(ENDS[order])
    assert isinstance(loop.outcome(second), events.Transcript)
    assert loop.handoff.worker.pid != before
    assert gone(before)
    assert sum(isinstance(e, events.WorkerDied) for e in loop.told) == 1


def gone(pid):
    """Whether there is no such process any more, not even a dead one that nobody asked after."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_killed_from_outside_while_nothing_is_to_be_done(begin):
    """It is told without a wake, and another takes its place."""
    loop = begin().ready()
    os.kill(loop.handoff.worker.pid, signal.SIGKILL)
    died = loop.until(lambda: [e for e in loop.told if isinstance(e, events.WorkerDied)])[0]
    assert (died.reason, died.wake_seq) == ("was ended by SIGKILL", None)
    assert isinstance(loop.outcome(loop.say(odd.ANSWER)), events.Transcript)


def test_killed_and_spoken_to_before_that_is_known(begin):
    """Speech sent to a process that is just dying is lost with it or answered, and never both."""
    loop = begin().ready()
    os.kill(loop.handoff.worker.pid, signal.SIGKILL)
    seq = loop.say(odd.ANSWER)
    loop.outcome(seq)
    assert isinstance(loop.outcome(loop.say(odd.ANSWER)), events.Transcript)
    assert len(loop.outcomes(seq)) == 1


def test_a_refusal_costs_no_process(begin, capfd):
    """It is told with its reason; the same process answers the next; the log has one line."""
    loop = begin().ready()
    pid = loop.handoff.worker.pid
    refused = loop.outcome(loop.say(odd.REFUSE))
    assert isinstance(refused, events.Unanswered)
    assert refused.reason == "not in the mood\x1b[31m"
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
    loop = begin("Endless", clock=lambda: now[0], deadline_s=5)
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


def test_a_loop_of_crashes_slows_down(begin, monkeypatch):
    """Half a second, doubling to half a minute; each death is told, and none twice."""
    now = [0.0]
    loop = begin(clock=lambda: now[0])
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    starts = []
    while now[0] < 180:
        loop.handoff.idle()
        loop.ask()
        if len(loop.told) > len(starts):
            starts.append(now[0])
        now[0] += 0.25
    assert np.diff(starts).tolist() == [0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30]
    assert loop.told[0].reason == "can't be started: No such file or directory"


def test_what_cannot_be_loaded_says_why(begin):
    """The reason is the recognizer's own line."""
    loop = begin("Unloadable")
    died = loop.until(lambda: [e for e in loop.told if isinstance(e, events.WorkerDied)])[0]
    assert (died.reason, died.wake_seq) == ("the weights are gone", None)


def test_a_death_leaves_nothing_open(begin):
    """Two processes later we hold as many descriptors as before, and no thread."""
    loop = begin().ready()
    threads, files = threading.active_count(), open_files()
    for _ in range(2):
        loop.outcome(loop.say(odd.DIE))
        loop.outcome(loop.say(odd.ANSWER))
    assert threading.active_count() == threads
    assert open_files() == files


def open_files():
    """How many descriptors this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


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


def test_none_does_nothing(begin, voice):
    """No process, no events."""
    loop = begin(kind="none")
    loop.say(odd.ANSWER)
    loop.handoff.idle()
    assert loop.handoff.worker.pid is None
    assert not loop.handoff.told()


def test_an_unknown_kind_is_refused_at_once(begin):
    """In one line, with those that there are."""
    with pytest.raises(UsageError, match=r"there is no 'wisper'; there are none, save, whisper"):
        begin(kind="wisper")


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


DAEMON = """
import sys, time
import numpy as np
import odd_recognizers as odd
from test_handoff import Handoff, Loop, RecognizerSettings, Settings
handoff = Handoff(RecognizerSettings(kind="odd_recognizers:Obedient"), Settings().segment)
loop = Loop(sys.argv[1], handoff).ready()
loop.say(int(sys.argv[2]))
print(handoff.worker.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("order", [odd.ANSWER, odd.HANG])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_process_ends_with_the_daemon_and_leaves_no_memory_behind(beep_bundle, order, number):
    """Idle or in the middle of a task; what they shared has no name in /dev/shm at any time."""
    command = [sys.executable, "-c", DAEMON, str(beep_bundle), str(order)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        pid = int(daemon.stdout.readline())
        for each in (pid, daemon.pid):
            maps = Path(f"/proc/{each}/maps").read_text()
            assert "/memfd:wakeful-speech (deleted)" in maps
            assert "/dev/shm" not in maps
        os.kill(daemon.pid, number)
        daemon.wait(LIMIT_S)
    deadline = time.monotonic() + LIMIT_S
    while not ended(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def ended(pid):
    """Whether a process runs no more; who took it over may not have asked after it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
