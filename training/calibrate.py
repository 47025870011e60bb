"""Where to fire: the threshold that keeps the promise on long speech that nobody trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..models.bundle import Bundle
from ..models.frontend import FrontEnd
from ..synth.levels import Samples
from ..synth.palette import Clip
from .export import bundle_scorer
from .measure import (
    Point,
    Probabilities,
    Rule,
    at_most,
    best_scores,
    firings,
    points,
    rule_of,
    score_clips,
    smoothed,
)
from .quiet_room import LEAD, in_quiet_room

_LOWEST_THRESHOLD = 0.5
REPORTED_PER_HOUR = (0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True)
class Calibration:
    """What was measured on the exported step, and the point that was chosen."""

    chosen: Point
    hours: float
    words: int
    at: dict[str, Point]
    hard_rate: float | None
    """The share of near words that fire at the chosen threshold."""
    latency_ms: dict[str, float]

    def figures(self) -> dict[str, Any]:
        """As the manifest holds them."""
        at = {
            limit: {
                "threshold": round(p.threshold, 5),
                "miss_rate": round(p.miss_rate, 4),
                "false_accepts_per_hour": round(p.false_accepts_per_hour, 3),
            }
            for limit, p in self.at.items()
        }
        near = self.hard_rate
        return {
            "negative_hours": round(self.hours, 2),
            "positives": self.words,
            "positives_are": "synthetic clips of voices not trained on",
            "at": at,
            "near_words_fired": None if near is None else round(near, 4),
            "latency_ms": self.latency_ms,
        }


def calibrate(
    bundle: Bundle,
    words: Sequence[Clip],
    near_words: Sequence[Clip],
    streams: Sequence[Samples],
    aim_per_hour: float,
) -> Calibration:
    """Score everything with the exported step; the lowest threshold that keeps to the aim."""
    score, frontend, stride = (
        bundle_scorer(bundle),
        FrontEnd(bundle.frontend),
        bundle.manifest.stride,
    )
    rule = rule_of(bundle)

    def heard(clips: Sequence[Samples]) -> list[Probabilities]:
        return score_clips(score, frontend, clips, stride)

    hours = sum(map(len, streams)) / 16_000 / 3600
    spoken = heard([in_silence(c) for c in words])
    found = points(spoken, heard(streams), hours, rule)
    # A few quiet hours are no reason to fire at every whisper of a probability.
    chosen = at_most([p for p in found if p.threshold >= _LOWEST_THRESHOLD], aim_per_hour)
    near = best_scores(heard([in_silence(c) for c in near_words]), rule)
    ends = [LEAD + c.word_end for c in words]
    return Calibration(
        chosen=chosen,
        hours=hours,
        words=len(words),
        at={f"{limit:g}": at_most(found, limit) for limit in REPORTED_PER_HOUR},
        hard_rate=float(np.mean(near >= chosen.threshold)) if len(near) else None,
        latency_ms=_latency(spoken, ends, chosen.threshold, rule, bundle.step_s),
    )


def in_silence(clip: Clip) -> Samples:
    """A clip as the daemon hears it on waking: 0.9 s of a quiet room before it, 0.6 s after."""
    return in_quiet_room(clip.samples, after=9_600)


def _latency(
    spoken: Sequence[Probabilities],
    ends: Sequence[int],
    threshold: float,
    rule: Rule,
    step_s: float,
) -> dict[str, float]:
    """Milliseconds from the word's end to the end of the step that fired."""
    late = []
    for probabilities, end in zip(spoken, ends, strict=True):
        fired = firings(
            smoothed(probabilities, rule.smooth_steps), threshold, rule.refractory_steps
        )
        late += [1000 * ((step + 1) * step_s - end / 16_000) for step in fired[:1]]
    if not late:
        return {}
    p50, p95 = np.percentile(late, [50, 95])
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1)}
