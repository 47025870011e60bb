"""What the real command costs: its memory, its start, and whether it grows."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import sound as sounds
import soundfile
from engines import Samples, wakeful
from running import WAKEFUL
from verdict import Verdict

_TELLING = """
import atexit, re, resource, sys
def tell():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    peak_kb = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]
    print(usage.ru_utime + usage.ru_stime, int(peak_kb) / 1024, file=sys.stderr)
atexit.register(tell)
from wakeful.daemon.cli import main
main()
"""


def child(arguments: list[str]) -> tuple[float, float]:
    """CPU seconds and peak RSS in MB of the `wakeful` command, told by itself as it ends.

    The peak is the process's own: what `wait4` reports counts the parent's before the exec.
    """
    command = [sys.executable, "-c", _TELLING, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    cpu_s, peak_mb = done.stderr.splitlines()[-1].split()
    return float(cpu_s), float(peak_mb)


def wall(command: list[str], rounds: int = 7) -> float:
    """Median wall seconds of a command."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def command_verdicts(model: str, sound: Samples) -> list[Verdict]:
    """`wakeful listen` on a file, `wakeful --help`, and the CPU until it is ready."""
    with tempfile.TemporaryDirectory() as folder:
        long, short = Path(folder, "long.wav"), Path(folder, "short.wav")
        soundfile.write(long, sound, sounds.RATE_HZ)
        soundfile.write(short, sound[:1_600], sounds.RATE_HZ)
        listen = ["listen", "--model", model, "--json", "--input"]
        _, rss_mb = child([*listen, str(long)])
        ready_s = min(child([*listen, str(short)])[0] for _ in range(5))
    return [
        Verdict("peak RSS of listen on a file", rss_mb, 60, "MB"),
        Verdict("CPU until listen is ready", ready_s, 0.6, "s"),
        Verdict("wakeful --help", wall([str(WAKEFUL), "--help"]), 0.15, "s"),
    ]


def growth(model: str, folder: Path | None, hours: float, tell: Callable[[str], None]) -> Verdict:
    """How much the memory in use grows from the first tenth of a long stream to its end."""
    feed, second = wakeful(model).open_stream(), sounds.RATE_HZ
    sound = sounds.mixed(folder, 300)
    total, first = round(hours * 3600), round(hours * 360)
    early_mb = 0.0
    for number in range(total):
        at = number * second % (len(sound) - second)
        feed(sound[at : at + second])
        if number == first:
            early_mb = used_mb()
        if number % 3600 == 0:
            tell(f"growth: {number // 3600} of {hours:g} h, {used_mb():.1f} MB")
    return Verdict(f"growth of RSS over {hours:g} h at full speed", used_mb() - early_mb, 0.5, "MB")


def used_mb() -> float:
    """What this process has in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * resource.getpagesize() / 2**20
