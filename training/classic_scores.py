"""Accuracy, precision, recall and F1 of the classic trigger: of its steps, and of what it fires.

A step counts as the word from `THRESHOLD` on. It fires at the first such step, and not again for
`REFRACTORY_STEPS`. What has no value is None: the precision of a net that says nothing, say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

THRESHOLD = 0.5
REFRACTORY_STEPS = 75
WORD_STEPS = 50

Steps = npt.NDArray[Any]
"""[1375] or [1375, 1]."""


@dataclass(frozen=True)
class Counts:
    """How much was right and wrong. Of events `right_silences` is 0: silence can't be counted."""

    hits: int = 0
    false_accepts: int = 0
    misses: int = 0
    right_silences: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.hits + other.hits,
            self.false_accepts + other.false_accepts,
            self.misses + other.misses,
            self.right_silences + other.right_silences,
        )

    @property
    def accuracy(self) -> float | None:
        """What was right of all; of events, hits of all that was said or fired."""
        right = self.hits + self.right_silences
        return _ratio(right, right + self.false_accepts + self.misses)

    @property
    def precision(self) -> float | None:
        """Hits of all that was taken for the word."""
        return _ratio(self.hits, self.hits + self.false_accepts)

    @property
    def recall(self) -> float | None:
        """Hits of all that was the word."""
        return _ratio(self.hits, self.hits + self.misses)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both; 0 where either is 0 or has no value, and any was wrong."""
        return _ratio(2 * self.hits, 2 * self.hits + self.false_accepts + self.misses)

    def figures(self) -> dict[str, int | float | None]:
        """Counts and rates under fixed keys."""
        rates = ("accuracy", "precision", "recall", "f1")
        return asdict(self) | {name: getattr(self, name) for name in rates}


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True)
class Scores:
    """Of so many examples of ten seconds."""

    steps: Counts = Counts()
    events: Counts = Counts()
    examples: int = 0

    def __add__(self, other: Scores) -> Scores:
        return Scores(
            self.steps + other.steps, self.events + other.events, self.examples + other.examples
        )

    @property
    def silent(self) -> Scores:
        """What a net that says nothing has on the same examples."""
        events = Counts(misses=self.events.hits + self.events.misses)
        return Scores(_silent(self.steps), events, self.examples)

    def figures(self) -> dict[str, Any]:
        """For a program."""
        return {"step": self.steps.figures(), "event": self.events.figures()}


def _silent(c: Counts) -> Counts:
    return Counts(0, 0, c.hits + c.misses, c.right_silences + c.false_accepts)


def score(probability: Steps, labels: Steps) -> Scores:
    """One example."""
    said, there = np.ravel(probability) >= THRESHOLD, np.ravel(labels) == 1
    return Scores(_step_counts(said, there), _event_counts(said, there), 1)


def scored(pairs: Iterable[tuple[Steps, Steps]]) -> Scores:
    """All of (probability, labels)."""
    return sum((score(*pair) for pair in pairs), Scores())


def _step_counts(said: Steps, there: Steps) -> Counts:
    hits, false = int((said & there).sum()), int((said & ~there).sum())
    return Counts(hits, false, int((~said & there).sum()), int((~said & ~there).sum()))


def _event_counts(said: Steps, there: Steps) -> Counts:
    fired, words = firings(said), windows(there)
    # A window is shorter than the pause after a firing: none holds two.
    hits = sum(any(first <= step < last for step in fired) for first, last in words)
    return Counts(hits, len(fired) - hits, len(words) - hits)


def firings(said: Steps) -> list[int]:
    """The steps at which it fires."""
    found: list[int] = []
    for step in np.flatnonzero(said).tolist():
        if not found or step >= found[-1] + REFRACTORY_STEPS:
            found.append(step)
    return found


def windows(labels: Steps) -> list[tuple[int, int]]:
    """For each word its first step and the one after its last.

    A run of more than 50 steps is that of words which share some: each has 50 of it in turn, and
    the last one what is left.
    """
    edges = np.flatnonzero(np.diff(np.ravel(labels) != 0, prepend=False, append=False))
    runs = edges.reshape(-1, 2).tolist()
    return [(at, min(at + WORD_STEPS, b)) for a, b in runs for at in range(a, b, WORD_STEPS)]
