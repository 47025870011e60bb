"""The command networks: the counts that they are known by."""

import numpy as np
import pytest

pytestmark = pytest.mark.tensorflow
commands = pytest.importorskip("wakeful.models.commands", reason="needs the train extra")

KNOWN = {
    "commands-dense": ((98, 98, 1), 5_449_228),
    "commands-cnn": ((98, 98, 1), 17_464_004),
    "commands-vgg": ((98, 98, 1), 8_311_116),
}


@pytest.mark.parametrize(("name", "known"), KNOWN.items())
def test_an_older_network_has_the_parameters_that_it_is_known_by(name, known):
    """Each of the three counted networks is the same to the last parameter, for twelve labels."""
    shape, count = known
    model = commands.build(name)
    assert model.input_shape == (None, *shape)
    assert model.output_shape == (None, 12)
    assert model.count_params() == count


def test_the_others_take_what_they_are_known_to_take():
    """The light one hears 99 × 81 in under a third of a million parameters, Wavception a wave."""
    light = commands.build("commands-light-cnn")
    assert light.input_shape == (None, 99, 81, 1)
    assert light.count_params() == 314_368
    wave = commands.build("commands-wavception")
    assert wave.input_shape == (None, 16_000, 1)
    assert wave.count_params() == 997_144
    assert light.output_shape == wave.output_shape == (None, 12)


@pytest.mark.parametrize("name", commands.NETWORKS)
def test_each_network_fits_other_features_and_labels(name):
    """Whatever the features' shape, there is one score for each label that was asked for."""
    shape = (16_000, 1) if name == "commands-wavception" else (98, 60, 1)
    model = commands.build(name, shape, labels=3)
    assert model.output_shape == (None, 3)
    heard = model(np.zeros((2, *shape), np.float32)).numpy()
    assert heard.shape == (2, 3)
    assert np.isfinite(heard).all()


def test_ours_is_small():
    """The one that ships has under 300,000 parameters and takes sound of any length."""
    model = commands.build("commands-default")
    assert model.count_params() < 300_000
    assert model.input_shape == (None, None, 40)
    assert model.output_shape == (None, 12)


def test_an_unknown_name_is_told():
    """A name that no network has is an error that lists those that have one."""
    with pytest.raises(commands.UnknownCommandNetworkError, match="commands-dense, commands-cnn"):
        commands.build("commands-best")
