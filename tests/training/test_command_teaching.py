"""The command networks' backbone: taught from streams, resumed, and put under a network."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile
from wakeful.training.backbone import BackboneError, load_backbone
from wakeful.training.whisper_teacher import STREAM

pytestmark = pytest.mark.tensorflow
teaching = pytest.importorskip("wakeful.training.command_teaching", reason="needs the train extra")
commands = pytest.importorskip("wakeful.models.commands", reason="needs the train extra")


@pytest.mark.timeout(300)
def test_a_backbone_is_taught_and_fits_a_command_network(tmp_path):
    """From half a minute that whisper has heard already comes a file that a network begins with."""
    rng = np.random.default_rng(0)
    speech = tmp_path / "speech"
    speech.mkdir()
    sound = (0.1 * rng.standard_normal(STREAM + 9_000)).astype(np.float32)
    soundfile.write(speech / "a.wav", sound, 16_000)
    streams = tmp_path / ".backbone-commands-work" / "streams"
    streams.mkdir(parents=True)
    heard = rng.standard_normal((1_500, 384)).astype(np.float16)
    samples = (sound[:STREAM] * 32_767).astype(np.int16)
    np.savez(streams / "00000.npz", samples=samples, heard=heard)
    recipe = teaching.TeachingRecipe(hours=0.0085, cuts=16)
    recipe = replace(recipe, fit=replace(recipe.fit, epochs=1, batch=16))
    request = teaching.TeachingRequest((speech,), (), tmp_path, recipe, command="as typed")
    told = []
    path = teaching.teach_commands(request, told.append)
    backbone = load_backbone(path)
    assert backbone.about.command == "as typed"
    assert backbone.about.loss is not None
    assert backbone.about.loss > 0
    assert any("16 mixtures" in line for line in told)
    again = load_backbone(teaching.teach_commands(request, told.append))
    for name, weights in backbone.weights.items():
        np.testing.assert_array_equal(weights, again.weights[name])
    model = commands.commands_default()
    backbone.put_under(model)
    shipped = model.get_layer("gru1").get_weights()[0]
    np.testing.assert_array_equal(shipped, backbone.weights["gru1/0"])


def test_a_backbone_under_another_network_is_refused():
    """A network of another size can't begin with it, and the layer is named."""
    from wakeful.models.trigger import TriggerSize

    other = commands.commands_default(3, TriggerSize(units=32))
    with pytest.raises(BackboneError, match="gru1"):
        load_backbone().put_under(other)
