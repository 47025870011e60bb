"""What was found, as plain values: the figures, and what they are about by name."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..synth.collection import shown
from .explore import Explored
from .explore_labels import LabelSounds
from .explore_near import groups_of
from .explore_store import Row
from .explore_surprise import Surprises


def plain(e: Explored, surprises: Surprises | None = None) -> dict[str, Any]:
    """Fit to be written as JSON; its keys are always the same."""
    return asdict(e.figures) | {
        "saved_share": e.figures.saved_share,
        "same": [{"recordings": _names(s.clips), "count": s.count} for s in e.same],
        "near": [
            {"first": shown(n.first.name), "second": shown(n.second.name), "match": n.match}
            for n in e.near
        ],
        "near_groups": [[shown(row.name) for row in group] for group in groups_of(e.near)],
        "near_untried": e.near_untried,
        "alike": _alike(e.sounds),
        "nearest_right": e.sounds.right if e.sounds else None,
        "axes": list(e.space.shares) if e.space else [],
        "odd": _names(e.odd),
        "model": surprises.model if surprises else None,
        "model_right": surprises.right if surprises else None,
        "model_equal_error": surprises.words.equal_error if surprises and surprises.words else None,
        "surprises": [
            {"file": shown(row.name), "label": own, "guess": guess, "belief": belief}
            for row, own, guess, belief in (surprises.rows if surprises else ())
        ],
    }


def _names(rows: tuple[Row, ...]) -> list[str]:
    return [shown(row.name) for row in rows]


def _alike(sounds: LabelSounds | None) -> dict[str, dict[str, float]]:
    """By two labels, how alike they sound, from -1 to 1."""
    if sounds is None:
        return {}
    rows = sounds.alike.round(4).tolist()
    return {
        a: dict(zip(sounds.labels, row, strict=True))
        for a, row in zip(sounds.labels, rows, strict=True)
    }
