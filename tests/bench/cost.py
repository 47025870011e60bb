"""What listening costs: CPU by the process clock, memory, start-up, engine beside engine."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sound as sounds
from engines import Samples
from peers import Peer, peers
from verdict import Verdict

Table = dict[str, dict[str, list[float]]]
"""CPU seconds for a second of each kind of sound: engine by engine, round by round."""


def kinds(folder: Path | None, seconds: float) -> dict[str, Samples]:
    """The sounds that every engine is given."""
    return {
        "speech": sounds.speech(folder, seconds),
        "mixed": sounds.mixed(folder, seconds),
        "digital silence": sounds.zeros(seconds),
        "quiet room": sounds.room(seconds),
    }


def cost(
    names: Sequence[str], numpy_1: Path | None, folder: Path | None, seconds: float, rounds: int
) -> dict[str, Any]:
    """Every engine over every kind of sound, in turns, so that a busy machine slows all alike."""
    with tempfile.TemporaryDirectory() as kept, peers(names, numpy_1) as running:
        files = {k: Path(kept, f"{k}.npy") for k in kinds(None, 1)}
        for kind, sound in kinds(folder, seconds).items():
            np.save(files[kind], sound)
        heard = in_turns(running, files, rounds)
        return {
            "seconds": seconds,
            "rounds": rounds,
            "engines": {peer.name: peer.told for peer in running},
            "heard": heard,
        }


def in_turns(
    running: Sequence[Peer], files: Mapping[str, Path], rounds: int
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """What each engine answers to each kind of sound, round by round: all of a round together."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {
        kind: {peer.name: [] for peer in running} for kind in files
    }
    for _ in range(rounds):
        for kind, file in files.items():
            for peer in running:
                found[kind][peer.name].append(peer.cost(file))
    return found


def cpu_table(measured: dict[str, Any]) -> Table:
    """Just the CPU of what `cost` found."""
    return {
        kind: {name: [answer["cpu_s"] for answer in answers] for name, answers in row.items()}
        for kind, row in measured["heard"].items()
    }


def cost_verdicts(table: Table) -> list[Verdict]:
    """Half of pymicro-wakeword's and a quarter of Porcupine's; in silence a tenth of that."""
    speech = table["speech"]
    micro, porcupine = speech["pymicro-wakeword"], speech["porcupine"]
    allowed = ([0.5 * t for t in micro], [0.25 * t for t in porcupine])
    may_cost = min(allowed, key=statistics.median)
    ours = {kind: row["wakeful"] for kind, row in table.items()}
    return [
        _ratio("speech, to pymicro-wakeword", ours["speech"], micro, 0.5),
        _ratio("speech, to porcupine", ours["speech"], porcupine, 0.25),
        *(
            _ratio(f"{kind}, to what speech may cost", ours[kind], may_cost, 0.1)
            for kind in ("digital silence", "quiet room")
        ),
    ]


def _ratio(what: str, ours: Sequence[float], theirs: Sequence[float], limit: float) -> Verdict:
    """Of the medians; between our best round to their worst, and our worst to their best."""
    value = statistics.median(ours) / statistics.median(theirs)
    return Verdict(what, value, limit, "×", (min(ours) / max(theirs), max(ours) / min(theirs)))
