"""The default microphone straight from a real PulseAudio, and what it says where there is none."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from sound_server import missing, sound_server
from wakeful.daemon import libpulse
from wakeful.daemon.devices import DeviceError, NoDeviceError
from wakeful.daemon.live import RING_S
from wakeful.daemon.microphones import open_microphone, way_to
from wakeful.daemon.pulse import NoServerError
from wakeful.daemon.pulse_microphone import PulseMicrophone

RATE_HZ = 16_000
PITCH_HZ = 500

pytestmark = [
    pytest.mark.sound_server,
    pytest.mark.skipif(bool(missing()), reason=missing() or "it is all there"),
]


def pactl(server, *words):
    """Do something to the server; returns what it says."""
    done = subprocess.run(
        ["pactl", *words], env=server.environment, check=True, capture_output=True, timeout=30
    )
    return done.stdout.decode().strip()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A server whose default microphone hums."""
    with sound_server(tmp_path_factory.mktemp("pulse")) as started:
        del started.environment["PULSE_SOURCE"]
        pactl(started, "set-default-source", "mic.monitor")
        pactl(started, "load-module", "module-sine", "sink=mic", f"frequency={PITCH_HZ}")
        yield started


@pytest.fixture
def server(running, monkeypatch):
    """The same, for this process, which has the threads and files that it had when it is over."""
    be_client_of(running, monkeypatch)
    before = held()
    yield running
    until(lambda: held() == before)


def be_client_of(server, monkeypatch):
    """Have this process find the server, and no other."""
    monkeypatch.delenv("PULSE_SOURCE", raising=False)
    for name in ("PULSE_SERVER", "PULSE_RUNTIME_PATH", "XDG_RUNTIME_DIR", "HOME"):
        monkeypatch.setenv(name, server.environment[name])


