"""The ear: it looks both ways, at sound of any length."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.tensorflow
ear = pytest.importorskip("wakeful.models.ear", reason="needs the train extra")
SMALL = ear.EarSize(channels=(4, 6), blocks=1, width=8, rows=1, reach=3)


@pytest.fixture(scope="module")
def network():
    """A small one with drawn weights."""
    ear.keras.utils.set_random_seed(2)
    return ear.taught(5, SMALL)


def frames(count: int, batch: int = 1):
    """So many drawn frames."""
    drawn = np.random.default_rng(count).standard_normal((batch, count, 40))
    return drawn.astype(np.float32)


def test_it_is_as_large_as_is_written():
    """What the documents say of the one that commands are heard with."""
    heard, steps = ear.ear()
    assert ear.keras.Model(heard, steps).count_params() == 263_920
    assert steps.shape == (None, None, 128)


@settings(max_examples=20, deadline=None)
@given(count=st.integers(1, 120))
def test_every_other_frame_is_a_step(network, count):
    """Of any length; the last step has what there is."""
    steps = network(frames(count)).numpy()
    assert steps.shape == (1, -(-count // ear.STRIDE), 5)
    assert np.isfinite(steps).all()


def test_a_step_knows_what_came_before_it_and_what_comes_after(network):
    """And nothing of what is far from it."""
    plain = frames(60)
    changed = plain.copy()
    changed[:, 30] += 1.0
    apart = np.abs(network(plain).numpy() - network(changed).numpy()).max(axis=(0, 2))
    assert (apart[14:17] > 0).all()
    assert not apart[:5].any()
    assert not apart[-5:].any()


def test_clips_beside_each_other_do_not_touch(network):
    """What one clip is heard as is the same in any company."""
    clips = frames(40, batch=3)
    np.testing.assert_allclose(network(clips)[1:2], network(clips[1:2]), atol=1e-5)


@pytest.mark.parametrize(("bands", "channels"), [(40, (4, 6, 8, 10)), (23, (4,)), (64, (4, 6))])
def test_it_fits_other_bands(bands, channels):
    """Also such as can't be halved without one left over."""
    size = ear.EarSize(bands=bands, channels=channels, blocks=1, width=8, rows=1)
    made = ear.taught(3, size)
    assert made(np.zeros((1, 10, bands), np.float32)).shape == (1, 5, 3)
