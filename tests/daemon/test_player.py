"""Playing: through a real sound server, and into the microphone that hears it; or not at all."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from sound_server import WAYS, missing, sound_server
from wakeful.daemon import chime_command, devices, player
from wakeful.daemon.devices import NoPortAudioError
from wakeful.daemon.player import NoLoudspeakerError, Player, _choose
from wakeful.models.errors import UsageError

WAKEFUL = Path(sys.executable).with_name("wakeful")
SOUND = np.zeros(4_800, np.float32)

each_way = pytest.mark.parametrize("device", WAYS.values(), ids=WAYS)
needs_sound_server = pytest.mark.skipif(bool(missing()), reason=missing() or "it is all there")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A running sound server whose loudspeaker is its microphone."""
    with sound_server(tmp_path_factory.mktemp("pulse")) as running:
        yield running


def python(code, environment, timeout_s=60):
    """A program in a process of its own, whose only sound server is ours; what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


ROUND_TRIP = """
import json, sys
import numpy as np
from wakeful.daemon.chime import Chimes
from wakeful.daemon.events import Stamp, Wake
from wakeful.daemon.microphone import Microphone
from wakeful.daemon.pipeline import Pipeline
from wakeful.daemon.settings import ChimeSettings, Settings
from wakeful.models.bundle import load_bundle
from wakeful.models.runtime import TriggerModel
model = TriggerModel(load_bundle({model!r}))
mic = Microphone()
pipeline = Pipeline(Settings(), [model], Stamp(mic.name, mic.opened_at))
ours = ChimeSettings(volume_db=-6.0, device={device!r})
chimes = Chimes(ours, tell=lambda line: print(line, file=sys.stderr))
rng = np.random.default_rng(0)
def hear(seconds):
    have = 0
    while have < seconds * 16_000:
        sound = mic.read(1_600)
        have += len(sound)
        hiss = rng.normal(size=len(sound)) * 6
        pipeline.feed((sound + hiss).clip(-32_768, 32_767).astype(np.int16))
        chimes.heard(pipeline)
def play_and_hear():
    start = pipeline.samples
    chimes.event(Wake(seq=0, time=0.0, sample=start, source="", keyword="", model="", score=1.0))
    hear(3.0)
    end = pipeline.samples
    raw = pipeline.ring.read(start, end - start).astype(float)
    clean = pipeline.audio(start, end).astype(float)
    last = pipeline.own_sound.last
    return {{
        "found": last.found_at is not None,
        "gain_db": last.gain_db,
        "heard": float(np.abs(raw).max()),
        "gone_db": float(10 * np.log10(np.sum(raw**2) / np.sum(clean**2))),
    }}
hear(0.5)
# On a busy machine one may have a gap or come too late; another has none and does not.
for _ in range(10):
    came = play_and_hear()
    if came["gone_db"] > 20:
        break
chimes.close()
mic.close()
print(json.dumps(came))
"""


@pytest.mark.sound_server
@needs_sound_server
@each_way
def test_the_microphone_hears_the_chime_and_we_do_not(server, beep_bundle, device):
    """Played through PulseAudio and heard through its monitor: 20 dB of it are removed."""
    code = ROUND_TRIP.format(model=str(beep_bundle), device=device)
    came = python(code, server.environment)
    assert came["heard"] > 10_000, "it was played, loudly"
    assert came["found"]
    assert came["gain_db"] == pytest.approx(0, abs=3)
    assert came["gone_db"] > 20


COST = """
import json, time
import numpy as np
from wakeful.daemon.player import Player
player = Player({device!r})
took_ms = []
for _ in range(3):
    begun = time.thread_time()
    assert player.play(np.zeros(48_000, np.float32))
    took_ms.append((time.thread_time() - begun) * 1e3)
    assert not player.play(np.zeros(2_400, np.float32)), "one at a time"
    time.sleep(1.1)
player.close()
assert not player.play(np.zeros(2_400, np.float32)), "closed"
print(json.dumps(sorted(took_ms)))
"""


@pytest.mark.sound_server
@needs_sound_server
@each_way
def test_to_begin_costs_less_than_a_millisecond(server, device):
    """Of the caller's own time; and a second sound is refused while the first one goes on."""
    took_ms = python(COST.format(device=device), server.environment)
    assert took_ms[0] < 1


LOADED = """
import json, time
import numpy as np
from pathlib import Path
from wakeful.daemon.player import Player
player = Player()
assert player.play(np.zeros(2_400, np.float32))
while player.is_busy:
    time.sleep(0.01)
print(json.dumps([word for word in ("libpulse", "libasound") if word in
                  Path("/proc/self/maps").read_text()]))
"""


@pytest.mark.sound_server
@needs_sound_server
def test_the_servers_own_loudspeaker_needs_no_portaudio(server):
    """Nothing of ALSA is loaded for a chime, nor what that loads: 20 MB of a daemon's memory."""
    assert python(LOADED, server.environment) == ["libpulse"]


