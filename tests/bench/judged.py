"""What an accuracy record says: operating points of each engine, under each condition."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rates import Operating, equal_error, within

LIMITS_PER_HOUR = (0.5, 1.0, 2.0, 5.0)
LIMIT_PER_HOUR = 1.0
"""What the conditions are compared at."""


@dataclass(frozen=True)
class Judged:
    """One word: who was asked, through what, and with what outcome."""

    word: str
    rows: list[dict[str, Any]]

    @property
    def engines(self) -> list[str]:
        """Those with a clean row and negatives, ours first."""
        names = dict.fromkeys(r["engine"] for r in self.rows if r["what"] == "clean")
        return [n for n in names if self._of(n, "negative")]

    @property
    def conditions(self) -> list[tuple[str, str]]:
        """(name, group), in the order in which they were heard."""
        rows = [r for r in self.rows if r["group"] != "negative"]
        return list(dict.fromkeys((r["what"], r["group"]) for r in rows))

    @property
    def hours(self) -> float:
        """Of sound without the word."""
        return float(sum(r["seconds"] for r in self._of(self.engines[0], "negative"))) / 3600

    def words(self, condition: str) -> int:
        """How many were said."""
        return int(next(r["words"] for r in self.rows if r["what"] == condition))

    def points(self, engine: str, condition: str = "clean") -> list[Operating]:
        """Every operating point, of rising strictness."""
        negative = self._of(engine, "negative")
        fired = np.sum([r["fired"] for r in negative], axis=0).tolist()
        seconds = sum(r["seconds"] for r in negative)
        (row,) = [r for r in self.rows if r["engine"] == engine and r["what"] == condition]
        return [
            Operating(p, h, row["words"], f, seconds)
            for p, h, f in zip(row["points"], row["heard"], fired, strict=True)
        ]

    def at(self, engine: str, condition: str, per_hour: float) -> Operating | None:
        """The point that keeps to a limit on the negatives, under a condition."""
        clean = within(self.points(engine), per_hour)
        return clean and self.same(engine, condition, clean.point)

    def same(self, engine: str, condition: str, point: float) -> Operating:
        """One operating point under a condition."""
        return next(o for o in self.points(engine, condition) if o.point == point)

    def own(self, engine: str, condition: str = "clean") -> Operating:
        """The point that it is shipped with."""
        (row,) = [r for r in self.rows if r["engine"] == engine and r["what"] == "clean"]
        return self.same(engine, condition, row["own"])

    def equal_error(self, engine: str) -> float | None:
        """On clean words."""
        return equal_error(self.points(engine))

    def _of(self, engine: str, group: str) -> list[dict[str, Any]]:
        return [r for r in self.rows if r["engine"] == engine and r["group"] == group]


def read_judged(results: Path) -> list[Judged]:
    """Every word that was measured, by name."""
    found = []
    for path in sorted(results.glob("accuracy-*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines()
        found.append(Judged(path.stem.partition("-")[2], [json.loads(line) for line in lines]))
    return [judged for judged in found if judged.engines]


@dataclass(frozen=True)
class Loss:
    """Where somebody else misses fewer words."""

    word: str
    condition: str
    engine: str
    ours: Operating
    theirs: Operating

    @property
    def is_sure(self) -> bool:
        """Whether the intervals lie apart."""
        return self.ours.miss_interval[0] > self.theirs.miss_interval[1]


def losses(judged: Judged) -> list[Loss]:
    """At `LIMIT_PER_HOUR`, the largest first: of each condition the best of those before us."""
    found = []
    others: Sequence[str] = [e for e in judged.engines if e != "wakeful"]
    for condition, _ in judged.conditions:
        ours = judged.at("wakeful", condition, LIMIT_PER_HOUR)
        rivals = [(e, judged.at(e, condition, LIMIT_PER_HOUR)) for e in others]
        better = [(e, o) for e, o in rivals if o and ours and o.miss_rate < ours.miss_rate]
        if ours and better:
            engine, best = min(better, key=lambda pair: pair[1].miss_rate)
            found.append(Loss(judged.word, condition, engine, ours, best))
    return sorted(found, key=lambda loss: loss.theirs.miss_rate - loss.ours.miss_rate)
