"""Weights in a file: back as they were, or told why not."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.tensorflow
keras = pytest.importorskip("keras", exc_type=ImportError)

from wakeful.training.weights import WeightsError, load_weights, save_weights  # noqa: E402


def net(units: int) -> Any:
    """A layer with a normalisation, whose running means are weights too."""
    layers = keras.layers
    return keras.Sequential([layers.Input((3,)), layers.Dense(units), layers.BatchNormalization()])


def test_weights_come_back_as_they_were(tmp_path: Path) -> None:
    """To the bit, moving statistics too."""
    one, other = net(4), net(4)
    one.set_weights([w + 0.25 for w in one.get_weights()])
    save_weights(tmp_path / "a.npz", one)
    load_weights(tmp_path / "a.npz", other)
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_other_files_are_refused(tmp_path: Path) -> None:
    """Another network's, none at all, and no such file."""
    save_weights(tmp_path / "a.npz", net(4))
    with pytest.raises(WeightsError, match="another network's"):
        load_weights(tmp_path / "a.npz", net(5))
    (tmp_path / "b.npz").write_bytes(b"no")
    for name in ("b.npz", "c.npz"):
        with pytest.raises(WeightsError, match="no weights"):
            load_weights(tmp_path / name, net(4))
