"""A network's weights in one file, numpy's arrays in its own order; and means of several's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from ..models.errors import WakefulError
from ..models.whole_file import whole


class WeightsError(WakefulError):
    """The file holds no weights, or those of another network."""


def save_weights(path: Path, model: Any) -> None:
    """Write them, whole or not at all."""
    arrays: dict[str, Any] = {f"{i:04d}": np.asarray(w) for i, w in enumerate(model.get_weights())}
    with whole(path) as beside, beside.open("wb") as file:
        np.savez(file, **arrays)


def load_weights(path: Path, model: Any) -> None:
    """Put them into a network of the same shape; raises `WeightsError`."""
    try:
        with path.open("rb") as file, np.load(file) as saved:
            values = [saved[name] for name in sorted(saved.files)]
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise WeightsError(f"{path}: no weights ({error}); take it away to fit again") from error
    if [w.shape for w in model.get_weights()] != [v.shape for v in values]:
        raise WeightsError(f"{path}: are another network's; take it away to fit again")
    model.set_weights(values)


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
