"""Microphones as they are, for real: removed, replaced, suspended, muted, hung, stopped with us.

Each fault is done to a running PulseAudio; it must be told, and then it must hear again.
"""

import json
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from sound_server import WAYS, missing, sound_server
from test_microphone import WAKEFUL, Listening, beep_file, each_way
from wakeful.daemon.muted import ONLY_SILENCE
from wakeful.daemon.row import Seen
from wakeful.daemon.settings import BusSettings
from wakeful.daemon.subscription import Subscription

pytestmark = [
    pytest.mark.sound_server,
    pytest.mark.skipif(bool(missing()), reason=missing() or "it is all there"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server whose default microphone decides, as on a desktop: nobody names one."""
    with sound_server(tmp_path_factory.mktemp("pulse")) as running:
        environment = running.environment
        for name in ("PULSE_SOURCE", "PULSE_SINK"):
            del environment[name]
        yield running


def pactl(server, *words):
    """Do something to the server; returns what it says."""
    command = ["pactl", *words]
    done = subprocess.run(
        command, env=server.environment, check=True, capture_output=True, text=True, timeout=30
    )
    return done.stdout.strip()


def play(server, folder, sink="mic"):
    """The word, into one of the server's microphones."""
    environment = server.environment | {"PULSE_SINK": sink}
    replace(server, environment=environment).play(beep_file(folder))


@pytest.fixture(params=WAYS)
def listening(server, beep_bundle, request):
    """A listener on the default microphone, which is set anew; ended with code 0 and its `bye`."""
    pactl(server, "set-default-source", "mic.monitor")
    pactl(server, "set-source-mute", "mic.monitor", "0")
    running = Listening(server, beep_bundle, WAYS[request.param])
    try:
        running.wait_for("ready")
        yield running
    finally:
        code = running.stop()
    assert (code, running.errors) == (0, b"")
    assert running.events[-1]["event"] == "bye"
    assert [e["seq"] for e in running.events] == list(range(len(running.events)))


def kinds(listening):
    """What happened, but for what is said around speech."""
    return [e["event"] for e in listening.events if not e["event"].startswith("speech")]


def say_until_heard(server, listening, folder, sink="mic"):
    """The word again and again, as people do: a sound server takes its time to move a stream."""
    deadline = time.monotonic() + 60
    while "wake" not in kinds(listening):
        assert time.monotonic() < deadline, listening.events
        play(server, folder, sink)
        time.sleep(0.5)


def test_suspended_and_resumed(server, listening, tmp_path):
    """A suspended source calls back no more and reports no error: lost; resumed: it hears."""
    pactl(server, "suspend-sink", "mic", "1")
    lost = listening.wait_for("audio.lost")
    assert "no sound for 2 s" in lost["reason"]
    pactl(server, "suspend-sink", "mic", "0")
    listening.wait_for("audio.restored", timeout_s=40)
    say_until_heard(server, listening, tmp_path)
    assert kinds(listening)[:4] == ["ready", "audio.lost", "audio.restored", "wake"]


def test_a_server_that_hangs(server, listening, tmp_path):
    """A server that is stopped answers nobody, not even who wants to close: told, and survived."""
    server.process.send_signal(signal.SIGSTOP)
    try:
        listening.wait_for("audio.lost")
        assert listening.process.poll() is None
    finally:
        server.process.send_signal(signal.SIGCONT)
    listening.wait_for("audio.restored", timeout_s=40)
    say_until_heard(server, listening, tmp_path)


def test_stopped_and_continued(server, listening, tmp_path):
    """Stopped for longer than our ring is: what of it the server has not kept is told.

    How much it keeps is its own affair: nothing lost, some, or all of it anew. In no case does a
    sample stand for another time than it was heard at.
    """
    time.sleep(2.5)
    listening.process.send_signal(signal.SIGSTOP)
    time.sleep(10)
    listening.process.send_signal(signal.SIGCONT)
    began = time.time()
    say_until_heard(server, listening, tmp_path)
    assert began - 4 < listening.wait_for("wake")["time"] < time.time() + 1


@each_way
def test_removed_and_another_added(server, beep_bundle, tmp_path, way):
    """The only source goes, another of another rate comes: lost, restored, heard, nothing else."""
    own = tmp_path / "pulse"
    own.mkdir()
    with sound_server(own) as lonely:
        for name in ("PULSE_SOURCE", "PULSE_SINK"):
            del lonely.environment[name]
        listening = Listening(lonely, beep_bundle, WAYS[way])
        try:
            listening.wait_for("ready")
            pactl(lonely, "unload-module", "module-null-sink")
            listening.wait_for("audio.lost")
            # What is there meanwhile is no microphone.
            time.sleep(1)
            assert kinds(listening) == ["ready", "audio.lost"]
            module = ("module-null-sink", "sink_name=usb", "rate=44100", "channels=1")
            pactl(lonely, "load-module", *module)
            listening.wait_for("audio.restored", timeout_s=40)
            say_until_heard(lonely, listening, tmp_path, sink="usb")
        finally:
            assert listening.stop() == 0
        assert kinds(listening)[:4] == ["ready", "audio.lost", "audio.restored", "wake"]


def test_the_default_is_another_one_now(server, listening, tmp_path):
    """Somebody chooses another microphone: it is heard without a restart."""
    module = pactl(server, "load-module", "module-null-sink", "sink_name=headset")
    try:
        pactl(server, "set-default-source", "headset.monitor")
        say_until_heard(server, listening, tmp_path, sink="headset")
    finally:
        pactl(server, "set-default-source", "mic.monitor")
        pactl(server, "unload-module", module)


@contextmanager
def hiss(server, folder):
    """A room that is not quiet, played into the microphone meanwhile."""
    path = folder / "hiss.wav"
    sound = np.random.default_rng(0).normal(0, 300, 16_000 * 100).astype(np.int16)
    soundfile.write(path, sound, 16_000)
    environment = server.environment | {"PULSE_SINK": "mic"}
    with subprocess.Popen(["paplay", str(path)], env=environment) as player:
        try:
            yield
        finally:
            player.kill()


@contextmanager
def subscribed(server, folder, bundle, device):
    """A whole daemon on the microphone; gives what waits for an event of a kind."""
    bus = BusSettings(events=f"ipc://{folder}/e", control=f"ipc://{folder}/c")
    config = folder / "wakeful.toml"
    config.write_text(
        f"models = [{str(bundle)!r}]\n[bus]\nevents = {bus.events!r}\ncontrol = {bus.control!r}\n"
        f"[chime]\non = false\n[audio]\ndevice = {device!r}\n"
    )
    command = [str(WAKEFUL), "daemon", "--config", str(config)]
    with subprocess.Popen(command, env=server.environment, stderr=subprocess.DEVNULL) as process:
        try:
            until((folder / "c").exists)
            with Subscription(bus, since=0) as subscription:
                events = (item for _ in range(200) for item in subscription.wait(0.5))
                bodies = (json.loads(e.body) for e in events if isinstance(e, Seen))
                yield lambda kind: next(e for e in bodies if e["event"] == kind)
        finally:
            process.terminate()
            assert process.wait(20) == 0


def until(condition):
    """Wait for it, for as long as a busy machine may need."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@each_way
def test_muted_and_unmuted(server, beep_bundle, tmp_path, way):
    """PulseAudio gives exact zeros for a muted source: told as that, and its return too."""
    pactl(server, "set-default-source", "mic.monitor")
    pactl(server, "set-source-mute", "mic.monitor", "0")
    device = WAYS[way]
    with hiss(server, tmp_path), subscribed(server, tmp_path, beep_bundle, device) as wait_for:
        wait_for("ready")
        until(lambda: pactl(server, "list", "short", "sink-inputs"))
        time.sleep(1)  # of hiss: one that never sounded isn't called muted
        pactl(server, "set-source-mute", "mic.monitor", "1")
        assert wait_for("audio.lost")["reason"] == ONLY_SILENCE
        pactl(server, "set-source-mute", "mic.monitor", "0")
        assert wait_for("audio.restored")["lost_s"] > 1.5
