"""Is this tree slower than the last release? In less than two minutes: ``make bench-quick``.

Every figure is a ratio: CPU of a piece of our work to that of a fixed computation which is none of
ours, done just before and just after it in the same process. A busy machine, or another one of the
same kind, slows both. The last release's ratios stand in ``quick.json``; ``--release VERSION``
writes them. Exits with 1 where a ratio is larger by more than `_TOLERANCE`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: one thread for all

import numpy as np
import sound as sounds
from machine import machine
from running import WAKEFUL
from wakeful.daemon.events import Stamp
from wakeful.daemon.many import ManyStreams
from wakeful.daemon.pipeline import Pipeline
from wakeful.daemon.settings import Settings
from wakeful.models.bundle import load_bundle
from wakeful.models.frontend import FrontEnd
from wakeful.models.runtime import TriggerModel

_FIGURES = Path(__file__).with_name("quick.json")
_TOLERANCE = 1.25
_ROUNDS = 11

Work = Callable[[], object]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Compared:
    """A figure of this tree beside the last release's."""

    name: str
    ratio: float
    released: float

    @property
    def change(self) -> float:
        """How many times what it was."""
        return self.ratio / self.released

    @property
    def is_worse(self) -> bool:
        """Beyond what runs differ by."""
        return self.change > _TOLERANCE


def reference() -> Work:
    """What nobody here can make faster or slower: transforms, a product, logarithms, a loop."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(6, 512)).astype(np.float32)
    matrix = rng.normal(size=(257, 40)).astype(np.float32)

    def work() -> float:
        total = 0.0
        for _ in range(400):
            power = np.abs(np.fft.rfft(rows)).astype(np.float32)
            total += float(np.log(power @ matrix + 1e4)[0, 0])
            for value in power[0, :40].tolist():
                total += value
        return total

    return work


def works(model_name: str) -> dict[str, Work]:
    """Pieces of our work, each some tens of milliseconds."""
    model = TriggerModel(load_bundle(model_name))
    config = model.bundle.frontend
    size, frontend = config.block_samples, FrontEnd(config)
    talk, quiet = sounds.speech(None, 10), sounds.room(40)
    blocks = [talk[at : at + size] for at in range(0, len(talk) - size + 1, size)]
    frames = np.zeros((config.block_frames, config.bands), np.float32)

    def heard(sound: sounds.Samples) -> Work:
        pieces = [sound[at : at + size] for at in range(0, len(sound) - size + 1, size)]

        def work() -> None:
            feed = Pipeline(Settings(), [model], Stamp("bench", 0.0)).feed
            for piece in pieces:
                feed(piece)

        return work

    def transformed() -> None:
        state = frontend.new_state()
        for block in blocks:
            frontend.step(state, block)

    def scored() -> None:
        state = model.new_state()
        for _ in range(300):
            model.step(state, frames)

    def together() -> None:
        many = ManyStreams(Settings(), [model], 32)
        many.feed({many.open(Stamp("bench", 0.0)): talk[:16_000] for _ in range(32)})

    return {
        "listening to speech": heard(talk),
        "listening to a quiet room": heard(quiet),
        "front end": transformed,
        "network": scored,
        "32 streams together": together,
    }


def ratios(
    pieces: Mapping[str, Work], fixed: Work, rounds: int, clock: Clock = time.process_time
) -> dict[str, float]:
    """Each piece's cost in units of the fixed computation around it, the median of all rounds."""

    def cost(work: Work) -> float:
        began = clock()
        work()
        return clock() - began

    found: dict[str, list[float]] = {name: [] for name in pieces}
    for work in (*pieces.values(), fixed):
        work()
    for _ in range(rounds):
        before = cost(fixed)
        for name, work in pieces.items():
            took, after = cost(work), cost(fixed)
            found[name].append(2 * took / (before + after))
            before = after
    return {name: statistics.median(values) for name, values in found.items()}


def started(rounds: int) -> dict[str, float]:
    """CPU of ``wakeful --help``, in units of a Python that imports what any command needs."""
    plain = [sys.executable, "-c", "import argparse, json, re, typing"]

    def cost(command: list[str]) -> float:
        before = os.times()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        return sum(after[2:4]) - sum(before[2:4])

    # A process's CPU is told in hundredths of a second: only many of them together tell it.
    help_s, plain_s = (
        sum(cost(command) for _ in range(rounds)) for command in ([str(WAKEFUL), "--help"], plain)
    )
    return {"wakeful --help": help_s / plain_s}


def compared(now: Mapping[str, float], released: Mapping[str, float]) -> list[Compared]:
    """What both know."""
    return [Compared(name, now[name], released[name]) for name in now if name in released]


def line(c: Compared) -> str:
    """One figure as one line."""
    mark = "SLOWER" if c.is_worse else "ok    "
    return f"{mark} {c.name:28} {c.ratio:7.2f}  was {c.released:7.2f}  ({c.change:.2f}×)"


def main() -> int:
    """Measure, compare, say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", default="activate")
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--release", metavar="VERSION", help="write the figures as this release's")
    options = parser.parse_args()
    fixed = reference()
    now = ratios(works(options.model), fixed, options.rounds) | started(2 * options.rounds)
    if options.release:
        rounded = {name: round(ratio, 3) for name, ratio in now.items()}
        kept = {"release": options.release, "machine": machine()["processor"], "ratios": rounded}
        _FIGURES.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")
    released = json.loads(_FIGURES.read_text(encoding="utf-8"))
    found = compared(now, released["ratios"])
    print(
        f"against {released['release']}, on {released['machine']}; in units of a fixed computation"
    )
    print(*map(line, found), sep="\n")
    return 1 if any(c.is_worse for c in found) else 0


if __name__ == "__main__":
    sys.exit(main())
