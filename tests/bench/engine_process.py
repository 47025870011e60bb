"""One engine in a process of its own, under the interpreter that it needs.

    python engine_process.py NAME

Says on its standard output in a line of JSON what it cost to get ready, then takes lines on its
standard input, a question and the path of a ``.npy`` of int16 at 16 kHz: what a fresh stream of
that sound costs (`cost`), or where it fires (`fires`). CPU is the process clock's, all threads
together, kept to one core.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # before numpy

import numpy as np
from engines import ENGINES, Engine, Samples

RATE_HZ = 16_000
_WARM_S = 2
"""What a fresh stream hears before the clock starts: some fill a window first, at some cost."""
_LEAST_CPU_S = 0.1
"""So much is timed, the sound over and over if need be: a quiet minute takes some of them 4 ms, of
which a good part is what had to be fetched again after the others."""


def fires(engine: Engine, sound: Samples) -> dict[str, Any]:
    """At the end of which chunks, in samples."""
    feed, size = engine.open_stream(), engine.chunk_samples
    return {"fires": [size * n for n, chunk in enumerate(cut(engine, sound), 1) if feed(chunk)]}


def cut(engine: Engine, sound: Samples) -> list[Samples]:
    """As the engine likes it."""
    size = engine.chunk_samples
    return [sound[at : at + size] for at in range(0, len(sound) - size + 1, size)]


def cost(engine: Engine, sound: Samples) -> dict[str, Any]:
    """CPU seconds for a second of sound, and the chunk that took longest of another such stream."""
    size, chunks = engine.chunk_samples, cut(engine, sound)
    warm = _WARM_S * RATE_HZ // size
    feed = engine.open_stream()
    for chunk in chunks[:warm]:
        feed(chunk)
    timed, heard, took_s = chunks[warm:], 0, 0.0
    while took_s < _LEAST_CPU_S:
        began = time.process_time()
        for chunk in timed:
            feed(chunk)
        took_s += time.process_time() - began
        heard += len(timed) * size
    return {
        "cpu_s": took_s / (heard / RATE_HZ),
        "worst_chunk_ms": worst_chunk_ms(engine, chunks, warm),
        "peak_rss_mb": peak_rss_mb(),
    }


def worst_chunk_ms(engine: Engine, chunks: list[Samples], warm: int) -> float:
    """CPU of the dearest chunk of a stream: what it may be late by, on a machine with no time."""
    feed, worst_s = engine.open_stream(), 0.0
    for number, chunk in enumerate(chunks):
        began = time.process_time()
        feed(chunk)
        if number >= warm:
            worst_s = max(worst_s, time.process_time() - began)
    return 1_000 * worst_s


def peak_rss_mb() -> float:
    """The most that this process has had in memory, by its own account."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    peak = re.search(r"VmHWM:\s+(\d+)", status)
    return int(peak[1]) / 1024 if peak else 0.0


def ready(name: str) -> tuple[Engine, dict[str, Any]]:
    """The engine, having heard its first two seconds, and what that took since the exec."""
    engine = ENGINES[name]()
    feed, size = engine.open_stream(), engine.chunk_samples
    for _ in range(_WARM_S * RATE_HZ // size):
        feed(np.zeros(size, np.int16))
    told = {
        "name": engine.name,
        "word": engine.word,
        "version": version(engine.package),
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "chunk_samples": size,
        "ready_cpu_s": time.process_time(),
    }
    return engine, told


def main() -> None:
    """Answer until the input ends. The engines' own talk must not get between the answers."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    engine, told = ready(sys.argv[1])
    print(json.dumps(told), file=answers)
    for line in sys.stdin:
        question, path = line.rstrip("\n").split(" ", 1)
        answer = {"cost": cost, "fires": fires}[question]
        print(json.dumps(answer(engine, np.load(path))), file=answers)


if __name__ == "__main__":
    main()
