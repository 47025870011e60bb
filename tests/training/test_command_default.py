"""The network that ships, trained in small: stages, folds by speaker, a bundle that is heard."""

import hashlib
import shutil
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from wakeful.daemon.cli import cli
from wakeful.models.bundle import load_bundle
from wakeful.models.classifier import load_classifier
from wakeful.synth.words import WordOrder, make_words
from wakeful.training.command_sources import Folders, Pieces, read_material, require_folds
from wakeful.training.corpora import BACKGROUND
from wakeful.training.corpora_classes import COMMANDS, LABELS
from wakeful.training.corpora_splits import official_split
from wakeful.training.corpus import CorpusError

pytestmark = pytest.mark.tensorflow
default = pytest.importorskip("wakeful.training.command_default", reason="needs the train extra")

NAMES = [hashlib.md5(str(i).encode()).hexdigest()[:8] for i in range(400)]
PEOPLE = [name for name in NAMES if official_split(name) == "test"][:6]
WORDS = (*COMMANDS, "bird", "cat")
SMALL = {"people": 1, "other words": 1, "voices": 1, "speech": 1, "noise": 1}


def write(path, samples):
    """A sound file, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, 16_000)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """People's words and voices' as tones, some running speech as hum, and noise."""
    root, rng = tmp_path_factory.mktemp("sound"), np.random.default_rng(0)
    for number, word in enumerate(WORDS):
        for who, name in enumerate(PEOPLE):
            hz = 200 * 1.3**number * (1 + 0.005 * who)
            tone = 0.3 * np.sin(np.arange(8_000) * 2 * np.pi * hz / 16_000)
            write(root / "people" / word / f"{name}_nohash_0.wav", tone)
            if who < 2:
                write(root / "voices" / word / f"{name}_nohash_0.wav", 0.5 * tone)
    write(root / "people" / BACKGROUND / "hiss.wav", 0.05 * rng.standard_normal(64_000))
    write(root / "speech" / "long.flac", 0.1 * rng.standard_normal(80_000).cumsum() / 300)
    return root


def request(sound, out, **changes):
    """One epoch on few mixtures."""
    recipe = default.DefaultRecipe()
    recipe = replace(
        recipe, ways=2, first_epochs=1, copies=SMALL, pieces=Pieces(speech=4, silence=12)
    )
    recipe = replace(recipe, fit=replace(recipe.fit, epochs=1, batch=32))
    folders = Folders(sound / "people", (sound / "voices",), (sound / "speech",))
    made = default.DefaultRequest(folders, out, recipe, folds=2, processes=1, command="as typed")
    return replace(made, **changes)


def test_material_is_what_it_is_called(sound):
    """People in folds, other words unknown, voices and pieces of speech in no fold."""
    folders = Folders(sound / "people", (sound / "voices",), (sound / "speech",))
    material = read_material(folders, 3, 1, Pieces(speech=7, silence=9))
    assert material.counts() == {
        "people": 10 * 6 + 6 + 6,
        "other words": 6,
        "voices": 24,
        "speech": 7,
        "noise": 9,
    }
    by_person = {}
    for clip in material.clips:
        if clip.source in ("people", "other words"):
            assert 0 <= clip.fold < 3
            by_person.setdefault(clip.person, set()).add(clip.fold)
        else:
            assert clip.fold == -1
    assert all(len(folds) == 1 for folds in by_person.values())
    labels = {c.source: LABELS[c.label] for c in material.clips}
    assert labels["other words"] == labels["speech"] == "_unknown_"
    assert labels["noise"] == "_silence_"
    assert read_material(folders, 3, 1, Pieces(7, 9)).hours == material.hours


def test_the_whole_data_set_is_measured_by_its_own_test_side(tmp_path):
    """Where every word is on each official side, fold 0 is the test side, and nothing else is."""
    sides = ("train", "validation", "test")
    kept = {side: [n for n in NAMES if official_split(n) == side][:2] for side in sides}
    for word in WORDS:
        for name in (n for who in kept.values() for n in who):
            write(tmp_path / word / f"{name}_nohash_0.wav", 0.1 * np.ones(4_000))
    write(tmp_path / BACKGROUND / "hiss.wav", 0.01 * np.ones(64_000))
    material = read_material(Folders(tmp_path), 5, 1, Pieces(other_words=3))
    assert material.official
    for clip in material.clips:
        if clip.source == "people" and LABELS[clip.label] in COMMANDS:
            assert clip.fold == (0 if clip.person in kept["test"] else -1)
        if clip.source == "other words":
            assert clip.person not in kept["test"]
    assert material.counts()["other words"] == 3
    measured = [c for c in material.clips if c.fold == 0]
    assert {c.label for c in measured} == set(range(len(LABELS)))
    require_folds(material, 1)


def test_a_fold_without_a_word_is_told(sound):
    """Where too few people say a word, it says which, and what to do."""
    material = read_material(Folders(sound / "people"), 6, 1)
    require_folds(material, 6)
    kept = [c for c in material.clips if c.fold != 4 or LABELS[c.label] != "stop"]
    with pytest.raises(CorpusError, match=r"fold 4 of 6 has no stop; take fewer --folds"):
        require_folds(replace(material, clips=kept), 6)


@pytest.mark.timeout(300)
def test_a_fold_is_measured_by_a_network_without_it(sound, tmp_path):
    """The fold's own people, each clip once, through the exported call; kept for the next run."""
    r = request(sound, tmp_path)
    material = read_material(r.folders, 2, r.seed, r.recipe.pieces)
    r.work.mkdir()
    mixed = default._mixed(r, material, 0, lambda line: None)
    of_fold = [c for c in material.clips if c.fold == 1]
    heard = mixed.of(material, r.recipe, without=1)
    assert len(heard) == len(material.clips) - len(of_fold)
    found = default._fold(r, material, [mixed], 1, lambda line: None)
    assert found.labels.tolist() == [c.label for c in of_fold if c.source == "people"]
    assert found.scores.shape == (len(found.labels), 3, len(LABELS))
    again = default._fold(r, material, [], 1, lambda line: None)
    np.testing.assert_array_equal(again.scores, found.scores)


