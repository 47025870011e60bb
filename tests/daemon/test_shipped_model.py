"""The shipped word and the shipped demo, through the daemon's own pipeline."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from wakeful.daemon.events import Stamp, Wake
from wakeful.daemon.pipeline import Pipeline
from wakeful.daemon.settings import Settings
from wakeful.models.bundle import PRETRAINED, load_bundle
from wakeful.models.runtime import TriggerModel

WORD_ENDS = (35_200, 153_280)
"""Where in the demo "activate" ends. Between them: "turn left", and "active" in a sentence."""


@pytest.fixture(scope="module")
def activate() -> TriggerModel:
    """The default model."""
    return TriggerModel(load_bundle("activate"))


@pytest.fixture(scope="module")
def demo() -> np.ndarray:
    """What plays where there is no microphone; its voice is not among those trained on."""
    samples, rate_hz = soundfile.read(Path(PRETRAINED) / "demo.flac", dtype="int16")
    assert rate_hz == 16_000
    return samples


def wakes(model: TriggerModel, samples: np.ndarray) -> list[int]:
    """The samples at which the pipeline fires."""
    pipeline = Pipeline(Settings(), [model], Stamp("test", 0.0))
    events = pipeline.feed(samples) + pipeline.flush()
    return [event.sample for event in events if isinstance(event, Wake)]


def test_the_demo_fires_at_each_word_and_nowhere_else(
    activate: TriggerModel, demo: np.ndarray
) -> None:
    """Within a fifth of a second of where the word ends."""
    fired = wakes(activate, demo)
    assert len(fired) == len(WORD_ENDS)
    np.testing.assert_allclose(fired, WORD_ENDS, atol=3_200)


@pytest.mark.parametrize("peak_dbfs", [-36.0, -20.0, -0.5])
def test_level_changes_nothing(activate: TriggerModel, demo: np.ndarray, peak_dbfs: float) -> None:
    """From a whisper to near clipping it fires at the same two words."""
    factor = 10 ** (peak_dbfs / 20) * 32_768 / np.abs(demo).max()
    fired = wakes(activate, np.rint(demo * factor).clip(-32_768, 32_767).astype(np.int16))
    assert len(fired) == len(WORD_ENDS)
    np.testing.assert_allclose(fired, WORD_ENDS, atol=3_200)


def test_the_manifest_says_how_it_was_made_and_measured(activate: TriggerModel) -> None:
    """Command, seed, versions, every set of data with its licence, and what was reached."""
    manifest = activate.bundle.manifest
    assert manifest.training.command.startswith("wakeful train activate")
    assert "keras" in manifest.training.versions
    assert all(data.licence and data.hours > 0 for data in manifest.training.data)
    assert manifest.measured["at"]["0.5"]["false_accepts_per_hour"] <= 0.5
    assert manifest.measured["negative_hours"] > 2
    assert manifest.measured["latency_ms"]["p50"] < 150


def test_the_network_is_small(activate: TriggerModel) -> None:
    """Under half a megabyte."""
    assert len(activate.bundle.tflite) < 500_000
