"""The microphone, for real: a sound server carries a recording into `wakeful listen`."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sound_server import WAYS, missing, sound_server

WAKEFUL = Path(sys.executable).with_name("wakeful")

pytestmark = [
    pytest.mark.sound_server,
    pytest.mark.skipif(bool(missing()), reason=missing() or "it is all there"),
]
each_way = pytest.mark.parametrize("way", WAYS)


@pytest.fixture(scope="module", params=[(48_000, 2), (44_100, 1)], ids=str)
def server(request, tmp_path_factory):
    """A running sound server of each common rate."""
    with sound_server(tmp_path_factory.mktemp("pulse"), *request.param) as running:
        yield running


class Listening:
    """`wakeful listen --json` on the virtual microphone; its events as they come."""

    def __init__(self, server, model, device=""):
        command = [str(WAKEFUL), "listen", "--input", "mic", "--model", str(model), "--json"]
        command += ["--device", device] if device else []
        environment = server.environment | {"PYTHONFAULTHANDLER": "1"}
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.events, self.errors = [], b""
        self.came = threading.Condition()
        self.thread = threading.Thread(target=self._collect, daemon=True)
        self.thread.start()

    def _collect(self):
        for line in self.process.stdout:
            with self.came:
                self.events.append(json.loads(line))
                self.came.notify_all()

    def wait_for(self, *kinds, timeout_s=20):
        """The first event of these kinds."""
        with self.came:
            found = self.came.wait_for(
                lambda: [e for e in self.events if e["event"] in kinds], timeout_s
            )
        if not found:
            told = f"no {kinds} within {timeout_s} s: {self.events}, {self.process.poll()}"
            raise AssertionError(f"{told}\n{self._where_it_is()}")
        return found[0]

    def _where_it_is(self):
        """What it has said, and what each of its threads was doing: that ends it."""
        self.process.send_signal(signal.SIGABRT)
        self.process.wait(timeout=10)
        return self.process.stderr.read().decode(errors="replace")

    def stop(self, number=signal.SIGTERM):
        """End it; the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(timeout=10)
        self.thread.join(timeout=10)
        with self.process.stdout, self.process.stderr:
            self.errors = self.process.stderr.read()
        return code


def beep_file(folder):
    """The test model's word, with silence around it, at 44.1 kHz as a player would have it."""
    rate = 44_100
    t = np.arange(int(0.18 * rate)) / rate
    edge = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    word = np.concatenate([np.sin(2 * np.pi * f * t) * edge for f in (700, 1_100)]) * 0.3
    path = folder / "beep.wav"
    soundfile.write(path, np.r_[np.zeros(rate), word, np.zeros(rate)], rate)
    return path


@each_way
def test_a_recording_through_the_microphone_fires(server, beep_bundle, tmp_path, way):
    """Played into the microphone, the word fires once; SIGTERM ends it with `bye` and code 0."""
    listening = Listening(server, beep_bundle, WAYS[way])
    name = {"PulseAudio": "mic:Monitor of Null Output", "PortAudio": "mic:plugged"}[way]
    try:
        assert listening.wait_for("ready")["source"] == name
        server.play(beep_file(tmp_path))
        assert listening.wait_for("wake")["keyword"] == "beep"
    finally:
        code = listening.stop()
    assert code == 0
    assert [e["event"] for e in listening.events].count("wake") == 1
    assert listening.events[-1]["event"] == "bye"
    assert [e["seq"] for e in listening.events] == list(range(len(listening.events)))
    assert listening.errors == b""


NATIVE = (
    "from wakeful.daemon import microphone\n"
    "microphone._format = lambda device: (device.rate_hz, 2)\n"
)
"""The sound server converts to any rate; so would a device that only has its own be reached."""


def best_match(heard, played):
    """The part of what was heard that is most like what was played."""
    size = 2 ** int(np.ceil(np.log2(len(heard) + len(played))))
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(played, size))
    at = int(np.argmax(np.fft.irfft(spectrum, size)[: len(heard) - len(played) + 1]))
    return heard[at : at + len(played)]


@pytest.mark.parametrize(
    ("way", "prelude"),
    [("PulseAudio", ""), ("PortAudio", ""), ("PortAudio", NATIVE)],
    ids=["PulseAudio", "PortAudio", "PortAudio, native"],
)
def test_the_sound_comes_whole(server, tmp_path, voice, way, prelude):
    """What the microphone gives is what was played: no sample lost, at the right speed."""
    path, heard_path = tmp_path / "voice.wav", tmp_path / "heard.npy"
    second = np.zeros(16_000, np.int16)
    soundfile.write(path, np.r_[second, voice, second], 16_000)
    code = (
        f"{prelude}import numpy as np\n"
        "from wakeful.daemon.microphones import open_microphone\n"
        f"mic = open_microphone({WAYS[way]!r})\n"
        "print('ready', flush=True)\n"
        "parts, have = [], 0\n"
        "while have < 5 * 16000:\n"
        "    parts.append(mic.read(16000)); have += len(parts[-1])\n"
        "lost = mic.lost_samples\n"
        "mic.close(); mic.close()\n"
        f"np.save({str(heard_path)!r}, np.concatenate(parts))\n"
        f"again = open_microphone({WAYS[way]!r}); again.read(100); again.close()\n"
        "print(lost)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=server.environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    server.play(path)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert out == "0\n"
    played = voice.astype(float)
    part = best_match(np.load(heard_path).astype(float), played)
    assert np.corrcoef(part, played)[0, 1] > 0.95


def test_devices_are_listed(server):
    """`wakeful devices --json` lists the virtual microphone, the default, and each one's way."""
    done = subprocess.run(
        [str(WAKEFUL), "devices", "--json"], env=server.environment, capture_output=True, check=True
    )
    devices = json.loads(done.stdout)
    assert sum(d["is_default"] for d in devices) == 1
    ways = {d["name"]: d["way"] for d in devices}
    assert (ways["default"], ways["plugged"]) == ("PulseAudio", "PortAudio")
    assert done.stderr == b""


def test_an_unknown_device_lists_those_that_exist(server, beep_bundle):
    """A device that is not there is answered with those that are, in one line, with code 1."""
    command = [str(WAKEFUL), "listen", "--model", str(beep_bundle), "--device", "Theremin"]
    done = subprocess.run(
        command, env=server.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "'Theremin'" in done.stderr
    assert "default" in done.stderr
    assert done.stderr.count("\n") == 1


@each_way
def test_a_server_that_dies_is_told_and_the_microphone_comes_back(beep_bundle, tmp_path, way):
    """The sound server is killed: `audio.lost`; it is back: `audio.restored`, and it fires."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    with sound_server(first) as server:
        listening = Listening(server, beep_bundle, WAYS[way])
        listening.wait_for("ready")
        server.process.kill()
        server.process.wait()
        listening.wait_for("audio.lost")
    try:
        with sound_server(second) as server:
            # The same socket as before, led to the new server.
            socket = first / "socket"
            socket.unlink(missing_ok=True)
            socket.symlink_to(second / "socket")
            listening.wait_for("audio.restored", timeout_s=40)
            server.play(beep_file(tmp_path))
            listening.wait_for("wake")
    finally:
        assert listening.stop(signal.SIGINT) == 0
