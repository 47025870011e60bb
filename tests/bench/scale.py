"""How many streams of speech without a pause one core bears: together, or in processes apart.

    python tests/bench/scale.py --streams 1,10,50,100,200,400

Each stream hears another part of the same talk. CPU is the process clock's, memory what the process
has grown by, and for processes apart what is theirs alone plus their share of what they have in
common. Every figure is measured in a process of its own, kept to one core.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: one thread for all

import numpy as np
import sound as sounds
from command import used_mb
from engines import Samples
from peers import peers
from wakeful.daemon.events import Stamp
from wakeful.daemon.many import ManyStreams
from wakeful.daemon.settings import Settings
from wakeful.models.bundle import load_bundle
from wakeful.models.runtime import TriggerModel

_TALK_S = 180
_WORK_S = 2000.0
"""So much sound is heard for each figure, by however many streams."""
_WARM_S = 3.0
"""What each of them hears first: its gate finds out how loud the room is."""
_SITTINGS = 3
"""How often each number of streams has its turn, one after the other: a machine's pace changes."""


class Room:
    """So many streams in this process, each at another place of the same talk."""

    def __init__(self, model_name: str, talk: Samples, streams: int) -> None:
        model = TriggerModel(load_bundle(model_name))
        self._talk, self._block = talk, model.bundle.frontend.block_samples
        before_mb = used_mb()
        self._many = ManyStreams(Settings(), [model], streams)
        # As far from each other as can be: any number of them hears the same mixture.
        places = np.arange(streams) * (len(talk) // self._block) // streams * self._block
        self._at = {self._many.open(Stamp("bench", 0.0)): int(at) for at in places}
        for _ in range(math.ceil(_WARM_S / self.block_s)):
            self.hear()
        self.grown_mb = used_mb() - before_mb

    def hear(self) -> None:
        """One block for each stream."""
        size, last = self._block, len(self._talk) - self._block
        self._many.feed({s: self._talk[at : at + size] for s, at in self._at.items()})
        self._at = {s: (at + size if at + size <= last else 0) for s, at in self._at.items()}

    @property
    def block_s(self) -> float:
        """How much sound one round is."""
        return self._block / sounds.RATE_HZ


def together(room: Room, streams: int, rounds: int) -> dict[str, Any]:
    """CPU for a second of one stream, round by round, and what all of them weigh."""
    turns = max(10, round(_WORK_S / streams / room.block_s / rounds))
    times = []
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(turns):
            room.hear()
        times.append((time.process_time() - began) / (turns * room.block_s * streams))
    return {"streams": streams, "cpu_s": times, "grown_mb": room.grown_mb}


def in_real_time(room: Room, streams: int, seconds: float) -> dict[str, Any]:
    """The same as sound comes: what share of the core it takes, and how late a round ends."""
    late_s, cpu = [], time.process_time()
    began = time.monotonic()
    for turn in range(1, round(seconds / room.block_s) + 1):
        due = began + turn * room.block_s
        time.sleep(max(0.0, due - time.monotonic()))
        room.hear()
        late_s.append(time.monotonic() - due)
    share = (time.process_time() - cpu) / (time.monotonic() - began)
    high = float(np.quantile(late_s, 0.99))
    return {
        "streams": streams,
        "share": share,
        "median_s": statistics.median(late_s),
        "p99_s": high,
    }


def apart(count: int, talk: Samples) -> dict[str, Any]:
    """So many processes with a stream each: their CPU, and their memory without counting twice."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        file = Path(folder, "talk.npy")
        np.save(file, talk[: 30 * sounds.RATE_HZ])
        running = stack.enter_context(peers(["wakeful"] * count, None))
        times = [peer.cost(file)["cpu_s"] for peer in running]
        return {"streams": count, "cpu_s": times, "pss_mb": sum(p.pss_mb() for p in running)}


def child(streams: int, kind: str, options: argparse.Namespace) -> dict[str, Any]:
    """One figure from a fresh process."""
    command = [sys.executable, __file__, "--one", f"{kind}:{streams}", "--model", options.model]
    command += ["--speech", str(options.speech)] if options.speech else []
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def one(options: argparse.Namespace) -> dict[str, Any]:
    """What such a process measures."""
    kind, streams = options.one.split(":")[0], int(options.one.split(":")[1])
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    room = Room(options.model, sounds.speech(options.speech, _TALK_S), streams)
    if kind == "real-time":
        return in_real_time(room, streams, 20.0)
    return together(room, streams, 5)


def scale(options: argparse.Namespace, counts: Sequence[int]) -> dict[str, Any]:
    """The curve together, the curve apart, and as many as fit as sound comes."""
    talk = sounds.speech(options.speech, _TALK_S)
    sittings = [[child(n, "together", options) for n in counts] for _ in range(_SITTINGS)]
    return {
        "together": [
            rows[0] | {"cpu_s": [s for row in rows for s in row["cpu_s"]]}
            for rows in zip(*sittings, strict=True)
        ],
        "apart": [apart(n, talk) for n in (1, 4, 8, 16)],
        "real_time": [child(n, "real-time", options) for n in counts if n >= 100],
    }


def counts_of(text: str) -> list[int]:
    """Numbers with commas."""
    return [int(n) for n in text.split(",")]


def main() -> None:
    """Print everything as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--speech", type=Path, help="folder of 16 kHz recordings")
    parser.add_argument("--model", default="activate")
    parser.add_argument("--streams", type=counts_of, default=counts_of("1,10,50,100,200,400"))
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    print(json.dumps(one(options) if options.one else scale(options, options.streams)))


if __name__ == "__main__":
    main()
