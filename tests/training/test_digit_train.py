"""`digits-default` from folders to a bundle, with a tiny recipe: every stage real, none skipped."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytestmark = pytest.mark.tensorflow
pytest.importorskip("tensorflow", exc_type=ImportError)

from wakeful.models.bundle import load_bundle  # noqa: E402
from wakeful.models.digit_strings import DigitReader  # noqa: E402
from wakeful.training.corpus import CorpusError  # noqa: E402
from wakeful.training.digit_sources import NAMES, Folders  # noqa: E402
from wakeful.training.digit_train import (  # noqa: E402
    DigitRecipe,
    DigitRequest,
    recipe_for,
    train_digits,
)

TINY = DigitRecipe(
    examples_a_speaker=8,
    synthetic_examples=8,
    synthetic_kept=4,
    base_epochs=1,
    speaker_epochs=1,
    speaker_whole_epochs=1,
    last_epochs=1,
    whole_epochs=1,
    batch=4,
    strings=2,
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> Folders:
    """Two people, a voice, another word and some noise."""
    root: Path = tmp_path_factory.mktemp("sound")
    rng = np.random.default_rng(1)
    t = np.arange(2_400) / 8_000
    for name in ("people", "voices", "others/yes", "noise"):
        (root / name).mkdir(parents=True)
    rows = []
    for digit, name in enumerate(NAMES):
        tone = 0.3 * np.sin(2 * np.pi * (200 + 150 * digit) * t)
        for who in ("ann", "bob"):
            for take in range(2):
                sound = tone + rng.normal(size=len(t)) * 0.01
                soundfile.write(root / "people" / f"{digit}_{who}_{take}.wav", sound, 8_000)
        for split in ("train", "validation"):
            file = f"{name}-{split}.flac"
            text = name if split == "train" else f"{name} {name}"
            soundfile.write(root / "voices" / file, np.concatenate([tone, tone]), 16_000)
            rows.append({"file": file, "text": text, "split": split})
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (root / "voices" / "manifest.jsonl").write_text(lines)
    for n in range(6):
        soundfile.write(root / "others" / "yes" / f"{n}.wav", rng.normal(size=4_000) / 9, 16_000)
    soundfile.write(root / "noise" / "hum.wav", rng.normal(size=16_000) / 9, 16_000)
    return Folders(root / "people", [root / "voices"], [root / "others"], [root / "noise"])


def test_from_folders_to_a_bundle_that_reads(folders: Folders, tmp_path: Path) -> None:
    """All figures are there, and a second run fits nothing and writes the same network."""
    said: list[str] = []
    request = DigitRequest(folders, tmp_path, TINY, command="wakeful train digits-default")
    found = train_digits(request, said.append)
    assert set(found.figures["leave_one_out"]) == {"ann", "bob"}
    assert np.sum(found.figures["leave_one_out_confusion"]) == 40
    assert found.figures["random_split_clips"] == 10
    assert found.figures["voices_strings"] == 10
    assert 0.5 <= found.figures["temperature"] <= 8.0
    first = load_bundle(tmp_path / "digits-default.json")
    assert (first.manifest.kind, first.manifest.weights) == ("digits", "int8")
    assert len(first.tflite) < 400_000
    assert len(DigitReader(first).rank(np.zeros(8_000, np.float32))) == 12
    assert any(line.startswith("base:") for line in said)
    said.clear()
    again = train_digits(request, said.append)
    assert not any(line.startswith(("base:", "last:")) for line in said)
    assert again.figures == found.figures


def test_without_voices_there_is_nothing_to_begin_with(folders: Folders, tmp_path: Path) -> None:
    """Said in a line, before anything is mixed."""
    bare = replace(folders, voices=())
    with pytest.raises(CorpusError, match="no synthetic digits; give --voices DIR"):
        train_digits(DigitRequest(bare, tmp_path, TINY), lambda line: None)


@pytest.mark.parametrize("effort", [0.1, 1.0, 3.0])
def test_a_recipe_follows_the_effort(effort: float) -> None:
    """Never less than one epoch of each fit."""
    usual, made = DigitRecipe(), recipe_for(effort)
    for name in (
        "base_epochs",
        "speaker_epochs",
        "last_epochs",
        "speaker_whole_epochs",
        "whole_epochs",
    ):
        assert getattr(made, name) == max(1, round(effort * getattr(usual, name)))
