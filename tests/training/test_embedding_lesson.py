"""The backbone's first lesson, in miniature: a file out that another goes on from."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from wakeful.training.embedding_lesson import EmbeddingRecipe, embedding_lesson
from wakeful.training.teaching import BackboneRequest, learn, read_recipe

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


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_a_backbone_is_taught(tmp_path: Path, voice: np.ndarray) -> None:
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
    recipe = read_recipe(tmp_path / "recipe.toml", EmbeddingRecipe)
    lesson = embedding_lesson(request, recipe, lines.append)
    made = load_backbone(learn(request, lesson, lines.append))
    assert made.about.command == "do"
    assert made.about.recipe["seed"] == 3
    losses = [float(line.split("loss ")[1].split(",")[0]) for line in lines if "loss" in line]
    assert losses[1] < losses[0]
    assert made.about.loss == pytest.approx(losses[1], abs=1e-3)
    made.put_into(trigger.trigger_default())
    lines.clear()
    learn(request, embedding_lesson(request, recipe, lines.append), lines.append)
    assert not any("loss" in line for line in lines)
