"""The digit networks: as large as they are known to be, and of the shapes that they take."""

import numpy as np
import pytest

pytestmark = pytest.mark.tensorflow
digits = pytest.importorskip("wakeful.models.digits", exc_type=ImportError)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("digits-lstm-raw", 4_510),
        ("digits-lstm-raw-augmented", 18_218),
        ("digits-lstm-mel", 349_834),
    ],
)
def test_parameters_are_counted(name: str, parameters: int) -> None:
    """Each is exactly the network that the older system had."""
    assert digits.build(name).count_params() == parameters


def test_mel_takes_bands_by_frames() -> None:
    """64 bands of 35 frames in, ten scores out."""
    found = digits.build("digits-lstm-mel")(np.zeros((2, 64, 35), np.float32)).numpy()
    assert found.shape == (2, 10)


def test_raw_does_not_listen_to_what_is_masked() -> None:
    """A short clip gives what it gives, whatever it is padded to."""
    keras = pytest.importorskip("keras")
    whole = digits.build("digits-lstm-raw")
    assert whole.input_shape == (None, 17_640, 1)
    rng = np.random.default_rng(1)
    sound = rng.normal(size=(1, 40, 1)).astype(np.float32)
    layers = [keras.layers.Masking(digits.MASKED), *whole.layers[1:]]
    heard = []
    for length in (40, 60):
        x = np.full((1, length, 1), digits.MASKED, np.float32)
        x[:, :40] = sound
        out, mask = x, layers[0].compute_mask(x)
        out = layers[1](out, mask=mask)
        heard.append(layers[3](layers[2](out)).numpy())
    np.testing.assert_allclose(heard[0], heard[1], rtol=1e-5)


def test_default_gives_a_row_of_tokens_each_third_frame() -> None:
    """And hears nothing before it is said: later sound changes no earlier row."""
    net = digits.build("digits-default")
    assert net.count_params() < 300_000
    frames = np.random.default_rng(1).normal(size=(1, 60, 40)).astype(np.float32)
    later = frames.copy()
    later[:, 30:] = 0
    whole, cut = net(frames).numpy(), net(later).numpy()
    assert whole.shape == (1, 20, 12)
    np.testing.assert_allclose(whole[:, :10], cut[:, :10], atol=1e-6)
    assert np.abs(whole[:, 10:] - cut[:, 10:]).max() > 1e-3


def test_the_two_parts_are_the_whole() -> None:
    """What the lower one gives is what the upper one takes, with the same weights."""
    net = digits.build("digits-default")
    lower, upper = digits.lower_part(net), digits.upper_part()
    for name in ("gru2", "tokens"):
        upper.get_layer(name).set_weights(net.get_layer(name).get_weights())
    frames = np.random.default_rng(1).normal(size=(2, 30, 40)).astype(np.float32)
    parts = upper(lower(frames)).numpy()
    np.testing.assert_allclose(parts, net(frames).numpy(), atol=1e-6)
    assert lower.count_params() + upper.count_params() == net.count_params()


def test_an_unknown_name_lists_the_known() -> None:
    """A mistyped name costs one line."""
    with pytest.raises(digits.UnknownNetworkError, match="digits-lstm-raw, digits-lstm-raw-aug"):
        digits.build("digits-lstm")