def test_figures_are_counted_over_all_folds():
    """Each clip counts once; a fold's share is its own network's."""
    rng = np.random.default_rng(0)
    parts = []
    for wrong in (0, 10):
        labels = np.repeat(np.arange(len(LABELS)), 5)
        said = np.where(np.arange(60) < wrong, (labels + 1) % len(LABELS), labels)
        scores = 8.0 * np.eye(len(LABELS))[said][:, np.newaxis] + rng.normal(size=(60, 3, 12))
        parts.append(default.FoldHeard(scores.astype(np.float32), labels))
    calibration, figures = default._measured(parts, lambda line: None)
    assert figures["by_fold"] == [1.0, pytest.approx(50 / 60)]
    assert figures["right"] == pytest.approx(110 / 120)
    assert np.trace(figures["confusion"]) == 110
    assert figures["by_label"]["yes"] == 1.0
    assert figures["by_label"]["_silence_"] == 0.5
    assert calibration.error == figures["calibration_error"] < 0.1


def test_what_was_taken_for_what_is_drawn(tmp_path):
    """A PNG, whatever the counts: nobody said some labels, nobody was right."""
    picture = pytest.importorskip("wakeful.training.command_picture")
    pytest.importorskip("matplotlib", reason="needs the plot extra")
    for counts in (np.zeros((3, 3), int), np.eye(3, dtype=int), 1 - np.eye(3, dtype=int)):
        picture.draw_confusion(tmp_path / "c.png", ["a", "b", "c"], counts.tolist())
        assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.timeout(300)
def test_it_ships_a_bundle_that_hears(sound, tmp_path):
    """What is left loads, knows its labels and how it was made; other sound is refused there."""
    measured = default.train_default(request(sound, tmp_path, folds=0), lambda line: None)
    bundle = load_bundle(tmp_path / "commands-default.json")
    assert bundle.tflite == measured.bundle.tflite
    assert bundle.manifest.training.command == "as typed"
    assert bundle.manifest.weights == "int8"
    assert bundle.manifest.clip.frames == 102
    ranked = load_classifier(tmp_path / "commands-default.json").hear(np.zeros(16_000, np.float32))
    assert ranked[0].label == "_silence_"
    with pytest.raises(default.CommandDefaultError, match="another recipe"):
        default.train_default(request(sound, tmp_path, folds=0, seed=2), lambda line: None)


@pytest.mark.timeout(300)
def test_folds_are_fitted_side_by_side(sound, tmp_path):
    """In processes of their own, each fit once; what is measured is of all folds."""
    told: list[str] = []
    r = request(sound, tmp_path, processes=2)
    r = replace(r, recipe=replace(r.recipe, ways=1))
    figures = default.train_default(r, told.append).figures
    fits = sorted(line.split(":")[0] for line in told if "epoch" in line)
    parts = ("all", "fold0", "fold1")
    assert fits == sorted(f"{part}-{fit}" for part in parts for fit in ("head", "first", "way1"))
    assert figures["clips"] == 72
    assert len(figures["by_fold"]) == 2
    assert (tmp_path / "commands-default.json").is_file()


def test_the_command_says_what_can_not_be_done(sound, tmp_path):
    """One fold leaves nobody to fit on; a backbone that isn't there is named."""
    asked = ["train", "commands-default", "--data", str(sound / "people"), "--out", str(tmp_path)]
    one = CliRunner().invoke(cli, [*asked, "--folds", "1"])
    assert one.exit_code == 2
    assert "leaves nobody" in one.output
    drawn = CliRunner().invoke(cli, [*asked, "--folds", "0", "--png", "a.png"])
    assert drawn.exit_code == 2
    assert "nothing is" in drawn.output
    nowhere = ["--folds", "0", "--epochs", "1", "--backbone", str(tmp_path / "none.npz")]
    missing = CliRunner().invoke(cli, [*asked, *nowhere])
    assert "no such backbone" in str(missing.exception)


def test_the_shipped_model_is_small_and_sure_of_itself():
    """Under 300,000 parameters in 8 bits, with the figures of its own recipe, and the words."""
    bundle = load_bundle("commands-default")
    assert bundle.manifest.labels == list(LABELS)
    assert bundle.manifest.weights == "int8"
    assert len(bundle.tflite) < 450_000
    assert bundle.manifest.measured["clips"] >= 2_000
    assert bundle.manifest.measured["right"] > 0.9
    assert load_classifier("commands-default").labels == LABELS


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="apt install espeak-ng")
def test_the_shipped_model_understands_plain_voices(tmp_path):
    """Most of what a synthesizer says is heard as what it says, alone and in three seconds."""
    make_words(WordOrder(dict.fromkeys(COMMANDS, 3), ("espeak-ng",), 77), tmp_path, 1)
    classifier, alone, within = load_classifier("commands-default"), 0, 0
    paths = sorted(tmp_path.glob("*/*.flac"))
    for path in paths:
        samples, _ = soundfile.read(path, dtype="float32")
        longer = 1e-4 * np.random.default_rng(0).standard_normal(48_000).astype(np.float32)
        longer[20_000 : 20_000 + len(samples)] += samples[:28_000]
        alone += classifier.hear(samples)[0].label == path.parent.name
        within += classifier.hear(longer)[0].label == path.parent.name
    assert len(paths) == 30
    assert alone >= 21
    assert within >= 21
