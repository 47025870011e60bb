"""What an accuracy record says: operating points of each engine, under each condition."""

from __future__ import annotations

import json
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
        there = [n for n in names if self._of(n, "negative")]
        return sorted(there, key=lambda name: name != "wakeful")

    @property
    def conditions(self) -> list[tuple[str, str]]:
        """(name, group): clean, what is no noise, then kind by kind from faint to loud."""
        rows = [r for r in self.rows if r["group"] != "negative"]
        found = dict.fromkeys((r["what"], r["group"]) for r in rows)
        return sorted(found, key=_place)

    @property
    def noises(self) -> list[str]:
        """The kinds of noise."""
        return list(dict.fromkeys(group for name, group in self.conditions if name.endswith(" dB")))

    @property
    def hours(self) -> float:
        """Of sound without the word."""
        return float(sum(r["seconds"] for r in self._of(self.engines[0], "negative"))) / 3600

    def words(self, condition: str) -> int:
        """How many were said."""
        return int(next(r["words"] for r in self.rows if r["what"] == condition))

    def points(self, engine: str, condition: str = "clean") -> list[Operating]:
        """Every operating point that was asked under a condition, of rising strictness."""
        negative = self._of(engine, "negative")
        total = np.sum([r["fired"] for r in negative], axis=0).tolist()
        fired = dict(zip(self._row(engine, "clean")["points"], total, strict=True))
        seconds = sum(r["seconds"] for r in negative)
        row = self._row(engine, condition)
        return [
            Operating(p, h, row["words"], fired[p], seconds)
            for p, h in zip(row["points"], row["heard"], strict=True)
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
        return self.same(engine, condition, self._row(engine, "clean")["own"])

    def equal_error(self, engine: str) -> float | None:
        """On clean words."""
        return equal_error(self.points(engine))

    def _row(self, engine: str, what: str) -> dict[str, Any]:
        (row,) = [r for r in self.rows if r["engine"] == engine and r["what"] == what]
        return row

    def _of(self, engine: str, group: str) -> list[dict[str, Any]]:
        return [r for r in self.rows if r["engine"] == engine and r["group"] == group]


def _place(condition: tuple[str, str]) -> tuple[bool, bool, str, int]:
    name, group = condition
    is_noise = name.endswith(" dB")
    snr_db = int(name.split()[-2]) if is_noise else 0
    return name != "clean", is_noise, group, -snr_db


def read_judged(results: Path) -> list[Judged]:
    """Every word that was measured, by name."""
    found = []
    for path in sorted(results.glob("accuracy-*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines()
        found.append(Judged(path.stem.partition("-")[2], [json.loads(line) for line in lines]))
    return [judged for judged in found if judged.engines]


@dataclass(frozen=True)
class Loss:
    """Where somebody else misses fewer words, each at the point that keeps to a limit."""

    word: str
    condition: str
    per_hour: float
    engine: str
    ours: Operating
    theirs: Operating

    @property
    def is_sure(self) -> bool:
        """Whether the intervals lie apart."""
        return self.ours.miss_interval[0] > self.theirs.miss_interval[1]


def losses(judged: Judged) -> list[Loss]:
    """What is sure first, then the largest: clean at every limit, all else at one of them."""
    asked = [("clean", limit) for limit in LIMITS_PER_HOUR]
    asked += [(name, LIMIT_PER_HOUR) for name, _ in judged.conditions if name != "clean"]
    found = [_loss(judged, condition, limit) for condition, limit in asked]
    lost = [loss for loss in found if loss]
    return sorted(lost, key=lambda x: (not x.is_sure, x.theirs.miss_rate - x.ours.miss_rate))


def _loss(judged: Judged, condition: str, per_hour: float) -> Loss | None:
    """The best of those before us, if anybody is."""
    ours = judged.at("wakeful", condition, per_hour)
    others = [(e, judged.at(e, condition, per_hour)) for e in judged.engines if e != "wakeful"]
    rivals = [(e, o) for e, o in others if o]
    if not rivals:
        return None
    engine, best = min(rivals, key=lambda pair: pair[1].miss_rate)
    ours = ours or Operating(1.0, 0, best.words, 0, best.seconds)
    lost = best.miss_rate < ours.miss_rate
    return Loss(judged.word, condition, per_hour, engine, ours, best) if lost else None
