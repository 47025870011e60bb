"""The clock on the wall is set while a whole daemon listens: by an hour, back again, by a year.

Only the time that events carry may follow it. All that is asserted is measured from outside, by
clocks that nobody sets.
"""

import json
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from handoff_loop import HERE
from set_clock import WallClock, forget
from set_clock import missing as no_clock
from sound_server import WAYS, missing, sound_server
from test_microphone import beep_file
from test_microphone_faults import hiss
from wakeful.daemon.row import Missed, Seen
from wakeful.daemon.settings import BusSettings
from wakeful.daemon.subscription import Subscription
from whole_daemon import PATIENCE_S, WAKEFUL, Daemon

HOUR_S, YEAR_S = 3_600, 365 * 86_400
JUMPS = {"an hour back": -HOUR_S, "two hours on": HOUR_S, "a year on": YEAR_S}
WATCHDOG_S = 2.0

pytestmark = [
    pytest.mark.sound_server,
    pytest.mark.skipif(bool(missing()), reason=missing() or "it is all there"),
    pytest.mark.skipif(bool(no_clock()), reason=no_clock() or "it is all there"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A running sound server, whose clock is the machine's."""
    with sound_server(tmp_path_factory.mktemp("pulse")) as running:
        yield running


class Arrivals:
    """What came to somebody, and when by a clock that is never set."""

    def __init__(self, wait):
        self.came, self._wait, self._end = [], wait, False
        self._thread = threading.Thread(target=self._collect)
        self._thread.start()

    def _collect(self):
        while not self._end:
            self.came += [(time.monotonic(), item) for item in self._wait()]

    def close(self):
        """No more is waited for."""
        self._end = True
        self._thread.join()

    def most_apart_s(self, since_s):
        """The longest that nothing came, up to now."""
        at = [since_s, *(s for s, _ in self.came if s > since_s), time.monotonic()]
        return max(b - a for a, b in pairwise(at))


class Followed(Daemon):  # type: ignore[misc]  # beside this file, unknown to mypy
    """A whole daemon whose clock can be set, watched by a subscriber and by a service manager."""

    def __init__(self, folder, environment, model, device, more):
        self.clock = WallClock(folder / "clock")
        super().__init__(folder, environment, model, device, more)

    def _start(self):
        watched = {
            "NOTIFY_SOCKET": str(self.folder / "notify"),
            "WATCHDOG_USEC": f"{WATCHDOG_S * 1e6:.0f}",
            "PYTHONPATH": HERE,
        }
        environment = self.environment | self.clock.environment | watched
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen([WAKEFUL, "daemon"], env=environment, stderr=log)

    @property
    def bus(self):
        """Where its sockets are."""
        own = self.folder / "own" / "wakeful"
        return BusSettings(events=f"ipc://{own}/events.sock", control=f"ipc://{own}/control.sock")


class Told:
    """Events as they came, of which none may be missing."""

    def __init__(self, arrivals):
        self._arrivals = arrivals

    def __call__(self, *kinds):
        """Those of these kinds (all if none are named), with when they came."""
        found = []
        for at_s, item in list(self._arrivals.came):
            assert not isinstance(item, Missed), item
            if isinstance(item, Seen) and (not kinds or item.kind in kinds):
                found.append((at_s, json.loads(item.body)))
        return found

    def wait_for(self, condition):
        """Until it holds of what has been told."""
        deadline = time.monotonic() + PATIENCE_S
        while not (found := condition()):
            assert time.monotonic() < deadline, "\n".join(f"{at:.2f} {e}" for at, e in self())
            time.sleep(0.02)
        return found


@contextmanager
def followed(folder, server, model, device, more=""):
    """A daemon, what its subscriber is told, and what its service manager hears."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(folder / "notify"))
        manager.settimeout(0.1)
        daemon = Followed(folder, server.environment, model, device, more)
        try:
            daemon.wait_for("ready")
            with (
                Subscription(daemon.bus, since=0) as subscription,
                arrivals(lambda: list(subscription.wait(0.1))) as heard,
                arrivals(lambda: pings(manager)) as pinged,
            ):
                yield daemon, Told(heard), pinged
        finally:
            daemon.close()
            forget(daemon.process.pid)


def pings(manager):
    """The next sign of life, if there is one now."""
    try:
        return [text] if "WATCHDOG=1" in (text := manager.recv(4_096).decode()) else []
    except TimeoutError:
        return []


@contextmanager
def arrivals(wait):
    """What comes while the context lasts."""
    collected = Arrivals(wait)
    try:
        yield collected
    finally:
        collected.close()


@pytest.mark.parametrize("way", WAYS)
def test_nothing_but_the_time_of_events_knows(server, beep_bundle, tmp_path, way):
    """Back, on, far on: the word wakes each time, nothing is lost, late or told that isn't so."""
    word = beep_file(tmp_path)
    with (
        hiss(server, tmp_path),  # exact silence would be told as a muted microphone
        followed(tmp_path, server, beep_bundle, WAYS[way]) as (daemon, told, pinged),
    ):
        told.wait_for(lambda: told("heartbeat"))
        began_s = time.monotonic()
        for count, off_s in enumerate(JUMPS.values(), 1):
            daemon.clock.set(off_s)
            server.play(word)
            told.wait_for(lambda wanted=count: len(told("wake")) == wanted)
            beats = len(told("heartbeat"))
            told.wait_for(lambda before=beats: len(told("heartbeat")) > before)
        assert pinged.most_apart_s(began_s) < 2 * WATCHDOG_S
        assert daemon.stop() == 0
        told.wait_for(lambda: told("bye"))
    assert {e["event"] for _, e in told()} <= {
        *("ready", "heartbeat", "wake", "speech.start", "speech.end", "bye")
    }
    assert [e["seq"] for _, e in told()] == list(range(len(told())))
    gaps_s = [b - a for (a, _), (b, _) in pairwise(told("heartbeat")) if a > began_s]
    assert max(gaps_s) < 3
    samples = [e["sample"] for _, e in told("heartbeat")]
    assert {b - a for a, b in pairwise(samples)} <= set(range(12_000, 20_001))


def test_the_time_of_events_follows_and_deadlines_do_not(server, beep_bundle, tmp_path):
    """An hour back while a recognizer hangs: given up in its time, not an hour later."""
    more = '[recognizer]\nkind = "odd_recognizers:Stuck"\ndeadline_s = 3\n'
    with followed(tmp_path, server, beep_bundle, "", more) as (daemon, told, _):
        server.play(said_after(beep_file(tmp_path), tmp_path))
        (ended_s, ended), *_ = told.wait_for(lambda: told("speech.end"))
        daemon.clock.set(-HOUR_S)
        (died_s, died), *_ = told.wait_for(lambda: told("worker.died"))
        assert died["reason"] == "gave no answer within 3 s"
        assert 2.5 < died_s - ended_s < 10
        assert abs(ended["time"] - time.time()) < 60
        told.wait_for(lambda: abs(told()[-1][1]["time"] - daemon.clock.now_s()) < 2)


def said_after(word: Path, folder: Path) -> Path:
    """The word, and straight after it a voice."""
    import soundfile

    voice = Path(__file__).parents[1] / "data" / "voice.flac"
    first, rate = soundfile.read(word)
    second, its_rate = soundfile.read(voice)
    path = folder / "said.wav"
    steps = [int(n * its_rate / rate) for n in range(int(len(second) * rate / its_rate))]
    soundfile.write(path, [*first[: -rate // 2], *second[steps]], rate)
    return path
