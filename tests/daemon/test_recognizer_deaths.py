"""Recognizers that are killed, hang, talk nonsense: each costs its own answer and no more.

The processes are real ones, and so is what happens to them.
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
from handoff_loop import HERE, LIMIT_S, gone, loops
from wakeful.daemon import events


@pytest.fixture(autouse=True)
def found(monkeypatch):
    """The odd recognizers can be imported by each process."""
    monkeypatch.setenv("PYTHONPATH", HERE)


@pytest.fixture
def begin(beep_bundle, tmp_path):
    """Starts a loop with one of the odd recognizers."""
    with loops(beep_bundle, tmp_path) as start:
        yield lambda name="odd_recognizers:Obedient", **settings: start(name, **settings)


ENDS: dict[int, str | tuple[str, ...]] = {
    odd.DIE: "was ended by SIGKILL",
    odd.EXIT: "ended with exit code 3",
    odd.HANG: "gave no answer within 1 s",
    odd.GARBAGE: "answered with garbage: ",
    odd.TEXT: "answered with garbage: ",
    odd.TOO_SURE: "answered with garbage: ",
    odd.TWICE: "answered what it was not asked",
    # It ends by itself, or we end it when it closes its end: whoever comes first.
    odd.EMPTY: ("ended with exit code 0", "was ended by SIGKILL"),
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
    loop = begin("odd_recognizers:Unloadable")
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


DAEMON = """
import sys, time
import numpy as np
import odd_recognizers as odd
from handoff_loop import Handoff, Loop, RecognizerSettings, Settings
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
