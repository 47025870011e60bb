"""The whole daemon, as it is started, on a virtual microphone; watched from another process."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sound_server import WAYS, SoundServer, missing, sound_server
from whole_daemon import PATIENCE_S, WAKEFUL, Daemon, daemon

pytestmark = [
    pytest.mark.sound_server,
    pytest.mark.skipif(bool(missing()), reason=missing() or "it is all there"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[SoundServer]:
    """A running sound server."""
    with sound_server(tmp_path_factory.mktemp("pulse")) as running:
        yield running


each_way = pytest.mark.parametrize("running", WAYS, indirect=True)


@pytest.fixture
def running(server: SoundServer, tmp_path: Path, beep_bundle: Path, request) -> Iterator[Daemon]:
    """One that listens, by the way that a test names."""
    device = WAYS[getattr(request, "param", "PulseAudio")]
    with daemon(tmp_path, server.environment, beep_bundle, device) as started:
        started.wait_for("ready")
        yield started


@pytest.fixture(scope="module")
def word(tmp_path_factory, voice) -> Path:
    """The test model's word, and a sentence after it."""
    path = tmp_path_factory.mktemp("sound") / "word.wav"
    t = np.arange(int(0.18 * 16_000)) / 16_000
    edge = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    beep = np.concatenate([np.sin(2 * np.pi * f * t) * edge for f in (700, 1_100)])
    quiet = np.zeros(6_000, np.int16)
    sound = np.r_[quiet, (beep * 9_830).astype(np.int16), quiet, voice]
    soundfile.write(path, sound, 16_000)
    return path


@each_way
def test_from_the_microphone_to_a_subscriber(running: Daemon, server: SoundServer, word: Path):
    """Ready, woken, spoken to, ended: a subscriber hears it all, no number left out."""
    server.play(word)
    ended = running.wait_for("speech.end")
    assert ended["ending"] == "silence"
    assert 1 < float(str(ended["duration_s"])) < 4
    running.wait_for("heartbeat", 2)
    assert running.stop() == 0
    running.wait_for("bye")
    told = running.told()
    assert [event["seq"] for event in told] == list(range(len(told)))
    kinds = [event["event"] for event in told if event["event"] != "heartbeat"]
    assert kinds == ["ready", "wake", "speech.start", "speech.end", "bye"]
    assert told[-1]["reason"] == "SIGTERM"
    assert "wake beep" in running.log


def test_it_can_be_steered(running: Daemon, server: SoundServer, word: Path):
    """Muted it isn't woken; with another threshold it is, or not; stopped it says so."""
    running.ctl("mute")
    running.wait_for("muted")
    server.play(word)
    running.ctl("unmute")
    running.wait_for("muted", 2)
    running.ctl("threshold", "0.999999")
    server.play(word)
    running.ctl("reload")
    running.wait_for("config.reloaded")
    server.play(word)
    running.wait_for("speech.end")
    status = json.loads(running.ctl("status", "--json"))
    assert (status["wakes"], status["models"], status["lost"]) == (1, ["beep"], False)
    running.ctl("stop")
    assert running.wait_for("bye")["reason"] == "asked to stop"
    assert running.process.wait(timeout=PATIENCE_S) == 0


def test_a_hangup_reloads_and_a_bad_file_is_refused(running: Daemon, beep_bundle: Path):
    """SIGHUP: what is wrong is told, with its place, and nothing else happens."""
    running.configure("[audoi]\n")
    running.process.send_signal(signal.SIGHUP)
    assert "audoi: unknown key; did you mean audio?" in str(
        running.wait_for("config.reloaded")["error"]
    )
    running.configure(f'models = ["{beep_bundle}"]\n[gate]\nstrictness = 3\n')
    running.process.send_signal(signal.SIGHUP)
    assert running.wait_for("config.reloaded", 2)["error"] == ""


@each_way
def test_stopped_for_ten_seconds(running: Daemon, server: SoundServer, word: Path):
    """SIGSTOP, and SIGCONT: the gap is told, nothing phantom follows, and the next word wakes."""
    running.process.send_signal(signal.SIGSTOP)
    time.sleep(10)
    running.process.send_signal(signal.SIGCONT)
    deadline = time.monotonic() + PATIENCE_S
    while not {"overflow", "audio.lost"} & {str(e["event"]) for e in running.told()}:
        assert time.monotonic() < deadline, running.told()
        time.sleep(0.05)
    if any(e["event"] == "audio.lost" for e in running.told()):
        running.wait_for("audio.restored")
    deadline = time.monotonic() + PATIENCE_S
    # Sound that the server had kept may come late; by and by events have the right time again.
    beats = sum(map(is_heartbeat, running.told())) + 1
    while abs(float(str(running.wait_for("heartbeat", beats)["time"])) - time.time()) > 3:
        assert time.monotonic() < deadline, running.told()
        beats += 1
    assert "wake" not in {e["event"] for e in running.told()}
    server.play(word)
    running.wait_for("wake")


def is_heartbeat(event: dict[str, object]) -> bool:
    """Whether it is one."""
    return event["event"] == "heartbeat"


def test_a_second_one_is_told_that_there_is_a_first(running: Daemon):
    """One line and code 1; the first goes on."""
    done = subprocess.run(
        [WAKEFUL, "daemon"], env=running.environment, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1
    assert b"is running already" in done.stderr
    running.wait_for("heartbeat", 2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_soon(running: Daemon, number: signal.Signals):
    """`bye` is said, the device given back, the code 0, in about a second."""
    began = time.monotonic()
    assert running.stop(number) == 0
    assert time.monotonic() - began < 5
    assert running.wait_for("bye")["reason"] == number.name


@pytest.mark.parametrize("way", WAYS)
def test_no_microphone_yet(tmp_path: Path, beep_bundle: Path, word: Path, way: str):
    """Started before the sound server: it says that it is deaf, and then hears."""
    late = tmp_path / "late"
    late.mkdir()
    with sound_server(late) as first:
        environment = first.environment
    (late / "socket").unlink(missing_ok=True)
    with daemon(tmp_path, environment, beep_bundle, WAYS[way]) as waiting:
        lost = waiting.wait_for("audio.lost")
        assert json.loads(waiting.ctl("status", "--json"))["lost"] is True
        waiting.wait_for("heartbeat", 2)
        second = tmp_path / "second"
        second.mkdir()
        with sound_server(second) as server:
            (late / "socket").symlink_to(second / "socket")
            restored = waiting.wait_for("audio.restored")
            assert str(restored["source"]).startswith("mic:")
            assert lost["sample"] == restored["sample"] == 0
            server.play(word)
            waiting.wait_for("wake")
            kinds = [e["event"] for e in waiting.told() if not is_heartbeat(e)]
            assert kinds[:4] == ["audio.lost", "audio.restored", "ready", "wake"]
            assert waiting.stop() == 0


def test_a_log_that_takes_no_line(server: SoundServer, tmp_path: Path, beep_bundle: Path, word):
    """The disk is full: nothing is logged, and everything else goes on."""
    (tmp_path / "log").symlink_to("/dev/full")
    with daemon(tmp_path, server.environment, beep_bundle) as running:
        running.wait_for("ready")
        server.play(word)
        running.wait_for("speech.end")
        assert running.stop() == 0
        running.wait_for("bye")
