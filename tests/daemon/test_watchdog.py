"""What systemd is told, read at the other end of a real socket."""

import os
import secrets
import socket
import time
from types import SimpleNamespace
from typing import Any

import pytest
from wakeful.daemon import events
from wakeful.daemon.watchdog import ServiceManager, Watchdog

STAMP: dict[str, Any] = {"seq": 0, "time": 0.0, "sample": 0, "source": "mic:test"}


class Manager:
    """A service manager's end: every message as a dictionary."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address.replace("@", "\0"))
        self.socket.settimeout(0)

    def heard(self):
        """What has come since."""
        found = []
        while True:
            try:
                text = self.socket.recv(4_096).decode()
            except BlockingIOError:
                return found
            found.append(dict(line.split("=", 1) for line in text.splitlines()))


@pytest.fixture(params=["path", "abstract"])
def address(request, tmp_path):
    """Where a manager may listen."""
    return str(tmp_path / "n") if request.param == "path" else f"@{secrets.token_hex(8)}"


@pytest.fixture
def manager(address):
    """One that listens there."""
    listening = Manager(address)
    with listening.socket:
        yield listening


class Clock:
    """Time that passes when it is told to."""

    now = 100.0


@pytest.fixture
def clock():
    """A clock of our own."""
    return Clock()


@pytest.fixture
def watchdog(manager, address, clock):
    """Ours, asked for a sign of life every 4 s."""
    environment = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "4000000"}
    made = Watchdog(
        ServiceManager(environment | {"WATCHDOG_PID": str(os.getpid())}), lambda: clock.now
    )
    made.event(events.Ready(models=["activate"], **STAMP))
    return made


def after(samples):
    """A pipeline that has heard so much."""
    return SimpleNamespace(samples=samples)


def test_ready_means_that_sound_has_been_heard(watchdog, manager):
    """Opened is not ready; the first sound is, once."""
    assert manager.heard() == []
    watchdog.heard(after(160))
    watchdog.heard(after(320))
    ready, *pings = manager.heard()
    assert ready == {"READY": "1", "STATUS": "listening for activate on mic:test"}
    assert pings == [{"WATCHDOG": "1"}]


def test_a_sign_of_life_needs_sound_that_advances(watchdog, manager, clock):
    """However long the loop turns without sound, it gives none; with sound, at half the time."""
    watchdog.heard(after(160))
    manager.heard()
    for _ in range(50):
        clock.now += 1
        watchdog.heard(after(160))
    assert manager.heard() == []
    for second in range(1, 9):
        clock.now += 1
        watchdog.heard(after(160 + 16_000 * second))
    assert manager.heard() == [{"WATCHDOG": "1"}] * 4


def test_deaf_and_looking_for_it_is_alive(watchdog, manager, clock):
    """While the microphone is gone the signs come from the search, and it says that it is deaf."""
    watchdog.heard(after(160))
    watchdog.event(events.AudioLost(reason="unplugged", **STAMP))
    manager.heard()
    for _ in range(64):
        clock.now += 0.125
        watchdog.idle()
    assert manager.heard() == [{"WATCHDOG": "1"}] * 4
    watchdog.event(events.AudioRestored(lost_s=8.0, **STAMP | {"source": "mic:other"}))
    assert manager.heard() == [{"STATUS": "listening for activate on mic:other"}]


def test_a_start_without_a_microphone_asks_for_patience(watchdog, manager, clock):
    """Before the first sound the start is made longer, again and again, and not said to be over."""
    for _ in range(320):
        clock.now += 0.125
        watchdog.idle()
    told = [message for message in manager.heard() if "WATCHDOG" not in message]
    assert told == [{"EXTEND_TIMEOUT_USEC": "30000000"}] * 3


def test_a_reload_is_told_with_its_time(watchdog, manager):
    """From RELOADING=1, dated, to READY=1, whether it went well or not."""
    watchdog.heard(after(160))
    manager.heard()
    before = time.monotonic_ns() // 1_000
    watchdog.reloading()
    watchdog.event(events.ConfigReloaded(models=["other"], error="config x: bad", **STAMP))
    began, done = manager.heard()
    assert began.keys() == {"RELOADING", "MONOTONIC_USEC"}
    assert before <= int(began["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1_000
    assert done == {"READY": "1", "STATUS": "not reloaded: config x: bad"}


def test_the_end_is_told(watchdog, manager):
    """STOPPING=1, with the reason."""
    watchdog.event(events.Bye(reason="SIGTERM", **STAMP))
    assert manager.heard() == [{"STOPPING": "1", "STATUS": "stopping: SIGTERM"}]


def test_a_reason_of_many_lines_stays_one(watchdog, manager):
    """What a device's name or an error holds can't be read as another fact."""
    watchdog.event(events.AudioLost(reason="bad\nREADY=1\nMAINPID=1", **STAMP))
    assert [message.keys() for message in manager.heard()] == [{"STATUS"}]


@pytest.mark.parametrize(
    "environment",
    [{}, {"NOTIFY_SOCKET": "/nowhere/at/all"}, {"NOTIFY_SOCKET": "x" * 200}],
    ids=["none", "gone", "too long"],
)
def test_nobody_to_tell_is_no_error(environment):
    """Without a manager, or with one that has gone, it all works the same."""
    watchdog = Watchdog(ServiceManager(environment | {"WATCHDOG_USEC": "nonsense"}))
    watchdog.heard(after(160))
    watchdog.idle()
    watchdog.reloading()


def test_a_manager_that_does_not_read_holds_nobody_up(watchdog, manager, clock):
    """Its queue is full: messages are lost, and we don't wait."""
    for number in range(5_000):
        clock.now += 2
        watchdog.heard(after(160 * (number + 1)))
    assert 0 < len(manager.heard()) < 5_000


def test_another_process_watchdog_is_not_ours(manager, address, clock):
    """WATCHDOG_PID names somebody else: nothing is sent in their place."""
    environment = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "4000000", "WATCHDOG_PID": "1"}
    watchdog = Watchdog(ServiceManager(environment), lambda: clock.now)
    watchdog.heard(after(160))
    assert "WATCHDOG" not in str(manager.heard())