def held():
    """How many threads and open files this process has."""
    return len(list(Path("/proc/self/task").iterdir())), len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def until(condition):
    """Wait for it, for as long as a busy machine may need."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def microphone(server):
    """One that is open."""
    opened = open_microphone()
    yield opened
    opened.close()


def read(microphone, count):
    """So much of it, at least."""
    parts = [microphone.read(RATE_HZ)]
    while sum(map(len, parts)) < count:
        parts.append(microphone.read(RATE_HZ))
    return np.concatenate(parts)


def test_the_hum_comes_at_its_pitch_and_in_time(microphone):
    """48 kHz there, 16 kHz here: nothing lost, and sample 0 was heard when it says."""
    assert isinstance(microphone, PulseMicrophone)
    assert microphone.name == "mic:Monitor of Null Output"
    sound = read(microphone, 2 * RATE_HZ)
    heard_at = microphone.opened_at + len(sound) / RATE_HZ
    assert abs(heard_at - time.time()) < 1.5
    spectrum = np.abs(np.fft.rfft(sound[-RATE_HZ:] * np.hanning(RATE_HZ)))
    assert int(np.argmax(spectrum)) == PITCH_HZ
    assert microphone.lost_samples == 0


@pytest.mark.usefixtures("server")
def test_a_hundred_reopenings_leave_nothing():
    """Threads and files are given back each time; that they are is said by the fixture."""
    running = PulseMicrophone()  # with which the source need not be started each time
    for _ in range(100):
        microphone = PulseMicrophone()
        assert len(microphone.read(RATE_HZ))
        microphone.close()
        microphone.close()
    running.close()


def test_a_late_reader_is_told_what_it_lost(microphone):
    """Stalled for longer than the ring: the last four seconds are there, the rest is counted."""
    began_s, heard = time.monotonic(), len(microphone.read(RATE_HZ))
    time.sleep(RING_S + 1.5)
    heard += len(read(microphone, round(RING_S * RATE_HZ)))
    lasted_s = time.monotonic() - began_s
    lost = microphone.lost_samples
    assert lost > RATE_HZ
    assert (heard + lost) / RATE_HZ == pytest.approx(lasted_s, abs=0.5)


def test_it_closes_though_no_sound_comes(server):
    """The source is suspended: waiting is an error after two seconds, closing takes no time."""
    microphone = PulseMicrophone()
    pactl(server, "suspend-sink", "mic", "1")
    try:
        with pytest.raises(DeviceError, match="no sound for 2 s"):
            read(microphone, 60 * RATE_HZ)
        began_s = time.monotonic()
        microphone.close()
        assert time.monotonic() - began_s < 0.4
        assert "pulse" not in {thread.name for thread in threading.enumerate()}
    finally:
        pactl(server, "suspend-sink", "mic", "0")


def test_a_source_that_is_taken_away_ends_at_once(server):
    """The server says so: nobody waits for silence to last two seconds."""
    module = pactl(server, "load-module", "module-null-sink", "sink_name=other")
    pactl(server, "set-default-source", "other.monitor")
    microphone = PulseMicrophone()
    try:
        pactl(server, "set-default-source", "mic.monitor")
        pactl(server, "unload-module", module)
        # It has been moved to what is the default now, or ended: it is never silently dead.
        assert len(read(microphone, RATE_HZ)) >= RATE_HZ
    except DeviceError as error:
        reasons = ("gives no more", "given no sound")  # the second where the server was busy
        assert any(reason in str(error) for reason in reasons)  # noqa: PT017 - both are right
    finally:
        microphone.close()


def test_a_server_that_hangs_is_told_and_not_gone_around(server):
    """Stopped, it takes connections and says nothing: an error in about two seconds."""
    server.process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(DeviceError, match="has not answered for 2 s") as error:
            open_microphone()
        assert not isinstance(error.value, NoServerError)
    finally:
        server.process.send_signal(signal.SIGCONT)


def test_a_server_that_dies_is_told_at_once(tmp_path, monkeypatch):
    """Killed: `read` says it when the last sound has been read, and then there is no server."""
    with sound_server(tmp_path) as own:
        be_client_of(own, monkeypatch)
        microphone = PulseMicrophone()
        assert way_to("pulse") == "PulseAudio"
        own.process.kill()
        with pytest.raises(DeviceError, match="gives no more"):
            read(microphone, 60 * RATE_HZ)
        microphone.close()
        assert way_to("pulse") == "PortAudio"
        with pytest.raises(NoServerError, match="no sound server"):
            PulseMicrophone()


def test_a_server_without_a_source_is_told(tmp_path, monkeypatch):
    """There is nothing to listen to, which is one line that says where to look."""
    with sound_server(tmp_path) as own:
        be_client_of(own, monkeypatch)
        pactl(own, "unload-module", "module-null-sink")
        with pytest.raises(NoDeviceError, match="pactl list short sources"):
            PulseMicrophone()


def test_without_the_library_portaudio_is_taken(monkeypatch):
    """Some machines have none: nothing is said, the other way is taken."""
    monkeypatch.setattr(libpulse, "NAME", "libpulse.so.none")
    libpulse.library.cache_clear()
    try:
        assert way_to("") == "PortAudio"
    finally:
        libpulse.library.cache_clear()


@pytest.mark.parametrize("device", ["USB", "3", "defaults"])
def test_other_devices_go_through_portaudio(device):
    """Only the default one is the server's to choose, whether there is a server or not."""
    assert way_to(device) == "PortAudio"


def test_nothing_is_started_or_printed(tmp_path):
    """Told to start a server where there is none (it never does for root), libpulse doesn't."""
    started, program = tmp_path / "started", tmp_path / "server"
    program.write_text(f"#!/bin/sh\ntouch {started}\n")
    program.chmod(0o755)
    config = tmp_path / "client.conf"
    config.write_text(f"autospawn = yes\ndaemon-binary = {program}\n")
    odd = tmp_path / "odd"
    odd.mkdir()
    if os.geteuid() == 0:
        os.chown(odd, 65_534, 65_534)  # of which it would warn
    environment = {
        "HOME": str(odd),
        "XDG_RUNTIME_DIR": str(odd),
        "PULSE_CLIENTCONFIG": str(config),
    }
    code = "from wakeful.daemon.microphones import way_to\nprint(way_to(''))\n"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("PortAudio\n", "")
    assert not started.exists()
