"""What listening costs: CPU by the process clock, memory, start-up, engine beside engine."""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sound as sounds
from engines import Samples
from peers import Peer, peers
from verdict import Verdict

_BEYOND = 0.1
"""Of a ratio: by so much it differs between days and cores, besides what sittings differ by."""

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
            "rounds": [rounds],
            "sittings": [time.strftime("%Y-%m-%d %H:%M")],
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


def joined(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """The rounds of two sittings in one; the engines as they were at the later one."""
    if missing := earlier["engines"].keys() ^ later["engines"].keys():
        raise SystemExit(
            f"bench: {', '.join(sorted(missing))} ran in one sitting and not in the other; "
            "--again cost begins anew"
        )
    if earlier["seconds"] != later["seconds"]:
        raise SystemExit("bench: the sittings were of other lengths; --again cost begins anew")
    heard = {
        kind: {name: earlier["heard"][kind][name] + answers for name, answers in row.items()}
        for kind, row in later["heard"].items()
    }
    return later | {
        "rounds": earlier["rounds"] + later["rounds"],
        "sittings": earlier["sittings"] + later["sittings"],
        "heard": heard,
    }


def cost_verdicts(measured: dict[str, Any]) -> list[Verdict]:
    """Half of pymicro-wakeword's and a quarter of Porcupine's; in silence a tenth of that."""
    table, rounds = cpu_table(measured), measured["rounds"]
    speech = table["speech"]
    micro, porcupine = speech["pymicro-wakeword"], speech["porcupine"]
    may_cost = [min(0.5 * m, 0.25 * p) for m, p in zip(micro, porcupine, strict=True)]
    ours = {kind: row["wakeful"] for kind, row in table.items()}
    return [
        _ratio("speech, to pymicro-wakeword", ours["speech"], micro, 0.5, rounds),
        _ratio("speech, to porcupine", ours["speech"], porcupine, 0.25, rounds),
        *(
            _ratio(f"{kind}, to what speech may cost", ours[kind], may_cost, 0.1, rounds)
            for kind in ("digital silence", "quiet room")
        ),
    ]


def _ratio(
    what: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    limit: float,
    rounds: Sequence[int],
) -> Verdict:
    """Round by round, since a machine's pace changes between them: the median of all.

    Another sitting's median should lie between what those of the sittings here were, and a little
    beyond: a single round that something else disturbed widens no range.
    """
    ratios = [o / t for o, t in zip(ours, theirs, strict=True)]
    in_turn = iter(ratios)
    medians = [statistics.median(itertools.islice(in_turn, n)) for n in rounds]
    between = min(medians) * (1 - _BEYOND), max(medians) * (1 + _BEYOND)
    return Verdict(what, statistics.median(ratios), limit, "×", between)
