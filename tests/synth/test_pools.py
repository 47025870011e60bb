"""Workers end with the process that the user talks to, and say nothing of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from wakeful.synth.pools import pool

PROGRAM = """
import signal, sys, time
from multiprocessing.process import BaseProcess
from pathlib import Path
from wakeful.synth.pools import executor, pool

terminate = BaseProcess.terminate

def terminate_on_a_busy_machine(process):
    terminate(process)
    time.sleep(0.3)

BaseProcess.terminate = terminate_on_a_busy_machine

def begin(folder):
    import os
    Path(folder, f"{os.getpid()}").touch()

def slow(number):
    # A signal that comes just as its process begins to wait is noticed with the next result.
    time.sleep(1)

if __name__ == "__main__":
    # What a shell starts in the background has been told to take no notice of it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder, how = sys.argv[1:]
    asked = (2, begin, (folder,))
    with executor(*asked) if how == "executor" else pool(*asked, how) as workers:
        print("begun", flush=True)
        for _ in (workers.map if how == "executor" else workers.imap)(slow, range(100)):
            pass
"""


@pytest.fixture(params=["spawn", "fork", "executor"])
def program(request, tmp_path):
    """A program in a group of its own whose two workers have begun, and their numbers."""
    script, folder = tmp_path / "program.py", tmp_path / "workers"
    script.write_text(PROGRAM)
    folder.mkdir()
    command = [sys.executable, str(script), str(folder), request.param]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    ) as process:
        until = time.monotonic() + 60
        while len(list(folder.iterdir())) < 2 and time.monotonic() < until:
            time.sleep(0.02)
        yield process, [int(path.name) for path in folder.iterdir()]
        process.kill()


def is_there(number):
    """Whether a process runs: one that has ended and was not asked for doesn't."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_sigterm_ends_the_workers_without_a_word(program):
    """It reaches only the one process: code 143, as of a program that it ended."""
    process, workers = program
    process.terminate()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 143
    assert said == ""
    assert len(workers) == 2
    assert not any(map(is_there, workers))


HALF_MADE = """
import os, signal, sys, time
from wakeful.synth.pools import executor, pool

def begin(first):
    try:
        os.mkdir(first)
    except FileExistsError:
        return
    os.kill(os.getppid(), signal.SIGTERM)

if __name__ == "__main__":
    how, first = sys.argv[1:]
    asked = (4, begin, (first,))
    with executor(*asked) if how == "executor" else pool(*asked, how) as workers:
        for _ in (workers.map if how == "executor" else workers.imap)(time.sleep, [1] * 100):
            pass
"""


@pytest.mark.parametrize("how", ["spawn", "fork", "executor"])
def test_a_pool_that_is_half_made_when_sigterm_comes_leaves_nobody(how, tmp_path):
    """Its workers would hold what it writes to open for ever: the end of that is waited for."""
    script = tmp_path / "program.py"
    script.write_text(HALF_MADE)
    for number in range(6):
        command = [sys.executable, str(script), how, str(tmp_path / f"{number}")]
        ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
        assert ended.returncode == 143
        assert ended.stderr == ""


def test_workers_do_not_outlive_who_was_killed(program):
    """For memory, say: they would wait for their next task, and keep what they hold, for ever."""
    process, workers = program
    process.kill()
    process.communicate(timeout=60)
    until = time.monotonic() + 60
    while any(map(is_there, workers)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(map(is_there, workers))


def test_ctrl_c_is_told_by_one_process_alone(program):
    """It reaches all of them; the workers leave it to the first."""
    process, workers = program
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert "ForkPoolWorker" not in said
    assert "SpawnPoolWorker" not in said
    assert "SpawnProcess" not in said
    assert said.rstrip().endswith("KeyboardInterrupt")
    assert not any(map(is_there, workers))


@pytest.mark.parametrize("how", ["spawn", "fork"])
def test_what_was_in_force_is_in_force_again(how):
    """After the work SIGTERM does what it did; somebody else's handler is left where it is."""
    with pool(2, how=how) as workers:
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
        assert list(workers.imap(abs, [-1, 2, -3])) == [1, 2, 3]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    ours = lambda number, frame: None  # noqa: E731
    before = signal.signal(signal.SIGTERM, ours)
    try:
        with pool(1, how=how):
            assert signal.getsignal(signal.SIGTERM) is ours
    finally:
        signal.signal(signal.SIGTERM, before)
