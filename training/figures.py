"""An evaluation in figures: one JSON object for programs, a table for a person."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..synth.levels import SILENT_DBFS
from .evaluate import Evaluation
from .examiner import Offence, WordHeard
from .matching import Counted, interval

_WORST_TOLD = 5
_WORST_LISTED = 20


def figures(e: Evaluation) -> dict[str, Any]:
    """The object that ``--json`` prints. What could not be measured is null."""
    noise = e.material.backdrop
    return {
        "engine": "wakeful",
        "model": e.bundle.name,
        "word": e.bundle.manifest.labels[0],
        "positives": len(e.words),
        "negative_hours": round(e.hours, 4),
        "points": [_point(p) for p in e.points],
        "at": {limit: p and _point(p) for limit, p in e.at().items()},
        "latency_ms": latency_ms(e),
        "threshold": _point(e.own) | {"elsewhere": e.elsewhere},
        "gate_open": {
            "positives": round(e.awake["positives"], 4),
            "negatives": round(e.awake["negatives"], 4) if e.hours else None,
        },
        "noise": {"snr_db": noise.snr_db, "seed": noise.seed} if noise else None,
        "left_out": e.material.left_out,
        "worst_misses": [_miss(w) for w in e.missed()[:_WORST_LISTED]],
        "worst_false_accepts": [_offence(o) for o in e.offences],
        "remarks": e.remarks,
    }


def _point(p: Counted) -> dict[str, Any]:
    rate = p.false_accepts_per_hour
    return {
        "threshold": p.threshold,
        "misses": p.misses,
        "miss_rate": round(p.miss_rate, 6),
        "false_accepts": p.false_accepts,
        "false_accepts_per_hour": None if math.isnan(rate) else round(rate, 6),
    }


def latency_ms(e: Evaluation) -> dict[str, float | None]:
    """From a word's end to the firing at the model's own threshold, where ends are known."""
    late = e.latencies_ms()
    if not late:
        return {"p50": None, "p95": None}
    p50, p95 = np.percentile(late, [50, 95])
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1)}


def _miss(w: WordHeard) -> dict[str, Any]:
    level = None if w.level_dbfs <= SILENT_DBFS else round(w.level_dbfs, 1)
    return {"file": w.name, "at_s": w.at_s, "score": round(w.score, 4), "level_dbfs": level}


def _offence(o: Offence) -> dict[str, Any]:
    return {
        "file": o.name,
        "at_s": round(o.at_s, 2),
        "score": round(o.score, 4),
        "fires": o.fires,
    }


def lines(e: Evaluation) -> Iterator[str]:
    """For a terminal, without colour."""
    yield _heading(e)
    yield ""
    yield "                 threshold   missed              false accepts"
    for limit, point in e.at().items():
        yield f"at {limit:>4} an hour   {row(point, len(e.words))}"
    yield f"the model's own  {row(e.own, len(e.words))}"
    yield ""
    yield from _facts(e)
    missed = e.missed()
    fired = [o for o in e.offences if o.fires]
    yield from _worst("worst misses", [(w.score, w.name, w.at_s) for w in missed])
    yield from _worst("worst false accepts", [(o.score, o.name, o.at_s) for o in fired])
    if e.remarks:
        yield ""
        yield from (f"note: {remark}" for remark in e.remarks)


def told_lines(e: Evaluation) -> Iterator[str]:
    """What a page says in words above its pictures."""
    yield _heading(e)
    yield from _facts(e)
    yield from e.remarks


def _heading(e: Evaluation) -> str:
    noise = e.material.backdrop
    said = f", noise {noise.snr_db:g} dB below them" if noise else ""
    return f"{e.bundle.name}: {len(e.words)} words{said}; {e.hours:.2f} h without the word"


def _facts(e: Evaluation) -> Iterator[str]:
    yield _latency_line(e)
    if e.elsewhere:
        yield f"fired beside the words of the recordings: {e.elsewhere} (neither hit nor false)"
    yield _gate_line(e)


def row(point: Counted | None, words: int) -> str:
    """A point in columns of a terminal."""
    if point is None:
        return "none keeps to it"
    threshold, share, between, told = cells(point, words)
    return f"{threshold:<9}   {share:>7} {between:<16} {told}"


def cells(point: Counted, words: int) -> tuple[str, str, str, str]:
    """Threshold, share missed, where the true share lies 19 times of 20, and false accepts."""
    low, high = interval(point.misses, words)
    rate = point.false_accepts_per_hour
    told = "not measured" if math.isnan(rate) else f"{point.false_accepts} = {rate:.2f} an hour"
    share = f"{100 * point.miss_rate:.1f} %"
    return f"{point.threshold:.5g}", share, f"({100 * low:.1f} to {100 * high:.1f})", told


def _latency_line(e: Evaluation) -> str:
    found = latency_ms(e)
    if all(w.span is None for w in e.words):
        return "latency: not known, since no labels say where the words end"
    if found["p50"] is None:
        return "latency: none, since the model's own threshold hears no word"
    p50, p95 = found["p50"], found["p95"]
    return f"latency at the model's own threshold: {p50:.0f} ms at the median, {p95:.0f} ms at 95 %"


def _gate_line(e: Evaluation) -> str:
    told = f"voice gate open: {100 * e.awake['positives']:.0f} % of the recordings"
    return told + (f", {100 * e.awake['negatives']:.0f} % of the rest" if e.hours else "")


def _worst(title: str, rows: Sequence[tuple[float, str, float | None]]) -> Iterator[str]:
    if rows:
        yield ""
        yield f"{title} (score, file, seconds)"
    for score, name, at_s in rows[:_WORST_TOLD]:
        yield f"  {score:.3f}  {name}" + ("" if at_s is None else f"  {at_s:.2f}")
