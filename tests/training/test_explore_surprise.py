"""What a model finds surprising: asked about every recording, counted, and the least believed."""

import json
from pathlib import Path

import numpy as np
import pytest
import recorded
import soundfile
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from parsed_page import Parsed
from wakeful.daemon.cli import cli
from wakeful.models.bundle import ClipSettings, Manifest, save_bundle
from wakeful.models.classifier import load_classifier
from wakeful.models.frontend import FrontEndConfig
from wakeful.models.labels import SILENCE, UNKNOWN
from wakeful.training.explore import listed
from wakeful.training.explore_files import ExploreError
from wakeful.training.explore_pass import Hands, measure_all
from wakeful.training.explore_store import Store
from wakeful.training.explore_surprise import own_label, ranker, surprises

pytestmark = pytest.mark.tensorflow
commands = pytest.importorskip("wakeful.models.commands", reason="needs the train extra")
clip_step = pytest.importorskip("wakeful.models.clip_step", reason="needs the train extra")
ear = pytest.importorskip("wakeful.models.ear", reason="needs the train extra")

LABELS = [SILENCE, UNKNOWN, "word0", "word1"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A network of drawn weights: its opinion is worth nothing, and is always the same."""
    folder = tmp_path_factory.mktemp("model")
    commands.keras.utils.set_random_seed(4)
    size = ear.EarSize(channels=(4, 8), blocks=1, width=12, rows=1, reach=3)
    step = clip_step.convert_clip(commands.commands_default(len(LABELS), size), 102)
    manifest = Manifest(
        kind="commands",
        labels=LABELS,
        frontend=FrontEndConfig().to_dict(),
        frames_per_call=6,
        stride=ear.STRIDE,
        states={},
        weights="int8",
        clip=ClipSettings(frames=102),
    )
    save_bundle(folder / "small", manifest, step)
    return folder / "small.json"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Three words, of which the model knows two."""
    return recorded.commands(tmp_path_factory.mktemp("s"), 3, 3, 2)


@pytest.fixture(scope="module")
def found(folder: Path, model: Path):
    """What the model makes of them."""
    with Store(None, folder) as store, Hands(1, 1) as hands:
        total = listed(store)
        measure_all(store, hands, total, lambda done, of: None)
        return surprises(store, hands, str(model), lambda done, of: None)


def test_every_recording_is_counted_as_the_model_hears_it(found, folder: Path, model: Path) -> None:
    """Asked once more, one by one, through the runtime that listens."""
    classifier = load_classifier(model)
    expected = [[0] * 4 for _ in range(4)]
    beliefs = {}
    words: dict[bool, list[float]] = {True: [], False: []}
    order = sorted(LABELS)
    for path in sorted(folder.rglob("*.flac")):
        sound, _ = soundfile.read(path, dtype="float32")
        ranked = {r.label: r.confidence for r in classifier.hear(sound)}
        own = path.parent.name if path.parent.name in LABELS else UNKNOWN
        guess = max(ranked, key=lambda label: ranked[label])
        expected[order.index(own)][order.index(guess)] += 1
        words[own != UNKNOWN].append(1 - ranked[UNKNOWN] - ranked[SILENCE])
        beliefs[str(path.relative_to(folder))] = ranked[own]
    assert found.labels == tuple(order)
    assert found.counts.tolist() == expected
    assert found.right == pytest.approx(np.trace(expected) / 18)
    assert found.left_out == 0
    above = [(a > b) + 0.5 * (a == b) for a in words[True] for b in words[False]]
    assert found.words is not None
    assert found.words.area == pytest.approx(np.mean(above), abs=1e-9)
    assert {row.name: belief for row, *_, belief in found.rows} == pytest.approx(beliefs, abs=1e-6)


def test_the_least_believed_come_first(found) -> None:
    """Each with the label that it ought to have, and the one that is heard."""
    told = [belief for *_, belief in found.rows]
    assert told == sorted(told)
    assert {own for _, own, _, _ in found.rows} <= set(LABELS)


@given(st.text(), st.lists(st.text().filter(lambda text: not text.isdigit())))
def test_a_label_that_is_unknown_is_called_so(label: str, known: list[str]) -> None:
    """If the model has a word for what it doesn't know; else it can't be asked."""
    expected = label if label in known else UNKNOWN if UNKNOWN in known else None
    assert own_label(label, known) == expected


def test_the_report_and_programs_are_told(folder: Path, model: Path, tmp_path: Path) -> None:
    """How often it is right, and the most surprising ones with their sound."""
    arguments = ["explore", str(folder), "--model", str(model), "--json", "--html"]
    html = tmp_path / "x.html"
    done = CliRunner().invoke(cli, [*arguments, str(html)], catch_exceptions=False)
    told = json.loads(done.stdout)
    assert told["model"] == "small"
    assert 0 <= told["model_right"] <= 1
    assert 0 <= told["model_equal_error"] <= 1
    assert len(told["surprises"]) == 18
    page = Parsed(html.read_text(encoding="utf-8"))
    assert "surprises" in {section["id"] for section in page.all("section")}
    assert "heard as" in page.text
    assert "Is it a word at all?" in page.text


def test_a_model_that_ranks_no_labels_is_refused(tmp_path: Path, beep_bundle: Path) -> None:
    """A wake word is no label; that is said before anything is read."""
    with pytest.raises(ExploreError, match="is a trigger model"):
        ranker(str(beep_bundle))
    arguments = ["explore", str(tmp_path / "gone"), "--model", str(beep_bundle)]
    with pytest.raises(ExploreError, match="is a trigger model"):
        CliRunner().invoke(cli, arguments, catch_exceptions=False)
