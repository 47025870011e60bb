"""Where to fire: the threshold that keeps the promise on long speech that nobody trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
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
    Scores,
    at_most,
    firings,
    points,
    rule_of,
    score_clips,
    smoothed,
)
from .quiet_room import LEAD, in_quiet_room

LOWEST_THRESHOLD = 0.5
_MAY_LOSE = 0.01
"""So much more of the words may be missed for a threshold that is cheaper to listen with."""
_TOO_DEAR = 0.1
"""So many more of the words are not missed to be rid of a single false accept."""
_JUDGED_H = 0.5
"""In less sound than that a single one is not single."""
_ROUNDING = 1e-3
REPORTED_PER_HOUR = (0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True)
class Evidence:
    """What a calibration rests upon: the score of every step of all that was heard."""

    rule: Rule
    step_samples: int
    points: Sequence[Point]
    words: Sequence[Scores]
    near: Sequence[Scores]
    streams: Sequence[Scores]
    own: Sequence[Scores]
    late_ms: Sequence[float]
    """From the end of each word that fires at the chosen threshold to its firing."""


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
    evidence: Evidence = field(repr=False)
    raised: bool = False
    """Whether a lower threshold keeps to the aim, at which not every step must be sure."""

    def missed_own(self) -> int:
        """How many of the user's own recordings are missed at the chosen threshold."""
        return sum(best(s) < self.chosen.threshold for s in self.evidence.own)

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
        near, own = self.hard_rate, len(self.evidence.own)
        asked = {"own_recordings": {"count": own, "missed": self.missed_own()}} if own else {}
        return {
            "negative_hours": round(self.hours, 2),
            "positives": self.words,
            "positives_are": "synthetic clips of voices not trained on",
            "at": at,
            "near_words_fired": None if near is None else round(near, 4),
            "latency_ms": self.latency_ms,
            **asked,
        }


def calibrate(
    bundle: Bundle,
    words: Sequence[Clip],
    near_words: Sequence[Clip],
    streams: Sequence[Samples],
    aim_per_hour: float,
    own_words: Sequence[Clip] = (),
) -> Calibration:
    """Score everything with the exported step; the lowest threshold that keeps to the aim.

    Or the lowest at which every step must be sure, if that misses hardly more. `own_words` are
    counted apart: they say nothing on the choice.
    """
    ear = _Ear(bundle)
    hours = sum(map(len, streams)) / 16_000 / 3600
    spoken, other = ear.alone(words), ear.heard(streams)
    found = points(spoken, other, hours, ear.rule)
    lowest = lowest_of(found, aim_per_hour, hours)
    chosen = sure_of(found, lowest, ear.rule, aim_per_hour)
    said, near = ear.scores(spoken), ear.scores(ear.alone(near_words))
    late_ms = ear.late_ms(said, words, chosen.threshold)
    own = ear.scores(ear.alone(own_words))
    scores = ear.scores(other)
    fired = [best(s) >= chosen.threshold for s in near]
    return Calibration(
        chosen=chosen,
        hours=hours,
        words=len(words),
        at={f"{limit:g}": at_most(found, limit) for limit in REPORTED_PER_HOUR},
        hard_rate=float(np.mean(fired)) if fired else None,
        latency_ms=_percentiles(late_ms),
        evidence=Evidence(ear.rule, ear.step_samples, found, said, near, scores, own, late_ms),
        raised=chosen != lowest,
    )


def lowest_of(found: Sequence[Point], aim_per_hour: float, hours: float) -> Point:
    """A few quiet hours are no reason to fire at every whisper of a probability.

    Nor is one phrase, in so little sound that one breaks the aim, a reason to miss every tenth word
    more: it may be what it sounds like, and says little of how many there are an hour.
    """
    high = [p for p in found if p.threshold >= LOWEST_THRESHOLD]
    strict = at_most(high, aim_per_hour)
    if hours < _JUDGED_H or aim_per_hour * hours >= 1:
        return strict
    but_one = at_most(high, 1 / hours * (1 + _ROUNDING))
    return but_one if strict.miss_rate - but_one.miss_rate > _TOO_DEAR else strict


def sure_of(found: Sequence[Point], lowest: Point, rule: Rule, aim_per_hour: float) -> Point:
    """The lowest at which every step of the mean must be sure; `lowest` where that costs words.

    Where one step less could do, the daemon has to look twice as often.
    """
    enough = max(lowest.threshold, 1 - 1 / rule.smooth_steps + _ROUNDING)
    sure = at_most([p for p in found if p.threshold >= enough], aim_per_hour)
    return sure if sure.miss_rate - lowest.miss_rate <= _MAY_LOSE else lowest


class _Ear:
    """The exported step with the front end and the rule that it ships with."""

    def __init__(self, bundle: Bundle) -> None:
        self._score, self._frontend = bundle_scorer(bundle), FrontEnd(bundle.frontend)
        self._stride = bundle.manifest.stride
        self.rule = rule_of(bundle)
        self.step_samples = self._stride * bundle.frontend.hop_samples

    def heard(self, sound: Sequence[Samples]) -> list[Probabilities]:
        return score_clips(self._score, self._frontend, sound, self._stride)

    def alone(self, clips: Sequence[Clip]) -> list[Probabilities]:
        return self.heard([in_silence(c) for c in clips])

    def scores(self, heard: Sequence[Probabilities]) -> list[Scores]:
        return [smoothed(p, self.rule.smooth_steps) for p in heard]

    def late_ms(
        self, said: Sequence[Scores], words: Sequence[Clip], threshold: float
    ) -> list[float]:
        """From the word's end to the end of the step that fired, where one did."""
        late = []
        for scores, word in zip(said, words, strict=True):
            fired = firings(scores, threshold, self.rule.refractory_steps)
            end = LEAD + word.word_end
            late += [((step + 1) * self.step_samples - end) / 16 for step in fired[:1]]
        return late


def in_silence(clip: Clip) -> Samples:
    """A clip as the daemon hears it on waking: 0.9 s of a quiet room before it, 0.6 s after."""
    return in_quiet_room(clip.samples, after=9_600)


def best(scores: Scores) -> float:
    """The highest: what fires at any threshold up to that."""
    return float(scores.max(initial=0.0))


def _percentiles(late_ms: Sequence[float]) -> dict[str, float]:
    if not late_ms:
        return {}
    p50, p95 = np.percentile(late_ms, [50, 95])
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1)}
