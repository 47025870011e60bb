"""The backbone's second lesson, in miniature: a file out that every network starts from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from wakeful.models.errors import UsageError
from wakeful.training.backbone import Backbone, load_backbone
from wakeful.training.teaching import PUPILS, BackboneRequest, learn, read_recipe
from wakeful.training.whisper_lesson import RECIPES, WhisperRecipe, whisper_lesson
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


@pytest.mark.parametrize("pupil", PUPILS)
def test_the_recipes_that_come_along_are_read(pupil: str) -> None:
    """With everything that they say; each pupil has one."""
    recipe = read_recipe(RECIPES[pupil], WhisperRecipe)
    assert recipe.examples >= 40_000
    assert recipe.hours >= 10
    assert RECIPES[pupil].suffix == ".toml"


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


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """Half a minute that whisper has heard already, as the work folder of `out` keeps it."""
    rng = np.random.default_rng(0)
    sound = (0.1 * rng.standard_normal(STREAM + 9_000)).astype(np.float32)
    (tmp_path / "speech").mkdir()
    soundfile.write(tmp_path / "speech" / "a.wav", sound, 16_000)
    streams = tmp_path / "out" / ".backbone-work" / "streams"
    streams.mkdir(parents=True)
    heard = rng.standard_normal((1_500, 384)).astype(np.float16)
    samples = (sound[:STREAM] * 32_767).astype(np.int16)
    np.savez(streams / "00000.npz", samples=samples, heard=heard)
    return tmp_path / "speech"


def taught(request: BackboneRequest, recipe: str) -> tuple[Backbone, list[float]]:
    """What was learned, and the losses that were told."""
    told: list[str] = []
    path = request.out / "recipe.toml"
    path.write_text(recipe)
    lesson = whisper_lesson(request, read_recipe(path, WhisperRecipe), told.append)
    made = load_backbone(learn(request, lesson, told.append))
    return made, [float(line.split("loss ")[1].split(",")[0]) for line in told if "loss" in line]


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_a_backbone_is_taught_and_networks_start_from_it(speech: Path) -> None:
    """Enough to learn something; what is done is not done again."""
    trigger = pytest.importorskip("wakeful.models.trigger", reason="needs the train extra")
    first, out = load_backbone(), speech.parent / "out"
    request = BackboneRequest(out, [speech], begin=first, processes=1, command="do")
    made, losses = taught(request, TINY)
    assert made.about.network == "trigger-default"
    assert made.about.command == "do"
    assert made.about.recipe["seed"] == 3
    assert made.about.before is not None
    assert made.about.before["command"] == first.about.command
    assert "whisper" in made.about.teacher
    assert losses[1] < losses[0]
    assert made.about.loss == pytest.approx(losses[1], abs=1e-3)
    word = trigger.trigger_default()
    made.put_into(word)
    put = word.get_layer("gru1").get_weights()[0]
    np.testing.assert_array_equal(put, made.weights["gru1/0"])
    again, losses = taught(request, TINY)
    assert not losses
    assert again.digest() == made.digest()
    with pytest.raises(UsageError, match="was begun with another --begin"):
        taught(replace(request, begin=None), TINY)


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_an_ear_is_taught_and_commands_start_from_it(speech: Path) -> None:
    """Anew, into a file of its own, which goes into the network of the commands."""
    commands = pytest.importorskip("wakeful.models.commands", reason="needs the train extra")
    out, pupil = speech.parent / "out", PUPILS["commands-default"]
    recipe = "seconds = 1.02\nlag_s = 0.01\nalone = 0.4\n" + TINY
    request = BackboneRequest(out, [speech], pupil=pupil, processes=1)
    made, losses = taught(request, recipe)
    assert (out / "ear.npz").is_file()
    assert not (out / "backbone.npz").exists()
    assert made.about.network == "commands-default"
    assert made.about.before is None
    assert losses[1] < losses[0]
    command = commands.commands_default()
    made.put_under(command)
    put = command.get_layer("ear-joined").get_weights()[0]
    np.testing.assert_array_equal(put, made.weights["ear-joined/0"])
