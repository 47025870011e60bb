"""Side by side with the peers, in one command: ``make bench``.

    make bench ARGS="--speech FOLDER --recordings FOLDER --negatives FOLDER --noise FOLDER"

What it costs (`cost`), the real command (`command`), many streams (`scale`), how often each engine
wakes to its own word where nobody says it (`own`, where there is such sound), words missed and
false accepts (where there are recordings), and the page that is made of it all. Each part's figures
are kept in RESULTS as they are done: the same command goes on after a stop, ``--again PART``
measures a part anew, ``--more`` the cost once more beside what was measured before. Exits with 1
when a figure misses what the project demands of itself.

    make bench ARGS="--speech FOLDER --check"

measures the cost alone, and tells of each ratio whether it comes out within the range that the page
states; exits with 1 where one doesn't. Nothing is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: one thread for all

import accuracy
import sound as sounds
from command import command_verdicts, growth
from cost import cost, cost_verdicts, joined
from machine import machine
from own_words import own_words
from peers import available
from scale import counts_of, scale
from stated import beside, state, stated, stated_lines
from verdict import Verdict, verdict_line
from wakeful.models.whole_file import write_whole

_ROOT = Path(__file__).parents[2]
_NUMPY_1 = _ROOT / ".venv-bench-numpy1" / "bin" / "python"


def measure_cost(options: argparse.Namespace) -> dict[str, Any]:
    """Every engine that can be run here; a peer that can't is named."""
    names = available(options.numpy_1)
    return cost(names, options.numpy_1, options.speech, options.seconds, options.rounds)


def measure_command(options: argparse.Namespace) -> dict[str, Any]:
    """Of the installed command, each demand and what came of it."""
    verdicts = command_verdicts(options.model, sounds.speech(options.speech, options.seconds))
    if options.hours:
        verdicts.append(grow_in_a_child(options))
    return {"verdicts": [asdict(v) for v in verdicts]}


def grow_in_a_child(options: argparse.Namespace) -> Verdict:
    """In a process of its own, where nothing else has raised the peak."""
    command = [sys.executable, __file__, "--grow-only", "--model", options.model]
    command += ["--hours", str(options.hours)]
    command += ["--speech", str(options.speech)] if options.speech else []
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Verdict(**json.loads(done.stdout.splitlines()[-1]))


def measure_scale(options: argparse.Namespace) -> dict[str, Any]:
    """The curves of `scale`."""
    return scale(options, options.streams)


def measure_own(options: argparse.Namespace) -> dict[str, Any]:
    """False accepts of each engine's own word."""
    return own_words(available(options.numpy_1), options.numpy_1, options.negatives)


PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "cost": measure_cost,
    "command": measure_command,
    "scale": measure_scale,
    "own": measure_own,
}


def kept(part: str, options: argparse.Namespace) -> dict[str, Any]:
    """A part's figures: those of an earlier run, or measured now and kept."""
    path = options.results / f"{part}.json"
    is_kept = path.is_file() and part not in options.again
    earlier = json.loads(path.read_text(encoding="utf-8")) if is_kept else None
    if earlier and not (options.more and part == "cost"):
        return dict(earlier)
    _tell(f"{part}: measuring")
    before = machine()
    found = PARTS[part](options) | {"before": before, "after": machine()}
    if earlier:
        found = joined(earlier, found)
    options.results.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(found, indent=1).encode() + b"\n")
    return found


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--speech", type=Path, help="folder of 16 kHz recordings (default: one sentence)"
    )
    accuracy.add_arguments(parser)
    parser.add_argument("--model", default="activate", help="whose cost is measured")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each kind of sound")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--hours", type=float, default=10.0, help="of sound fed for growth; 0: skip"
    )
    parser.add_argument("--streams", type=counts_of, default=counts_of("1,10,50,100,200,400"))
    parser.add_argument("--numpy-1", type=Path, default=_NUMPY_1, help="python for openwakeword")
    parser.add_argument("--results", type=Path, default=_ROOT / "build" / "bench")
    parser.add_argument("--again", action="append", default=[], choices=[*PARTS])
    parser.add_argument(
        "--more", action="store_true", help="measure the cost once more, and count all its rounds"
    )
    parser.add_argument(
        "--check", action="store_true", help="only: are the ratios here those that the page states?"
    )
    parser.add_argument("--note", default="", help="what a reader must know of this run's sound")
    parser.add_argument("--page", type=Path, help="write the page and its pictures beside it")
    parser.add_argument("--grow-only", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def check(options: argparse.Namespace) -> int:
    """One sitting of the cost, held against what the page states; 1 where a ratio lies beside."""
    verdicts, ranges = cost_verdicts(measure_cost(options)), stated()
    print(*stated_lines(verdicts, ranges), sep="\n")
    return 1 if beside(verdicts, ranges) else 0


def main() -> int:
    """Measure, print, write the page, and say whether every demand is met."""
    options = arguments()
    if options.grow_only:
        print(json.dumps(asdict(growth(options.model, options.speech, options.hours, _tell))))
        return 0
    if options.check:
        return check(options)
    parts = [part for part in PARTS if part != "own" or options.negatives]
    found = {part: kept(part, options) for part in parts}
    for word in accuracy.words_of(options) if options.recordings else ():
        for line in accuracy.measure(word, options):
            _tell(line)
    verdicts = cost_verdicts(found["cost"])
    verdicts += [Verdict(**v) for v in found["command"]["verdicts"]]
    print(*map(verdict_line, verdicts), sep="\n")
    if options.page:
        from page import write_page

        write_page(options, verdicts)
        state(verdicts)
    return 0 if all(v.is_met for v in verdicts) else 1


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
