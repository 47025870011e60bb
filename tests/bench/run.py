"""What listening costs, beside the peers, in one run: ``make bench``.

    make bench ARGS="--speech FOLDER --hours 10 --json bench.json"

Every engine hears the same sound in its natural chunk, on one thread, in turns; CPU time is the
process clock's and of each engine's rounds the median is compared, so that a busy machine slows all
alike. Memory, start-up and growth are measured on the real command in processes of their own. Exits
with 1 when a figure misses what the project demands of itself.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: one thread for all

import sound as sounds
import soundfile
from engines import Engine, Samples, all_engines
from verdict import Verdict, verdict_line

WAKEFUL = Path(sys.executable).with_name("wakeful")


def cpu_per_second(engine: Engine, sound: Samples) -> float:
    """CPU seconds for one second of sound, over one fresh stream."""
    feed, size = engine.open_stream(), engine.chunk_samples
    chunks = [sound[at : at + size] for at in range(0, len(sound) - size + 1, size)]
    began = time.process_time()
    for chunk in chunks:
        feed(chunk)
    return (time.process_time() - began) / (len(chunks) * size / sounds.RATE_HZ)


def in_turns(engines: list[Engine], sound: Samples, rounds: int) -> dict[str, float]:
    """Each engine's median over interleaved rounds."""
    times: dict[str, list[float]] = {engine.name: [] for engine in engines}
    for engine in engines:
        cpu_per_second(engine, sound[: 10 * sounds.RATE_HZ])
    for _ in range(rounds):
        for engine in engines:
            times[engine.name].append(cpu_per_second(engine, sound))
    return {name: statistics.median(values) for name, values in times.items()}


def cost(
    engines: list[Engine], folder: Path | None, seconds: float, rounds: int
) -> dict[str, dict[str, float]]:
    """CPU per second of each kind of sound and engine."""
    kinds = {
        "speech": sounds.speech(folder, seconds),
        "digital silence": sounds.zeros(seconds),
        "quiet room": sounds.room(seconds),
    }
    return {kind: in_turns(engines, sound, rounds) for kind, sound in kinds.items()}


def cost_verdicts(table: dict[str, dict[str, float]]) -> list[Verdict]:
    """Half of pymicro-wakeword's and a quarter of Porcupine's; in silence a tenth of that."""
    speech = table["speech"]
    most = min(0.5 * speech["pymicro-wakeword"], 0.25 * speech["porcupine"])
    micro, porcupine = speech["pymicro-wakeword"], speech["porcupine"]
    ours = speech["wakeful"]
    return [
        Verdict("speech, to pymicro-wakeword", ours / micro, 0.5, "×"),
        Verdict("speech, to porcupine", ours / porcupine, 0.25, "×"),
        *(
            Verdict(f"{kind}, to what speech may cost", table[kind]["wakeful"] / most, 0.1, "×")
            for kind in ("digital silence", "quiet room")
        ),
    ]


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


def growth(engine: Engine, sound: Samples, hours: float, tell: Callable[[str], None]) -> Verdict:
    """How much the memory in use grows from the first tenth of a long stream to its end."""
    feed, second = engine.open_stream(), sounds.RATE_HZ
    total, first = round(hours * 3600), round(hours * 360)
    early_mb = 0.0
    for number in range(total):
        at = number * second % (len(sound) - second)
        feed(sound[at : at + second])
        if number == first:
            early_mb = _used_mb()
        if number % 3600 == 0:
            tell(f"growth: {number // 3600} of {hours:g} h, {_used_mb():.1f} MB")
    return Verdict(
        f"growth of RSS over {hours:g} h at full speed", _used_mb() - early_mb, 0.5, "MB"
    )


def _used_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def grow_in_a_child(model: str, hours: float) -> Verdict:
    """The same in a process of its own, where nothing else has raised the peak."""
    command = [sys.executable, __file__, "--grow-only", "--model", model, "--hours", str(hours)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Verdict(**json.loads(done.stdout.splitlines()[-1]))


def table_lines(table: dict[str, dict[str, float]]) -> Iterable[str]:
    """The costs as rows: microseconds of CPU for a second of sound, and the ratio to ours."""
    names = list(next(iter(table.values())))
    yield "CPU for a second of".ljust(24) + "".join(name.rjust(24) for name in names)
    for kind, row in table.items():
        cells = (
            f"{row[n] * 1e6:8.0f} µs ({row[n] / row['wakeful']:5.1f}×)".rjust(24) for n in names
        )
        yield kind.ljust(24) + "".join(cells)


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--speech", type=Path, help="folder of 16 kHz recordings (default: one sentence)"
    )
    parser.add_argument("--model", default="activate")
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--hours", type=float, default=10.0, help="of sound fed for growth; 0: skip"
    )
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--grow-only", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    """Measure, print, and say whether every demand is met."""
    options = arguments()
    engines = all_engines(options.model)
    if options.grow_only:
        mixed = _mixed(options.speech)
        print(json.dumps(asdict(growth(engines[0], mixed, options.hours, _to_stderr))))
        return 0
    table = cost(engines, options.speech, options.seconds, options.rounds)
    print(*table_lines(table), sep="\n", flush=True)
    verdicts = cost_verdicts(table)
    verdicts += command_verdicts(options.model, sounds.speech(options.speech, options.seconds))
    if options.hours:
        verdicts.append(grow_in_a_child(options.model, options.hours))
    print(*map(verdict_line, verdicts), sep="\n")
    if options.json:
        figures = {
            "machine": platform.processor() or platform.machine(),
            "cpu_s": table,
            "verdicts": [asdict(v) | {"is_met": v.is_met} for v in verdicts],
        }
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0 if all(v.is_met for v in verdicts) else 1


def _mixed(folder: Path | None) -> Samples:
    """Ten minutes of speech and room in turns, so that the gate opens and closes all the time."""
    talk, quiet = sounds.speech(folder, 300), sounds.room(300)
    step = 5 * sounds.RATE_HZ
    for at in range(step, len(talk) - step, 2 * step):
        talk[at : at + step] = quiet[at : at + step]
    return talk


def _to_stderr(line: str) -> None:
    if sys.stderr.isatty():
        print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
