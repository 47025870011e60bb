"""The backbone's second lesson, in miniature: a file out that every network starts from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from wakeful.models.errors import UsageError
from wakeful.training.backbone import load_backbone
from wakeful.training.teaching import BackboneRequest, learn, read_recipe
from wakeful.training.whisper_lesson import RECIPE, WhisperRecipe, whisper_lesson
from wakeful.training.whisper_teacher import STREAM

TINY = """
seed = 3
examples = 32
hours = 0.0085
crowds = 1
[fit]
epochs = 2
batch = 8
"""


def test_the_recipe_that_comes_along_is_read() -> None:
    """With everything that it says."""
    recipe = read_recipe(RECIPE, WhisperRecipe)
    assert recipe.examples >= 40_000
    assert recipe.hours >= 10
    assert RECIPE.suffix == ".toml"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("epoch = 3", "epoch"),
        ("[fit]\nepochs = 'many'", "epochs"),
        ("[mixtures]\nsinging = 1.0", "mixtures"),
        ("seed = ", "recipe.toml"),
        (None, "recipe.toml"),
    ],
)
def test_a_slip_in_a_recipe_is_named(text: str | None, told: str, tmp_path: Path) -> None:
    """The file and the key, in one line."""
    if text is not None:
        (tmp_path / "recipe.toml").write_text(text)
    with pytest.raises(UsageError, match=told) as raised:
        read_recipe(tmp_path / "recipe.toml", WhisperRecipe)
    assert "\n" not in str(raised.value)


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_a_backbone_is_taught_and_networks_start_from_it(tmp_path: Path) -> None:
    """From half a minute that whisper has heard already: enough to learn something."""
    trigger = pytest.importorskip("wakeful.models.trigger", reason="needs the train extra")
    commands = pytest.importorskip("wakeful.models.commands", reason="needs the train extra")
    rng = np.random.default_rng(0)
    sound = (0.1 * rng.standard_normal(STREAM + 9_000)).astype(np.float32)
    (tmp_path / "speech").mkdir()
    soundfile.write(tmp_path / "speech" / "a.wav", sound, 16_000)
    (tmp_path / "recipe.toml").write_text(TINY)
    streams = tmp_path / "out" / ".backbone-work" / "streams"
    streams.mkdir(parents=True)
    heard = rng.standard_normal((1_500, 384)).astype(np.float16)
    samples = (sound[:STREAM] * 32_767).astype(np.int16)
    np.savez(streams / "00000.npz", samples=samples, heard=heard)
    lines: list[str] = []
    first = load_backbone()
    request = BackboneRequest(
        tmp_path / "out", [tmp_path / "speech"], begin=first, processes=1, command="do"
    )
    recipe = read_recipe(tmp_path / "recipe.toml", WhisperRecipe)
    lesson = whisper_lesson(request, recipe, lines.append)
    made = load_backbone(learn(request, lesson, lines.append))
    assert made.about.command == "do"
    assert made.about.recipe["seed"] == 3
    assert made.about.before is not None
    assert made.about.before["command"] == first.about.command
    assert "whisper" in made.about.teacher
    losses = [float(line.split("loss ")[1].split(",")[0]) for line in lines if "loss" in line]
    assert losses[1] < losses[0]
    assert made.about.loss == pytest.approx(losses[1], abs=1e-3)
    word, command = trigger.trigger_default(), commands.commands_default()
    made.put_into(word)
    made.put_under(command)
    for model in (word, command):
        put = model.get_layer("gru1").get_weights()[0]
        np.testing.assert_array_equal(put, made.weights["gru1/0"])
    lines.clear()
    lesson = whisper_lesson(request, recipe, lines.append)
    again = load_backbone(learn(request, lesson, lines.append))
    assert not any("loss" in line for line in lines)
    for name, weights in made.weights.items():
        np.testing.assert_array_equal(weights, again.weights[name])
    other = replace(request, begin=None)
    with pytest.raises(UsageError, match="was begun with another --begin"):
        learn(other, whisper_lesson(other, recipe, lines.append), lines.append)
