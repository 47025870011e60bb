"""The tables of a training's report: what was asked for, what was heard, what came of it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..synth.clips import KINDS
from ..synth.page import Markup, columns, table, tag
from .calibrate import Calibration
from .corpus import rows_of
from .export import Weights
from .matching import interval
from .measure import Point
from .pace import Pace
from .worst import NearWord


def flattened(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Every value of a tree with the way to it: ``first_fit.epochs``, ``6``."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from flattened(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", json.dumps(value, ensure_ascii=False)


def pace_told(pace: Pace | None, clips_were_made: bool) -> str:
    """How fast the machine was when the run was planned."""
    if pace is None:
        return "not kept"
    told = f"{pace.mixed_per_s:.0f} examples mixed, {pace.fitted_per_s:.0f} fitted a second"
    return f"{pace.clips_per_s:.1f} clips, {told}" if clips_were_made else told


def clips_table(clips: Sequence[Path]) -> Markup:
    """How many clips of each kind which engine spoke, under which licence."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for kind in KINDS:
        for _, row in rows_of(clips, kind):
            key = str(row.get("engine", "unknown")), str(row.get("licence", "not stated"))
            found[key][kind] += 1
    rows = [(*key, *(str(counts[kind]) for kind in KINDS)) for key, counts in sorted(found.items())]
    return columns("Clips by engine", ("engine", "licence", *KINDS), rows)


def voices_table(clips: Sequence[Path]) -> Markup:
    """How many different voices of each kind are learned from, and how many measured with."""
    heard: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for kind in KINDS:
        for _, row in rows_of(clips, kind):
            voice = str(row.get("engine", "")), str(row.get("voice", row["file"]))
            heard[str(row.get("split", "unknown")), kind].add(voice)
    splits = sorted({split for split, _ in heard})
    rows = [(s, *(str(len(heard.get((s, kind), ()))) for kind in KINDS)) for s in splits]
    return columns("Voices by split", ("split", *KINDS), rows)


def dropped_table(dropped: Mapping[str, Mapping[str, int]]) -> Markup:
    """Why takes were of no use."""
    reasons = sorted({reason for counts in dropped.values() for reason in counts})
    rows = [(r, *(str(dropped.get(kind, {}).get(r, 0)) for kind in KINDS)) for r in reasons]
    return columns("Takes dropped", ("reason", *KINDS), rows)


def points_table(tried: Mapping[Weights, Calibration], own: Point) -> Markup:
    """What each form of the step misses where it keeps to a limit, and at the chosen threshold."""
    rows = [
        (f"{limit} an hour, {weights}", *_cells(point, found.words))
        for weights, found in tried.items()
        for limit, point in found.at.items()
    ]
    words = next(found.words for found in tried.values())
    head = ("keeping to", "threshold", "missed", "19 times of 20", "false accepts an hour")
    chosen = ("the chosen threshold", *_cells(own, words))
    return columns("Missed at so many false accepts", head, [*rows, chosen], wide=True)


def _cells(point: Point, words: int) -> tuple[str, str, str, str]:
    low, high = interval(round(point.miss_rate * words), words)
    return (
        f"{point.threshold:.5g}",
        f"{100 * point.miss_rate:.1f} %",
        f"{100 * low:.1f} to {100 * high:.1f} %",
        f"{point.false_accepts_per_hour:.2f}",
    )


def near_table(found: Sequence[NearWord], most: int) -> Markup:
    """The texts that fire most."""
    rows = [(w.text, f"{w.fired} of {w.said}", f"{w.highest:.3f}") for w in found[:most]]
    return columns("Near words that fire", ("text", "fires", "highest score"), rows)


def recipe_table(recipe: Mapping[str, Any]) -> Markup:
    """Every setting of the run, folded away."""
    told = table("Recipe", list(flattened(recipe)))
    return tag("details", tag("summary", "The recipe, whole"), told)
