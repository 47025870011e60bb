"""The recognizers by name: what they weigh, what they take and what they give."""

import numpy as np
import pytest

pytestmark = [pytest.mark.tensorflow, pytest.mark.timeout(300)]
pytest.importorskip("keras", reason="needs the train extra")

from wakeful.models.asr import NETWORKS, OLDER, UnknownRecognizerError, build, steps_of  # noqa: E402

PARAMETERS = {
    "asr-rnn": 16_617,
    "asr-rnn-dense": 223_829,
    "asr-cnn-rnn": 442_029,
    "asr-deep-rnn": 465_229,
    "asr-bidirectional": 446_029,
    "asr-final": 1_246_829,
}


@pytest.mark.parametrize("name", OLDER)
def test_the_older_networks_have_their_parameters(name):
    """Exactly as many as where they came from."""
    assert build(name).count_params() == PARAMETERS[name]


def test_ours_is_small():
    """Under two million parameters."""
    assert build("asr-default").count_params() < 2_000_000


@pytest.mark.parametrize("name", NETWORKS)
def test_steps_are_counted_as_the_network_makes_them(name):
    """For any length, 29 symbols a step."""
    model = build(name)
    for frames in (24, 31, 60):
        given = model(np.zeros((1, frames, model.input_shape[-1]), np.float32))
        assert given.shape == (1, steps_of(name, frames), 29)


def test_an_unknown_name_lists_the_known_ones():
    """In one line."""
    with pytest.raises(UnknownRecognizerError, match="asr-final, asr-default"):
        build("asr-finest")
