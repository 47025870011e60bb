"""The units under a real systemd: installed, started, heard, reloaded, killed, stopped, removed."""

import os
import time
from pathlib import Path

import numpy as np
import pytest
import sound_server
import soundfile
from booted import PROGRAM, Booted, booted, missing

NO_SYSTEMD = missing() or sound_server.missing()

pytestmark = [
    pytest.mark.systemd,
    pytest.mark.skipif(bool(NO_SYSTEMD), reason=NO_SYSTEMD or "it is all there"),
]

PULSE = """[Service]
RuntimeDirectory=pulse
Environment=HOME=/run/pulse
ExecStart=/usr/bin/pulseaudio -n --exit-idle-time=-1 --daemonize=no --use-pid-file=no \
    "--load=module-native-protocol-unix socket=/run/pulse/socket auth-anonymous=1" \
    "--load=module-null-sink sink_name=mic rate=48000 channels=2"
"""
SOUND = """[Service]
Environment=PULSE_SERVER=unix:/run/pulse/socket PULSE_SINK=mic PULSE_SOURCE=mic.monitor
Environment=ALSA_CONFIG_PATH=/etc/alsa-pulse.conf
WatchdogSec=3
TimeoutAbortSec=1
"""
ALSA = """</usr/share/alsa/alsa.conf>
pcm.!default { type pulse }
ctl.!default { type pulse }
"""
CONFIG = """models = ["/etc/wakeful/beep.json"]
[chime]
on = false
"""
PLAY = ("env", "PULSE_SERVER=unix:/run/pulse/socket", "PULSE_SINK=mic", "paplay")


@pytest.fixture(scope="module")
def machine(tmp_path_factory, beep_bundle):
    """A booted systemd with our service installed, not started, and a sound server."""
    with booted(tmp_path_factory.mktemp("systemd") / "log") as running:
        running.write("/etc/alsa-pulse.conf", ALSA)
        running.write("/etc/systemd/system/pulse.service", PULSE)
        running.write("/etc/systemd/system/wakeful.service.d/sound.conf", SOUND)
        for file in (beep_bundle, beep_bundle.with_suffix(".tflite")):
            running.write(f"/etc/wakeful/{file.name}", file.read_bytes())
        running.write("/etc/wakeful/wakeful.toml", CONFIG)
        running.run(PROGRAM, "service", "install", "--no-start")
        running.run("systemctl", "start", "pulse")
        yield running


@pytest.fixture(scope="module")
def beep_wav(tmp_path_factory) -> bytes:
    """The test model's word in a file, with a second of silence around it."""
    path = tmp_path_factory.mktemp("sound") / "beep.wav"
    t = np.arange(int(0.18 * 44_100)) / 44_100
    edge = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    word = np.concatenate([np.sin(2 * np.pi * f * t) * edge for f in (700, 1_100)]) * 0.3
    soundfile.write(path, np.r_[np.zeros(44_100), word, np.zeros(44_100)], 44_100)
    return path.read_bytes()


@pytest.fixture
def started(machine: Booted):
    """The same with the service just started, for tests that count its restarts."""
    machine.run("systemctl", "reset-failed", "wakeful", check=False)
    machine.run("systemctl", "restart", "wakeful")
    assert machine.show("NRestarts") == ["0"]
    return machine


def test_the_unit_is_right_and_safe(machine: Booted):
    """`systemd-analyze` has nothing to say against it, and rates its exposure at most 2.0."""
    unit = "/etc/systemd/system/wakeful.service"
    assert machine.run("systemd-analyze", "verify", unit) == ""
    said = machine.run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    assert "Overall exposure level" in said
    assert float(said.rsplit("wakeful.service:", 1)[1].split()[0]) <= 2.0
    assert f"ExecStart={PROGRAM} daemon\n" in machine.run("cat", unit)


