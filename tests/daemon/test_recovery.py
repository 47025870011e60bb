"""Getting a microphone back in a thread: pauses that grow, a hung sound server, an end in time."""

import threading
import time

import pytest
from wakeful.daemon.devices import DeviceError
from wakeful.daemon.pauses import Pauses
from wakeful.daemon.recovery import Recovery


class Closable:
    """A source that tells how often it was closed, and may hang in it."""

    def __init__(self, hang=None):
        self.closed, self.hang = 0, hang

    def close(self):
        """Count it, once the sound server answers."""
        if self.hang:
            assert self.hang.wait(60)
        self.closed += 1


class Waits:
    """Takes no time, and remembers what was waited for."""

    def __init__(self):
        self.pauses = []

    def __call__(self, stop, pause_s):
        """As `Event.wait` says: whether it was told to stop."""
        self.pauses.append(pause_s)
        return stop.is_set()


def comes_back_after(refusals, source):
    """A `reopen` that refuses so many times."""
    left = iter(range(refusals))

    def reopen():
        if next(left, None) is not None:
            raise DeviceError("no microphone; plug one in")
        return source

    return reopen


def wait_until(condition):
    """Until it holds, for as long as a busy machine may need."""
    deadline = time.monotonic() + 60
    while not (result := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return result


def test_it_is_tried_for_in_growing_pauses():
    """Half a second, doubled up to eight; what is lost is closed first, what is found given."""
    lost, back, waits = Closable(), Closable(), Waits()
    recovery = Recovery(lost, comes_back_after(6, back), Pauses(), waits)
    assert wait_until(recovery.found) is back
    assert waits.pauses == [0.5, 1, 2, 4, 8, 8, 8]
    assert (lost.closed, back.closed, recovery.tries) == (1, 0, 7)
    assert recovery.refusal == "no microphone; plug one in"
    assert recovery.found() is None


def test_a_hung_sound_server_holds_nobody():
    """Closing hangs: `found` answers at once, `close` in time, and later all is freed."""
    hang = threading.Event()
    lost, back = Closable(hang), Closable()
    recovery = Recovery(lost, comes_back_after(0, back), Pauses(), Waits())
    assert recovery.found() is None
    began = time.monotonic()
    recovery.close()
    assert time.monotonic() - began < 30
    hang.set()
    wait_until(lambda: lost.closed)
    wait_until(lambda: "microphone" not in [t.name for t in threading.enumerate()])
    assert back.closed == 0


def test_one_that_is_found_too_late_is_closed():
    """Told to stop while the microphone was being opened: it is given back by who opened it."""
    opening, asked, back = threading.Event(), threading.Event(), Closable()

    def reopen():
        asked.set()
        assert opening.wait(60)
        return back

    recovery = Recovery(Closable(), reopen, Pauses(), Waits())
    assert asked.wait(60)
    recovery.close()
    opening.set()
    wait_until(lambda: back.closed)
    assert recovery.found() is None


def test_one_that_nobody_fetched_is_closed():
    """Found, and then the end came: no device stays open."""
    back = Closable()
    recovery = Recovery(Closable(), comes_back_after(0, back), Pauses(), Waits())
    wait_until(lambda: recovery._source)
    recovery.close()
    assert back.closed == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_thread_is_told():
    """A bug in the thread must not leave a daemon that is deaf for ever."""

    def reopen():
        raise AttributeError("a bug")

    recovery = Recovery(Closable(), reopen, Pauses(), Waits())
    wait_until(lambda: not recovery._thread.is_alive())
    with pytest.raises(RuntimeError, match="has died"):
        recovery.found()
