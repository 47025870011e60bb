"""A real sound server without hardware: PulseAudio with a null sink whose monitor is a microphone.

Private to the test: its own runtime folder, socket and configuration. PortAudio reaches it as it
does on a desktop, through ALSA's pulse plugin; under another name than the default one, since that
is reached without PortAudio.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ALSA = """</usr/share/alsa/alsa.conf>
pcm.!default { type pulse }
pcm.plugged { type pulse }
ctl.!default { type pulse }
"""
_PLUGINS = ("/usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so", "/usr/lib64/alsa-lib/*pulse.so")


WAYS = {"PulseAudio": "", "PortAudio": "plugged"}
"""The name under which a microphone is asked for, to be reached that way."""


@dataclass(frozen=True)
class SoundServer:
    """A running server: what a program needs in its environment, and how to play to it."""

    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    def play(self, path: Path) -> None:
        """Play a sound file into the microphone, to its end."""
        subprocess.run(["paplay", str(path)], env=self.environment, check=True, timeout=60)


def missing() -> str:
    """Why there can be no sound server here; empty when there can."""
    for program in ("pulseaudio", "paplay", "pactl"):
        if not shutil.which(program):
            return f"{program} is not installed (apt install pulseaudio pulseaudio-utils)"
    if not any(list(Path("/").glob(pattern[1:])) for pattern in _PLUGINS):
        return "ALSA's pulse plugin is not installed (apt install libasound2-plugins)"
    return ""


@contextmanager
def sound_server(folder: Path, rate_hz: int = 48_000, channels: int = 2) -> Iterator[SoundServer]:
    """Start one in an empty folder; it has ended when the context has."""
    environment = _environment(folder)
    sink = f"module-null-sink sink_name=mic rate={rate_hz} channels={channels}"
    command = [
        *("pulseaudio", "-n", "--exit-idle-time=-1", "--daemonize=no", "--use-pid-file=no"),
        f"--load=module-native-protocol-unix socket={folder}/socket",
        f"--load={sink}",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_until_up(environment, process)
        yield SoundServer(environment, process)
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _environment(folder: Path) -> dict[str, str]:
    run, home, alsa = folder / "run", folder / "home", folder / "alsa.conf"
    run.mkdir(mode=0o700)
    home.mkdir()
    alsa.write_text(_ALSA)
    return os.environ | {
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(run),
        "PULSE_RUNTIME_PATH": str(run / "pulse"),
        "PULSE_SERVER": f"unix:{folder}/socket",
        "PULSE_SINK": "mic",
        "PULSE_SOURCE": "mic.monitor",
        "ALSA_CONFIG_PATH": str(alsa),
    }


def _wait_until_up(environment: dict[str, str], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        assert process.poll() is None, "the sound server ended at once; see its log"
        asked = subprocess.run(
            ["pactl", "list", "short", "sources"], env=environment, capture_output=True, check=False
        )
        if b"mic.monitor" in asked.stdout:
            return
        time.sleep(0.1)
    raise TimeoutError("the sound server did not come up within 20 s")
