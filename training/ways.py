"""Several fits from one place, and what lies between the weights where they end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


def go_ways(model: Any, count: int, go: Callable[[int], None]) -> None:
    """Go each of several ways from where a network stands; leave it at the mean of their ends.

    They begin at one place and stay in one valley: their mean is worth as much as asking all of
    them, and costs as much as one. What one of them learned by chance, the others didn't.
    """
    first, ends = model.get_weights(), []
    for way in range(count):
        model.set_weights(first)
        go(way)
        ends.append(model.get_weights())
    model.set_weights(mean_of(ends))


def mean_of(ends: Sequence[Sequence[npt.NDArray[Any]]]) -> list[npt.NDArray[Any]]:
    """The mean of several networks' weights; what is counted and not weighed is the first one's."""
    return [
        np.mean(same, axis=0).astype(same[0].dtype) if same[0].dtype.kind == "f" else same[0]
        for same in zip(*ends, strict=True)
    ]


def part_way(model: Any, before: Sequence[npt.NDArray[Any]], share: float) -> None:
    """Put what lies `share` of the way from the weights `before` to its own into a network.

    Two fits from one start lie in one valley, and what lies between is better than either: what
    mining made too sure of missing words is taken back, what it unlearned mostly stays.
    """
    pairs = zip(before, model.get_weights(), strict=True)
    model.set_weights([a + share * (b - a) if a.dtype.kind == "f" else b for a, b in pairs])