def test_it_is_started_once_it_hears(started: Booted):
    """`systemctl start` returns when sound has come; it runs as nobody much, its sockets closed."""
    state, status, user = started.show("ActiveState", "StatusText", "User")
    assert (state, user) == ("active", "wakeful")
    assert status.startswith("listening for beep on mic:")
    listed = started.run("find", "/run/wakeful", "-type", "s", "-printf", "%m %u %f\n").split("\n")
    assert sorted(listed) == ["", "600 wakeful control.sock", "600 wakeful events.sock"]


def test_it_is_woken_through_a_hardened_microphone(started: Booted, beep_wav: bytes):
    """What is played into the virtual microphone wakes the service, in all of its confinement."""
    said = len(started.log())
    started.write("/run/beep.wav", beep_wav)
    started.run(*PLAY, "/run/beep.wav")
    started.wait_for_line("wake beep", said)


def test_a_reload_takes_what_is_right_and_keeps_it_from_what_is_not(
    started: Booted, beep_bundle: Path
):
    """`systemctl reload`: a garbage model changes nothing and is told; the process stays."""
    said, pid = len(started.log()), started.show("MainPID")
    started.run("systemctl", "reload", "wakeful")
    started.wait_for_line("config.reloaded beep", said)
    started.write("/etc/wakeful/beep.tflite", b"garbage")
    said = len(started.log())
    started.run("systemctl", "reload", "wakeful")
    line = started.wait_for_line("config.reloaded failed", said)
    assert "/etc/wakeful/beep" in line
    started.wait_for("StatusText", "not reloaded")
    said = len(started.log())
    started.write("/etc/wakeful/beep.tflite", beep_bundle.with_suffix(".tflite").read_bytes())
    started.wait_for_line("config.reloaded beep", said)
    assert started.show("MainPID", "ActiveState") == [*pid, "active"]


def test_a_kill_brings_it_back(started: Booted):
    """`kill -9`: systemd starts it anew within two seconds, and it listens again."""
    pid = started.show("MainPID")
    before = time.clock_gettime(time.CLOCK_MONOTONIC)
    started.run("kill", "-9", *pid)
    started.wait_for("NRestarts", "1")
    started.wait_for("ActiveState", "active")
    assert started.show("MainPID") != pid
    (began_us,) = started.show("InactiveExitTimestampMonotonic")
    assert int(began_us) / 1e6 - before < 2


def test_one_that_hangs_is_replaced(started: Booted):
    """SIGSTOP for longer than the watchdog waits: another takes its place."""
    said = len(started.log())
    started.run("kill", "-STOP", *started.show("MainPID"))
    started.wait_for("NRestarts", "1", timeout_s=60)
    started.wait_for("ActiveState", "active")
    assert "Watchdog timeout" in started.log()[said:]


def test_deaf_is_not_hung(started: Booted):
    """Without its sound server it says that it is deaf, for longer than the watchdog would wait."""
    started.run("systemctl", "stop", "pulse")
    started.wait_for("StatusText", "deaf: microphone")
    deaf_since = time.monotonic()
    while time.monotonic() - deaf_since < 4:
        assert started.show("ActiveState", "NRestarts") == ["active", "0"]
        time.sleep(0.2)
    started.run("systemctl", "start", "pulse")
    started.wait_for("StatusText", "listening", timeout_s=60)
    assert started.show("NRestarts") == ["0"]


def test_without_a_microphone_the_start_waits(machine: Booted):
    """At a boot that is faster than the sound server the unit is starting, and then started."""
    machine.run("systemctl", "stop", "pulse", "wakeful")
    machine.run("systemctl", "start", "--no-block", "wakeful")
    machine.wait_for("StatusText", "deaf: ")
    assert machine.show("ActiveState") == ["activating"]
    machine.run("systemctl", "start", "pulse")
    machine.wait_for("ActiveState", "active", timeout_s=60)
    assert machine.show("NRestarts") == ["0"]


