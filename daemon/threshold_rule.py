"""Where to fire for somebody whose takes are known: as low as they need, as high as may be.

The shipped threshold is never raised: what else the model hears is none of the takes' business. How
far it may fall is what the manifest's measured points say of false accepts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..models.bundle import Manifest

MARGIN = 0.05
"""How far below the weakest take the threshold lies if allowed: nobody says it twice alike."""

LOWEST = 0.2
"""Below this a model fires at what it holds to be something else, whatever was measured."""

UNMEASURED_STEP = 0.1
"""How far the threshold may fall where no point says what that costs."""


@dataclass(frozen=True)
class Point:
    """What a threshold was measured to cost, in false accepts an hour."""

    threshold: float
    per_hour: float


@dataclass(frozen=True)
class Advice:
    """From one threshold to another: takes heard at each, false accepts an hour where known."""

    before: float
    after: float
    takes: int
    heard_before: int
    heard_after: int
    per_hour_before: float | None
    per_hour_after: float | None

    def __str__(self) -> str:
        if self.after == self.before:
            told = f"stays at {self.before:.2f}: hears {self.heard_after} of {self.takes} takes"
            return told + _told(self.per_hour_after, "; about {:.1f} false accepts an hour")
        hears = f"hears {self.heard_after} of {self.takes} takes instead of {self.heard_before}"
        if self.per_hour_after is None or self.per_hour_before is None:
            cost = "; what it costs in false accepts was not measured"
        else:
            cost = (
                f"; about {self.per_hour_after:.1f} instead of {self.per_hour_before:.1f} "
                "false accepts an hour"
            )
        return f"{self.before:.2f} → {self.after:.2f}: {hears}{cost}"


def _told(value: float | None, text: str) -> str:
    return "" if value is None else text.format(value)


def measured_points(manifest: Manifest) -> list[Point]:
    """All that the manifest knows of false accepts, from the highest threshold down."""
    measured = manifest.measured
    rows = [
        *(measured.get("at") or {}).values(),
        *(measured.get("points") or []),
        measured.get("through_the_pipeline"),
    ]
    found = {
        Point(float(row["threshold"]), float(row["false_accepts_per_hour"]))
        for row in rows
        if row and row.get("false_accepts_per_hour") is not None
    }
    return sorted(found, key=lambda point: (-point.threshold, point.per_hour))


def lowest_allowed(shipped: float, points: Sequence[Point], most_per_hour: float) -> float:
    """The lowest threshold that was measured to keep to a limit, as all above it do.

    The shipped one where it alone may be taken; `points` as `measured_points` sorts them.
    """
    if not points:
        return min(shipped, max(LOWEST, round(shipped - UNMEASURED_STEP, 4)))
    lowest = shipped
    for point in points:
        if point.per_hour > most_per_hour:
            break
        lowest = min(lowest, point.threshold)
    return min(shipped, max(LOWEST, lowest))


def suggested(scores: Sequence[float], shipped: float, floor: float) -> float:
    """The threshold in [floor, shipped] that hears every take that can be heard, with a margin.

    Takes below the floor are lost at any price, so no price is paid for them.
    """
    within_reach = [score for score in scores if score >= floor]
    if not within_reach:
        return shipped
    return min(shipped, max(floor, round(min(within_reach) - MARGIN, 4)))


def cost_per_hour(threshold: float, points: Sequence[Point]) -> float | None:
    """False accepts an hour, drawn straight between two points; None below the lowest of them.

    Above the highest it is that one's: no more than that.
    """
    if not points or threshold < points[-1].threshold:
        return None
    rising = points[::-1]
    thresholds = [point.threshold for point in rising]
    return float(np.interp(threshold, thresholds, [point.per_hour for point in rising]))


def advise(
    scores: Sequence[float], manifest: Manifest, in_force: float, most_per_hour: float
) -> Advice:
    """What to change `in_force` to for takes of these best scores."""
    points, shipped = measured_points(manifest), manifest.detector.threshold
    after = suggested(scores, shipped, lowest_allowed(shipped, points, most_per_hour))
    return Advice(
        before=in_force,
        after=after,
        takes=len(scores),
        heard_before=sum(score >= in_force for score in scores),
        heard_after=sum(score >= after for score in scores),
        per_hour_before=cost_per_hour(in_force, points),
        per_hour_after=cost_per_hour(after, points),
    )
