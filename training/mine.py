"""Hard negatives that nobody thought of: where a fitted network fires on sound without the word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..models.frontend import FrontEnd
from ..synth.palette import Clip
from .measure import Rule, Scorer, firings, score_clips, smoothed

SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True)
class MineSettings:
    """What counts as worth learning from."""

    threshold: float = 0.1
    before_s: float = 1.3
    after_s: float = 0.3
    most: int = 1_500


@dataclass(frozen=True)
class Find:
    """A stretch of some clip on which the network fired, and how surely."""

    clip: Clip
    score: float


def mine(
    score: Scorer,
    frontend: FrontEnd,
    clips: Sequence[Clip],
    stride: int,
    settings: MineSettings | None = None,
) -> list[Find]:
    """The worst finds first, at most `most`. A person should listen to the first few.

    None of the clips may hold the word: one that does would teach the network to miss it.
    """
    s, rule = settings or MineSettings(), Rule()
    found: list[Find] = []
    scored = score_clips(score, frontend, [c.samples for c in clips], stride)
    step_samples = stride * frontend.config.hop_samples
    for clip, probabilities in zip(clips, scored, strict=True):
        scores = smoothed(probabilities, rule.smooth_steps)
        for step in firings(scores, s.threshold, rule.refractory_steps):
            peak = float(scores[step : step + rule.refractory_steps].max())
            found.append(Find(_stretch(clip, (step + 1) * step_samples, s), peak))
    return sorted(found, key=lambda f: -f.score)[: s.most]


def _stretch(clip: Clip, fired_at: int, s: MineSettings) -> Clip:
    first = max(0, fired_at - int(s.before_s * SAMPLE_RATE_HZ))
    last = fired_at + int(s.after_s * SAMPLE_RATE_HZ)
    samples = np.ascontiguousarray(clip.samples[first:last])
    return Clip(samples, 0, len(samples), f"{clip.name}@{fired_at / SAMPLE_RATE_HZ:.2f}s")
