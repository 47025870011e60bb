"""Hard negatives that nobody thought of: mixtures without the word on which a network fires.

The same sound fires in one room and not in another, so it is not the recordings that are gone
through but fresh mixtures of them, several times as many as are learned from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..synth.mixture import Kind
from .examples import ExampleMaker
from .measure import Rule, Scorer, smoothed

SHARES: tuple[tuple[Kind, float], ...] = (
    ("hard", 0.28),
    ("part", 0.10),
    ("speech", 0.57),
    ("noise", 0.05),
)
"""What is gone through: never the word."""

_AT_ONCE = 2_000


@dataclass(frozen=True)
class MineSettings:
    """Mixtures that score `threshold` are worth learning from, at most `most` of `candidates`."""

    candidates: int = 40_000
    threshold: float = 0.03
    most: int = 8_000


@dataclass(frozen=True)
class Find:
    """The number of a mixture on which the network fired, and how surely."""

    number: int
    score: float


def negatives(maker: ExampleMaker, seed: int) -> ExampleMaker:
    """The same sound without the word; labels are all that is told of it."""
    shares = replace(maker.mixtures, shares=SHARES)
    return replace(maker, mixtures=shares, seed=seed, taught=False)


def mine(
    score: Scorer,
    maker: ExampleMaker,
    settings: MineSettings,
    processes: int = 1,
    report: Callable[[int], None] = lambda done: None,
) -> list[Find]:
    """The worst first. A person should listen to the first few: none may hold the word.

    One that does would teach the network to miss it.
    """
    found: list[Find] = []
    for first in range(0, settings.candidates, _AT_ONCE):
        count = min(_AT_ONCE, settings.candidates - first)
        (made,) = maker.make(count, processes, first)
        peaks = _peaks(score, made.features.astype(np.float32))
        fired = np.flatnonzero(peaks >= settings.threshold)
        found += [Find(first + int(i), float(peaks[i])) for i in fired]
        report(first + count)
    return sorted(found, key=lambda f: (-f.score, f.number))[: settings.most]


def _peaks(score: Scorer, features: np.ndarray) -> np.ndarray:
    """Each mixture's highest smoothed score, a batch at a time."""
    rule = Rule()
    batches = [score(features[at : at + 250]) for at in range(0, len(features), 250)]
    return np.array([smoothed(p, rule.smooth_steps).max() for batch in batches for p in batch])
