"""Export: a bundle that says what the network says, or an error that it doesn't."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from wakeful.models.bundle import DetectorSettings, TrainingData
from wakeful.models.frontend import FrontEndConfig
from wakeful.training.export import (
    ExportError,
    Origin,
    bundle_scorer,
    check_export,
    export,
    largest_difference,
    streamed,
)
from wakeful.training.measure import keras_scorer

pytestmark = [pytest.mark.tensorflow, pytest.mark.timeout(300)]
keras = pytest.importorskip("keras", reason="needs the train extra")

CONFIG = FrontEndConfig(bands=20)


def network(seed: int) -> Any:
    """The shipped family, small, with weights as they were drawn."""
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((None, CONFIG.bands)),
            layers.ZeroPadding1D((3, 0)),
            layers.Conv1D(8, 6, strides=3, activation="relu"),
            layers.GRU(8, return_sequences=True),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def exported(model: Any, stem: Path, **given: Any) -> Any:
    """A bundle under `stem`."""
    return export(
        model,
        stem,
        keyword="hey robot",
        frontend=CONFIG,
        detector=DetectorSettings(threshold=0.7),
        **given,
    )


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """A network and its bundle."""
    model = network(1)
    origin = Origin("make it", "slowly", 9, [TrainingData("readers", "CC0", 1.5)], {"miss": 0.25})
    return model, exported(model, tmp_path_factory.mktemp("out") / "robot", origin=origin)


def test_the_bundle_says_what_the_network_says(both: tuple[Any, Any], voice: np.ndarray) -> None:
    """Block by block as the daemon feeds it, within rounding of the whole clip."""
    model, bundle = both
    assert check_export(keras_scorer(model), bundle, [voice, voice[5_000:]], 1e-5) < 1e-5
    assert len(streamed(bundle, voice)) == len(voice) // 960 * 2


def test_another_networks_bundle_is_found_out(both: tuple[Any, Any], voice: np.ndarray) -> None:
    """The check can fail, and says by how much."""
    with pytest.raises(ExportError, match="export it again"):
        check_export(keras_scorer(network(2)), both[1], [voice], 1e-3)


def test_the_manifest_holds_the_origin(both: tuple[Any, Any]) -> None:
    """Command, recipe, seed, data and figures come back as they were given."""
    manifest = both[1].manifest
    made = manifest.training
    assert (made.command, made.recipe, made.seed) == ("make it", "slowly", 9)
    assert made.data == [TrainingData("readers", "CC0", 1.5)]
    assert {"wakeful", "keras", "numpy"} <= set(made.versions)
    assert manifest.measured == {"miss": 0.25}
    assert manifest.labels == ["hey robot"]
    assert manifest.detector.threshold == 0.7


def test_streams_side_by_side_do_not_touch(both: tuple[Any, Any]) -> None:
    """Each row of a batch begins with a fresh state."""
    score = bundle_scorer(both[1])
    frames = np.random.default_rng(0).normal(size=(3, 24, CONFIG.bands)).astype(np.float32)
    together = score(frames)
    for row, scores in zip(frames, together, strict=True):
        np.testing.assert_array_equal(score(row[np.newaxis])[0], scores)


def test_eight_bits_stay_near(both: tuple[Any, Any], voice: np.ndarray, tmp_path: Path) -> None:
    """And say in the manifest what they are."""
    small = exported(both[0], tmp_path / "small", weights="int8")
    assert small.manifest.weights == "int8"
    assert 0 < largest_difference(keras_scorer(both[0]), small, [voice]) < 0.05
