"""Whether one of the people who enrolled said a wake: a likeness against each one's limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .profile import Profile
from .voiceprint import Vector, unit

_SPREAD = 4.0
"""Their own takes' spread below the mean likeness at which somebody is still themselves."""


@dataclass(frozen=True)
class Verdict:
    """Who it was, empty for a stranger, and how like the nearest of those who enrolled (-1..1)."""

    name: str
    likeness: float


class Judge(Protocol):
    """What an ear asks about each word it hears."""

    def judge(self, voiceprint: Vector) -> Verdict:
        """Whose voice it is."""


class Verifier:
    """A `Judge` over the profiles of one model."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self._profiles = list(profiles)
        self._centres = np.stack([centre(p.vectors) for p in profiles])
        self._limits = np.array([p.least_likeness for p in profiles])

    def judge(self, voiceprint: Vector) -> Verdict:
        """The one whom it clears by most, or nobody."""
        likenesses = self._centres @ voiceprint
        nearest = int(np.argmax(likenesses - self._limits))
        is_one = likenesses[nearest] >= self._limits[nearest]
        name = self._profiles[nearest].name if is_one else ""
        return Verdict(name, float(likenesses[nearest]))


def centre(vectors: npt.ArrayLike) -> Vector:
    """The direction in which somebody's voiceprints, [n, channels], lie."""
    return unit(np.asarray(vectors, np.float32).mean(0))


def likenesses_left_out(vectors: Sequence[Vector]) -> list[float]:
    """How like each voiceprint is to all the others together, two at least."""
    every = np.stack(vectors)
    return [
        float(centre(np.delete(every, number, 0)) @ vector) for number, vector in enumerate(every)
    ]


def least_likeness(vectors: Sequence[Vector]) -> float:
    """The limit at which each take would have been heard by a profile of the others.

    And below the mean by so many times the spread, since the next take may be further out than any
    of so few: measured, one take in seventeen of people's own is then refused (docs/enroll.md).
    """
    found = np.array(likenesses_left_out(vectors))
    return float(min(found.min(), found.mean() - _SPREAD * found.std(ddof=1)))