def test_it_stops_at_once_and_stays_stopped(started: Booted):
    """`systemctl stop`: its `bye` is in the log, and it went well."""
    said = len(started.log())
    started.run("systemctl", "stop", "wakeful")
    assert "bye SIGTERM" in started.log()[said:]
    state, result = started.show("ActiveState", "Result")
    assert (state, result) == ("inactive", "success")


def test_a_wrong_configuration_is_said_once(machine: Booted):
    """It isn't tried again and again: one line says what is wrong and where."""
    machine.run("systemctl", "stop", "wakeful")
    said = len(machine.log())
    machine.write("/etc/wakeful/wakeful.toml", "modles = []\n")
    try:
        machine.run("systemctl", "start", "wakeful", check=False)
        assert machine.show("ActiveState", "NRestarts") == ["failed", "0"]
        assert (
            "wakeful.toml, line 1: modles: unknown key; did you mean models?"
            in (machine.log()[said:])
        )
    finally:
        machine.write("/etc/wakeful/wakeful.toml", CONFIG)


def as_anna(machine: Booted, *command: str, check: bool = True) -> str:
    """Run something as a user who has a systemd of her own."""
    environment = ["HOME=/var/lib/anna", "XDG_RUNTIME_DIR=/run/anna", "TERM=dumb"]
    sound = [part for line in SOUND.splitlines()[1:3] for part in line[12:].split()]
    return machine.run(
        *("runuser", "-u", "anna", "--", "env", "-i", f"PATH={os.defpath}", *environment, *sound),
        *command,
        check=check,
    )


def test_a_user_needs_no_root(machine: Booted):
    """`wakeful service install --user`: started, looked at, and removed by its user alone."""
    machine.run("systemctl", "stop", "wakeful")
    machine.run("useradd", "--system", "--home-dir", "/var/lib/anna", "--create-home", "anna")
    machine.run("install", "-d", "-o", "anna", "-m", "700", "/run/anna")
    environment = ["--setenv=HOME=/var/lib/anna", "--setenv=XDG_RUNTIME_DIR=/run/anna"]
    machine.run(
        *("systemd-run", "--quiet", "--unit=anna", "--uid=anna", "-p", "Delegate=yes"),
        *(*environment, "/lib/systemd/systemd", "--user"),
    )
    machine.run("timeout", "30", "sh", "-c", "until [ -S /run/anna/systemd/private ]; do :; done")
    as_anna(machine, "systemctl", "--user", "import-environment", "PULSE_SERVER", "PULSE_SOURCE")
    as_anna(machine, "systemctl", "--user", "import-environment", "ALSA_CONFIG_PATH")
    said = as_anna(machine, PROGRAM, "service", "install", "--user")
    unit = "/var/lib/anna/.config/systemd/user/wakeful.service"
    assert said.startswith(f"installed: {unit}\n")
    assert "active (running)" in as_anna(machine, PROGRAM, "service", "status", "--user")
    assert as_anna(machine, "systemd-analyze", "--user", "verify", unit) == ""
    as_anna(machine, PROGRAM, "service", "uninstall", "--user")
    assert "removed" not in as_anna(machine, "ls", "/var/lib/anna/.config/systemd/user")
    again = as_anna(machine, PROGRAM, "service", "uninstall", "--user", check=False)
    assert again.strip().endswith(f"{unit}: isn't there, so nothing is installed")


def test_removed_it_leaves_nothing_running(machine: Booted):
    """`wakeful service uninstall`: stopped, its files gone, the settings kept."""
    machine.run("systemctl", "start", "wakeful")
    machine.run(PROGRAM, "service", "uninstall")
    assert machine.show("ActiveState") == ["inactive"]
    for path in ("system/wakeful.service", "system/multi-user.target.wants/wakeful.service"):
        assert "No such file" in machine.run("ls", f"/etc/systemd/{path}", check=False)
    assert machine.run("cat", "/etc/wakeful/wakeful.toml") == CONFIG
