"""What tests of more than one package use: real sound and a really trained little model."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, settings

# A busy machine must not fail a test for being slow.
settings.register_profile("wakeful", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("wakeful")


def pytest_collection_modifyitems(items):
    """What fits networks first: of tests side by side the longest had better not begin last."""
    items.sort(key=lambda item: item.get_closest_marker("tensorflow") is None)


DATA = Path(__file__).with_name("data")


@pytest.fixture(scope="session")
def voice():
    """A sentence of two seconds, 16 kHz int16, synthesized for these tests by flite."""
    samples, rate = soundfile.read(DATA / "voice.flac", dtype="int16")
    assert rate == 16_000
    samples.flags.writeable = False
    return samples


@pytest.fixture(scope="session")
def beep_bundle():
    """The manifest of a tiny model that was trained to fire at the end of a two-tone beep."""
    return DATA / "beep.json"


@pytest.fixture(scope="session")
def rng_sound():
    """Makes reproducible hiss: seconds, level in dBFS, seed -> int16."""

    def hiss(duration_s: float, dbfs: float, seed: int = 0):
        rng = np.random.default_rng(seed)
        noise = rng.normal(size=round(16_000 * duration_s)) * 32_768 * 10 ** (dbfs / 20)
        return noise.clip(-32_768, 32_767).astype(np.int16)

    return hiss
