"""The trigger networks: the counts that they are known by."""

import pytest

pytestmark = pytest.mark.tensorflow
trigger = pytest.importorskip("wakeful.models.trigger", reason="needs the train extra")


def test_classic():
    """The classic system's net has its 522,561 parameters, 521,657 trained, and its 1375 steps."""
    model = trigger.build("trigger-classic")
    assert model.count_params() == 522_561
    assert sum(int(w.numpy().size) for w in model.trainable_weights) == 521_657
    assert model.output_shape == (None, 1_375, 1)


def test_default_is_small():
    """Ours takes sound of any length and stays under 1 MB in float."""
    model = trigger.build("trigger-default")
    assert model.input_shape == (None, None, 40)
    assert 200_000 < model.count_params() < 250_000


def test_an_unknown_name_is_told():
    """A name that no network has is an error that lists those that have one."""
    with pytest.raises(trigger.UnknownNetworkError, match="trigger-classic, trigger-default"):
        trigger.build("trigger-best")