@pytest.mark.sound_server
@needs_sound_server
def test_a_chime_can_be_heard_from_the_command_line(server):
    """`wakeful chime --play ended` plays and ends well."""
    done = subprocess.run(
        [str(WAKEFUL), "chime", "--play", "ended"],
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "wakeful:" not in done.stderr


@pytest.mark.sound_server
@needs_sound_server
def test_an_unknown_loudspeaker_lists_those_that_exist(server, tmp_path):
    """One line with what there is, and code 1."""
    (tmp_path / "c.toml").write_text('[chime]\ndevice = "Gramophone"\n')
    done = subprocess.run(
        [str(WAKEFUL), "chime", "--play", "--config", str(tmp_path / "c.toml")],
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "'Gramophone' is not one of these" in done.stderr
    assert "default" in done.stderr
    assert done.stderr.count("\n") == 1


KILLED = """
import json, os, signal, time
import numpy as np
from wakeful.daemon.player import Player
told = []
one = Player({device!r}, tell=told.append)
assert one.play(np.zeros(48_000, np.float32))
time.sleep(0.5)
os.kill({pid}, signal.SIGKILL)
def took_s(action):
    begun = time.monotonic()
    action()
    return time.monotonic() - begun
time.sleep(1)
again_s = took_s(lambda: one.play(np.zeros(48_000, np.float32)))
close_s = took_s(one.close)
print(json.dumps({{"again_s": again_s, "close_s": close_s, "told": told}}), flush=True)
# Some versions of PortAudio hang in closing what was open then; that is no business of this test.
os._exit(0)
"""


@pytest.mark.sound_server
@needs_sound_server
@each_way
def test_a_sound_server_that_dies_takes_nothing_with_it(tmp_path, device):
    """Killed in the middle of a sound: whoever plays and closes is not kept waiting for it."""
    with sound_server(tmp_path) as server:
        came = python(KILLED.format(pid=server.process.pid, device=device), server.environment)
    assert came["again_s"] < 5
    assert came["close_s"] < 5
    assert len(came["told"]) <= 1


def begin(one):
    """As soon as the last sound would have been heard."""
    deadline = time.monotonic() + 20
    while not one.play(SOUND):
        assert time.monotonic() < deadline
        time.sleep(0.005)


def until_quiet(one):
    """Its thread has ended."""
    deadline = time.monotonic() + 20
    while one.is_busy and time.monotonic() < deadline:
        time.sleep(0.005)
    assert not one.is_busy


def test_a_missing_loudspeaker_is_told_once(monkeypatch):
    """Once however often it is tried; again only after one was there."""
    told, there = [], threading.Event()

    class Gone:
        def __init__(self, *_):
            if not there.is_set():
                raise NoLoudspeakerError("no loudspeaker")

        def run(self, _stopping):
            """Played."""

    monkeypatch.setattr(player, "Playing", Gone)
    one = Player("elsewhere", tell=told.append)
    for is_there in (False, False, False, True, False, False):
        (there.set if is_there else there.clear)()
        begin(one)
        until_quiet(one)
    assert told == ["no loudspeaker; chimes are left out"] * 2


def test_without_portaudio_it_says_so(monkeypatch):
    """The library is missing: a line, no traceback."""

    def none():
        raise NoPortAudioError("PortAudio is not installed")

    monkeypatch.setattr(player, "portaudio", none)
    told = []
    one = Player("elsewhere", tell=told.append)
    one.play(SOUND)
    until_quiet(one)
    assert told == ["PortAudio is not installed; chimes are left out"]


class Devices:
    """As sounddevice lists them: name and outputs; the default is the second."""

    def __init__(self, *names):
        self.names = names
        self.default = type("Default", (), {"device": (0, 1)})

    def query_devices(self):
        """A microphone first."""
        mic = {"name": "Mic", "max_output_channels": 0, "default_samplerate": 48_000.0}
        return [mic] + [
            mic | {"name": name, "max_output_channels": 8, "default_samplerate": 44_100.0}
            for name in self.names
        ]


@pytest.mark.parametrize(
    ("wanted", "index"), [("", 1), ("kitchen", 2), ("2", 2), ("USB", 1), ("usb kitchen", 2)]
)
def test_a_loudspeaker_by_name_or_number(wanted, index):
    """Empty is the default; a whole name counts before a part of it; two channels are enough."""
    found = _choose(Devices("USB", "USB Kitchen"), wanted)
    assert (found[0], found[2], found[3]) == (index, 2, 44_100)


def test_a_loudspeaker_that_is_not_meant_alone():
    """More than one fits, or there is none at all."""
    with pytest.raises(NoLoudspeakerError, match="more than one"):
        _choose(Devices("USB Hall", "USB Kitchen"), "usb")
    with pytest.raises(NoLoudspeakerError, match="no device with an output"):
        _choose(Devices(), "")


def test_frames_are_saturated_and_on_every_channel():
    """Louder than full scale is full scale."""
    frames = np.frombuffer(player._frames(np.array([0, 2.0, -2.0], np.float32), 2), np.int16)
    assert frames.tolist() == [0, 0, 32_767, 32_767, -32_767, -32_767]


@pytest.mark.parametrize("arguments", [[], ["in.wav"], ["--play", "wake", "in.wav"]])
def test_a_command_that_asks_for_nothing_sensible(arguments, monkeypatch, tmp_path):
    """Neither files nor --play, half of them, or both: wrong use, code 2."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("WAKEFUL_CONFIG", raising=False)
    assert CliRunner().invoke(chime_command.chime, arguments).exit_code == 2
    assert UsageError.exit_code == 2


def test_a_device_that_hangs_is_told_and_waited_for_no_longer(monkeypatch):
    """A thread that never comes back from a driver keeps no other from saying so."""
    monkeypatch.setattr(devices, "_HUNG_S", 0.05)
    inside, leave = threading.Event(), threading.Event()

    def hang():
        with devices.alone():
            inside.set()
            leave.wait(20)

    hung = threading.Thread(target=hang)
    hung.start()
    try:
        assert inside.wait(20)
        with pytest.raises(devices.DeviceError, match="hangs"), devices.alone():
            pass
    finally:
        leave.set()
        hung.join()
    with devices.alone():
        pass
