"""A network's weights in one file: numpy's arrays in the network's own order."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

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
