"""Words missed and false accepts, engine beside engine, over the same sound.

    python tests/bench/accuracy.py --recordings DIR --negatives DIR [--noise DIR] --results DIR

`--recordings` holds a folder for each word. Every engine that knows the word hears every recording
clean and a share of them under each condition, then the long sound. What is done is kept in
``RESULTS/accuracy-WORD.jsonl``, a line for each engine and piece of work; the same command goes on
after a stop.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: one thread for all

import numpy as np
from conditions import AFTER, Condition, Said, conditions, noises
from judged import LIMIT_PER_HOUR, Judged
from listeners import Firings, Listener, listeners, narrowed
from talk import talk_in, talk_of
from wakeful.training.corpus import sound_files
from wakeful.training.long_sound import LongFile
from wakeful.training.matching import matched
from wakeful.training.takes import RATE_HZ, Take, read_takes


@dataclass(frozen=True)
class Task:
    """Words under a condition, or a stream without the word, for one engine."""

    engine: str
    what: str


class Record:
    """What has been done, in a file that only grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        self.rows: list[dict[str, Any]] = [json.loads(line) for line in lines]

    def has(self, task: Task) -> bool:
        """Whether it needs not be done again."""
        return any(r["engine"] == task.engine and r["what"] == task.what for r in self.rows)

    def add(self, task: Task, **found: Any) -> None:
        """One more line."""
        row = {"engine": task.engine, "what": task.what, **found}
        self.rows.append(row)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def said_of(take: Take) -> Said:
    """A recording, and where its words are."""
    return Said(take.read()[0], take.words)


def heard_in(said: Said, firings: Firings) -> list[list[bool]]:
    """For each operating point which of the recording's words it hears."""
    windows = [(a, b + AFTER) for a, b in said.spans] or [(0, len(said.samples))]
    return [[m is not None for m in matched(windows, fired)] for fired in firings]


def hear_words(
    condition: Condition,
    takes: Sequence[tuple[int, Take]],
    ears: Sequence[Listener],
    record: Record,
) -> None:
    """Each recording once through the condition, then into every engine that lacks the row."""
    tasks = {ear.engine: Task(ear.engine, condition.name) for ear in ears}
    missing = [ear for ear in ears if not record.has(tasks[ear.engine])]
    counts = {ear.engine: np.zeros(len(ear.points), np.int64) for ear in missing}
    words, seconds = 0, 0.0
    for number, take in takes if missing else ():
        said = condition.heard(said_of(take), number)
        words += take.count
        seconds += len(said.samples) / RATE_HZ
        for ear in missing:
            counts[ear.engine] += np.sum(heard_in(said, ear.hear(said.samples)), axis=1)
    for ear in missing:
        heard = counts[ear.engine].tolist()
        row = {"group": condition.group, "heard": heard, "words": words, "seconds": seconds}
        known = {"points": ear.points, "own": ear.own, "swept": ear.swept}
        record.add(tasks[ear.engine], **known, **row)


def hear_stream(name: str, files: Sequence[LongFile], ears: Sequence[Listener], r: Record) -> None:
    """Long sound without the word: whatever fires, fires falsely."""
    missing = [ear for ear in ears if not r.has(Task(ear.engine, name))]
    if not missing:
        return
    sound, seconds = talk_of(files)
    for ear in missing:
        fired = [len(at) for at in ear.hear(sound)]
        r.add(Task(ear.engine, name), group="negative", fired=fired, seconds=seconds)


def share_of(takes: Sequence[Take], count: int, seed: int = 1) -> list[tuple[int, Take]]:
    """So many recordings, drawn once for all conditions; all of them where there are fewer."""
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(len(takes))[:count]
    return [(int(n), takes[int(n)]) for n in np.sort(drawn)]


def measure(word: str, options: argparse.Namespace) -> Iterator[str]:
    """All of one word; a line about each piece of work as it is done."""
    began = time.monotonic()
    record = Record(options.results / f"accuracy-{word}.jsonl")
    ears = listeners(word)
    takes = read_takes([options.recordings / word]).takes
    talk = [path for folder in options.negatives for path in sound_files(folder)]
    long = talk_in(options.negatives)
    clean, *others = conditions(noises(options.noise, talk))
    hear_words(clean, share_of(takes, len(takes)), ears, record)
    yield f"{word}: {clean.name}, {time.monotonic() - began:.0f} s"
    for number, files in enumerate(long):
        hear_stream(f"negative {number}", files, ears, record)
        yield f"{word}: negative {number + 1}/{len(long)}, {time.monotonic() - began:.0f} s"
    judged = Judged(word, record.rows)
    kept = {e: judged.at(e, "clean", LIMIT_PER_HOUR) for e in judged.engines}
    few = [narrowed(ear, word, at.point if (at := kept[ear.engine]) else None) for ear in ears]
    chosen = share_of(takes, options.clips)
    for condition in others:
        hear_words(condition, chosen, few, record)
        yield f"{word}: {condition.name}, {time.monotonic() - began:.0f} s"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What a measurement of accuracy is told."""
    parser.add_argument("--recordings", type=Path, help="a folder for each word, in one folder")
    parser.add_argument(
        "--negatives", type=Path, action="append", default=[], help="long sound without the words"
    )
    parser.add_argument("--noise", type=Path, help="a folder for each kind, in one folder")
    parser.add_argument(
        "--clips", type=int, default=120, help="recordings for each condition but the clean one"
    )
    parser.add_argument("--words", default="", help="with commas; default: all the folders")


def words_of(options: argparse.Namespace) -> list[str]:
    """Those asked for, or the names of the folders."""
    named: list[str] = options.words.split(",") if options.words else []
    return named or sorted(p.name for p in options.recordings.iterdir() if p.is_dir())


def main() -> None:
    """Measure every word."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser)
    parser.add_argument("--results", type=Path, required=True)
    options = parser.parse_args()
    for word in words_of(options):
        for line in measure(word, options):
            print(line, flush=True)


if __name__ == "__main__":
    main()
