"""A word as text in, a bundle out: a real training by the quickest voices, in minutes."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from wakeful.models.bundle import Bundle, load_bundle
from wakeful.models.frontend import FrontEnd
from wakeful.synth.levels import Samples
from wakeful.training.calibrate import in_silence
from wakeful.training.corpus import read_clips
from wakeful.training.export import bundle_scorer
from wakeful.training.measure import Rule, best_scores, score_clips
from wakeful.training.word import Request, train_word

ENGINES = ("espeak-ng", "flite")

pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not all(shutil.which(e) for e in ENGINES), reason="needs espeak-ng and flite"
    ),
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which "computer" and "voyager" were trained, a minute planned for each."""
    pytest.importorskip("keras", reason="needs the train extra")
    out = tmp_path_factory.mktemp("words")
    for word in ("computer", "voyager"):
        lines: list[str] = []
        request = Request(word, out, minutes=1.0, engines=ENGINES, command=f"train {word}")
        assert train_word(request, lines.append)
        assert any("second fit" in line or "0 finds" in line for line in lines)
    return out


def scores(bundle: Bundle, clips: list[Samples]) -> np.ndarray:
    """Each clip's best, by the exported step."""
    found = score_clips(bundle_scorer(bundle), FrontEnd(bundle.frontend), clips, 3)
    return best_scores(found, Rule())


@pytest.mark.parametrize(("word", "other"), [("computer", "voyager"), ("voyager", "computer")])
def test_it_tells_its_word_from_others_by_voices_it_never_heard(
    trained: Path, word: str, other: str
) -> None:
    """Nine in ten of its own are above nineteen in twenty of all else that these voices say."""
    bundle = load_bundle(trained / f"{word}.json")

    def said(name: str, kind: str) -> list[Samples]:
        folder = trained / f".{name}-work" / "clips" / kind
        return [in_silence(c) for c in read_clips(folder, "validation")]

    own = scores(bundle, said(word, "positive"))
    others = [*said(other, "positive"), *said(word, "sentence"), *said(other, "sentence")]
    assert len(own) >= 8
    assert len(others) >= 20
    assert np.mean(own > np.quantile(scores(bundle, others), 0.95)) >= 0.9


def test_the_bundle_says_how_it_came_to_be(trained: Path) -> None:
    """The command, the recipe, the voices with their licences, and what was measured."""
    manifest = load_bundle(trained / "computer.json").manifest
    assert manifest.training.command == "train computer"
    recipe = json.loads(manifest.training.recipe)
    assert recipe["clips"]["positive"] > 50
    assert recipe["backbone"]
    named = {d.name: d.licence for d in manifest.training.data}
    assert any("espeak-ng" in name for name in named)
    assert all(named.values())
    assert manifest.measured["positives"] >= 8


def test_the_same_command_again_does_nothing_twice(trained: Path) -> None:
    """All its work lies there: only what is measured is measured again."""
    lines: list[str] = []
    before = load_bundle(trained / "computer.json")
    request = Request("computer", trained, minutes=1.0, engines=ENGINES, command="train computer")
    again = train_word(request, lines.append)
    assert again is not None
    assert again.bundle.tflite == before.tflite
    assert not any("epoch" in line for line in lines)


def test_a_stage_can_be_the_last(trained: Path) -> None:
    """Then there is no bundle to tell of."""
    request = Request("computer", trained, minutes=1.0, engines=ENGINES, until="mine")
    assert train_word(request, lambda line: None) is None
    assert train_word(replace(request, until="clips"), lambda line: None) is None
