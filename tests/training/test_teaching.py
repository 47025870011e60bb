"""The backbone's own training, in miniature: a recipe in, a file out that words start from."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from wakeful.models.errors import UsageError
from wakeful.training.teaching import RECIPE, BackboneRequest, read_recipe, train_backbone

TINY = """
seed = 3
examples = 32
[mixtures]
word = 0.5
speech = 0.5
[fit]
epochs = 2
batch = 8
"""


def test_the_recipe_that_comes_along_is_read() -> None:
    """With everything that it says."""
    recipe = read_recipe()
    assert recipe.examples >= 40_000
    assert sum(recipe.mixtures.values()) == pytest.approx(1.0)
    assert RECIPE.suffix == ".toml"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("epoch = 3", "epoch"),
        ("[fit]\nepochs = 'many'", "epochs"),
        ("[mixtures]\nsinging = 1.0", "singing"),
        ("seed = ", "recipe.toml"),
        (None, "recipe.toml"),
    ],
)
def test_a_slip_in_a_recipe_is_named(text: str | None, told: str, tmp_path: Path) -> None:
    """The file and the key, in one line."""
    if text is not None:
        (tmp_path / "recipe.toml").write_text(text)
    with pytest.raises(UsageError, match=told) as raised:
        read_recipe(tmp_path / "recipe.toml")
    assert "\n" not in str(raised.value)


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_a_backbone_is_taught_and_words_start_from_it(tmp_path: Path, voice: np.ndarray) -> None:
    """Half an hour's work in a few seconds: too little to learn much, enough to learn something."""
    trigger = pytest.importorskip("wakeful.models.trigger", reason="needs the train extra")
    pytest.importorskip("pyopen_wakeword", reason="needs the backbone extra")
    from wakeful.training.backbone import load_backbone

    for number in range(6):
        (tmp_path / "speech").mkdir(exist_ok=True)
        part = voice[3_000 * number :]
        soundfile.write(tmp_path / "speech" / f"{number}.flac", part, 16_000)
    (tmp_path / "recipe.toml").write_text(TINY)
    lines: list[str] = []
    request = BackboneRequest(tmp_path / "out", [tmp_path / "speech"], processes=1, command="do")
    recipe = read_recipe(tmp_path / "recipe.toml")
    made = load_backbone(train_backbone(request, recipe, lines.append))
    assert made.about.command == "do"
    assert made.about.recipe["seed"] == 3
    losses = [float(line.split("loss ")[1].split(",")[0]) for line in lines if "loss" in line]
    assert losses[1] < losses[0]
    assert made.about.loss == pytest.approx(losses[1], abs=1e-3)
    made.put_into(trigger.trigger_default())
    lines.clear()
    train_backbone(request, recipe, lines.append)
    assert not any("loss" in line for line in lines)
