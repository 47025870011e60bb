"""What the whole daemon costs in front of a real sound server: quiet, then somebody talking.

.venv-test/bin/python tests/bench/all_day.py [--seconds 60] [--device plugged] [--speech FOLDER]

CPU as the kernel counts it, for each of the process's threads, as a share of one core; how often
each wakes up; and the machine's load, since on a busy one every waking costs twice as much.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import sound as sounds
from pipe_microphone import PipeMicrophone, pipe_microphone

_STARTS_WITHIN_S = 6.0


class Thread(NamedTuple):
    """What the kernel has counted of one."""

    cpu_s: float
    wakings: int


def threads(process: int) -> dict[str, Thread]:
    """Of each thread, by its number."""
    found = {}
    for task in Path(f"/proc/{process}/task").iterdir():
        run_ns = int((task / "schedstat").read_text().split()[0])
        rows = (task / "status").read_text().splitlines()
        wakings = next(int(row.split()[1]) for row in rows if row.startswith("voluntary_ctxt"))
        found[task.name] = Thread(run_ns / 1e9, wakings)
    return found


def counted(process: int, microphone: PipeMicrophone, sound: sounds.Samples) -> tuple[float, float]:
    """CPU and wakings of all threads in a second of this sound."""
    microphone.play(sound[: 3 * sounds.RATE_HZ])
    before, began_s = threads(process), time.monotonic()
    microphone.play(sound[3 * sounds.RATE_HZ :])
    after, seconds = threads(process), time.monotonic() - began_s
    none = Thread(0.0, 0)
    cpu_s = sum(t.cpu_s - before.get(number, none).cpu_s for number, t in after.items())
    wakings = sum(t.wakings - before.get(number, none).wakings for number, t in after.items())
    return cpu_s / seconds, wakings / seconds


def main() -> None:
    """Print a row for each sound."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--device", default="", help="plugged: through PortAudio and ALSA")
    asked.add_argument("--speech", type=Path, help="sound files to talk with (default: our own)")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as name, pipe_microphone(Path(name)) as microphone:
        config = Path(name) / "wakeful.toml"
        config.write_text(f'[audio]\ndevice = "{given.device}"\n', encoding="utf-8")
        daemon = subprocess.Popen(
            [Path(sys.executable).with_name("wakeful"), "daemon", "--config", config],
            env=microphone.environment,
            stderr=subprocess.DEVNULL,
        )
        try:
            time.sleep(_STARTS_WITHIN_S)
            for label, sound in _scenes(given.seconds, given.speech):
                cpu, wakings = counted(daemon.pid, microphone, sound)
                load = os.getloadavg()[0]
                print(
                    f"{label}: {100 * cpu:.2f} % of a core, {wakings:.0f} wakings a second, "
                    f"load {load:.1f}",
                    flush=True,
                )
        finally:
            daemon.terminate()
            daemon.wait()


def _scenes(seconds: float, speech: Path | None) -> list[tuple[str, sounds.Samples]]:
    return [("quiet", sounds.room(seconds + 3)), ("speech", sounds.speech(speech, seconds + 3))]


if __name__ == "__main__":
    main()
