"""The command networks trained and compared, by their commands, on a small tree of tones."""

import hashlib
import json
import shutil

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from wakeful.daemon.cli import cli
from wakeful.models.labels import UNKNOWN
from wakeful.training.command_features import FEATURES, HEARD_BY, prepared
from wakeful.training.corpora import BACKGROUND, Clip
from wakeful.training.corpora_classes import COMMANDS, LABELS
from wakeful.training.corpus import CorpusError

pytestmark = pytest.mark.tensorflow
pytest.importorskip("tensorflow", reason="needs the train extra")

PEOPLE = [hashlib.md5(str(i).encode()).hexdigest()[:8] for i in range(8)]
WORDS = (*COMMANDS, "bird")


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Eleven words, each a tone of its own, by eight people who whistle a little apart."""
    folder = tmp_path_factory.mktemp("speech_commands")
    rng = np.random.default_rng(0)
    for number, word in enumerate(WORDS):
        (folder / word).mkdir()
        for who, name in enumerate(PEOPLE):
            hz = 200 * 1.35**number * (1 + 0.004 * who)
            sound = 0.3 * np.sin(np.arange(9_000) * 2 * np.pi * hz / 16_000)
            sound += 0.01 * rng.standard_normal(9_000)
            soundfile.write(folder / word / f"{name}_nohash_0.wav", sound, 16_000)
    (folder / BACKGROUND).mkdir()
    soundfile.write(folder / BACKGROUND / "hiss.wav", 0.05 * rng.standard_normal(64_000), 16_000)
    return folder


def run(*arguments):
    """The command line, as it is called; its standard output."""
    result = CliRunner().invoke(cli, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("name", FEATURES)
def test_each_feature_has_its_shape_and_is_about_one_wide(name):
    """Sound at an ordinary level gives numbers that a network without a normalising layer takes."""
    rng = np.random.default_rng(1)
    found = FEATURES[name].of((0.05 * rng.standard_normal(16_000)).astype(np.float32))
    assert found.shape == FEATURES[name].shape
    assert np.isfinite(found).all()
    if name in ("linear", "log-mel", "mfcc"):
        assert np.abs(found).mean() < 3


def test_every_network_is_given_features_that_exist():
    """The table of networks names features, and every network once."""
    assert {name for names in HEARD_BY.values() for name in names} == set(FEATURES)
    assert len(HEARD_BY) == 5


def test_features_are_kept_and_broken_clips_counted(tree, tmp_path):
    """A few broken clips are left out by name; a second call reads what the first one made."""
    clips = [Clip(path, "yes") for path in sorted((tree / "yes").iterdir())]
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF nothing")
    clips.insert(3, Clip(broken, "no"))
    path = tmp_path / "features.npy"
    first = prepared(clips, FEATURES["log-mel"], path, max_bad_share=0.2)
    assert [bad.path for bad in first.bad] == [broken]
    assert len(first.labelled) == len(clips) - 1
    assert set(first.labelled.labels) == {LABELS.index("yes")}
    before = path.stat().st_mtime_ns
    again = prepared(clips, FEATURES["log-mel"], path, max_bad_share=0.2)
    assert path.stat().st_mtime_ns == before
    np.testing.assert_array_equal(again.labelled.features, first.labelled.features)
    assert again.bad == first.bad


def test_too_many_broken_clips_are_refused(tree, tmp_path):
    """Above the share that may be broken, it is the wrong data, and the line says so."""
    clips = [Clip(path, "yes") for path in sorted((tree / "yes").iterdir())]
    for number in range(2):
        path = tmp_path / f"empty{number}.wav"
        path.write_bytes(b"")
        clips.append(Clip(path, "no"))
    with pytest.raises(CorpusError, match=r"2 of 10 clips are empty or broken.*empty0"):
        prepared(clips, FEATURES["log-mel"], tmp_path / "features.npy")


def test_compare_prints_draws_and_resumes(tree, tmp_path):
    """One table, one picture, one page; nothing is fitted again, nor under another seed."""
    out, page, picture = tmp_path / "out", tmp_path / "c.html", tmp_path / "c.png"
    asked = [
        *("compare", "commands", "--data", tree, "--out", out, "--epochs", 2, "--batch", 16),
        *("--network", "commands-light-cnn", "--network", "commands-dense"),
        *("--features", "light", "--features", "linear"),
    ]
    found = json.loads(run(*asked, "--json", "--html", page, "--png", picture))
    rows = [(row["network"], row["feature"]) for row in found["rows"]]
    assert rows == [("commands-light-cnn", "light"), ("commands-dense", "linear")]
    for row in found["rows"]:
        assert np.sum(row["confusion"]) == found["clips"]["test"]
        assert row["test"] == pytest.approx(np.trace(row["confusion"]) / found["clips"]["test"])
        assert len(row["losses"]) == 2
        assert row["ms"] > 0
        assert row["size_bytes"] > row["parameters"] / 2
    assert found["rows"][1]["parameters"] == 5_449_228
    assert found["clips"]["train"] > 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    text = page.read_text()
    assert text.count("confusion matrix:") == text.count("loss of each epoch") == 2
    for row in found["rows"]:
        wrong = found["clips"]["test"] - np.trace(row["confusion"])
        assert len(row["mistakes"]) == min(12, wrong)
        assert all(m["said"] != m["heard"] for m in row["mistakes"])
        sure = [m["sure"] for m in row["mistakes"]]
        assert sure == sorted(sure, reverse=True)
    wrong = [m for row in found["rows"] for m in row["mistakes"]]
    assert wrong
    assert text.count("<audio") == len(wrong)
    kept = {p: p.stat().st_mtime_ns for p in (out / ".commands-work").glob("*.row.json")}
    told = run(*asked)
    assert {p: p.stat().st_mtime_ns for p in kept} == kept
    assert "commands-dense" in told
    assert "0.6226 to 0.6817" in told
    for path in kept:
        older = json.loads(path.read_bytes())
        del older["mistakes"]
        path.write_text(json.dumps(older))
    run(*asked, "--html", page)
    assert "<audio" not in page.read_text()
    other = CliRunner().invoke(cli, [str(a) for a in (*asked, "--seed", 2)])
    assert "another recipe" in str(other.exception)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("compare", "commands", "--network", "commands-best"), "commands-dense"),
        (("compare", "commands", "--features", "cepstra"), "log-mel"),
        (("compare", "commands", "--html", "/nowhere/at/all.html"), "there is no folder"),
        (("train", "commands-dense", "--folds", 1), "leaves nobody"),
        (("train", "commands-light-cnn", "--features", "mfcc"), "takes light"),
    ],
)
def test_what_can_not_be_done_is_said(tree, tmp_path, arguments, told):
    """Unknown names and numbers that make no sense are usage errors that name what there is."""
    asked = [*arguments, "--data", tree, "--out", tmp_path]
    result = CliRunner().invoke(cli, [str(a) for a in asked])
    assert getattr(result.exception, "exit_code", result.exit_code) == 2
    assert told in result.output + str(result.exception)


def test_train_learns_and_leaves_the_network(tree, tmp_path):
    """Tones are told apart after a few epochs, and what is left can be read again."""
    run(
        *("train", "commands-dense", "--data", tree, "--out", tmp_path),
        *("--features", "log-mel", "--epochs", 8, "--batch", 8, "--json"),
    )
    told = json.loads((tmp_path / "commands-dense-log-mel.json").read_text())
    assert told["train"] > 0.6
    assert told["labels"] == list(LABELS)
    from wakeful.models.commands import build

    model = build("commands-dense", FEATURES["log-mel"].shape)
    with np.load(tmp_path / "commands-dense-log-mel.npz") as kept:
        model.set_weights([kept[name] for name in sorted(kept.files)])
    tone = FEATURES["log-mel"].of(0.3 * np.sin(np.arange(16_000) * 0.08).astype(np.float32))
    assert np.isfinite(model(tone[np.newaxis]).numpy()).all()


def test_train_measures_each_fold_on_people_it_had_not_heard(tree, tmp_path):
    """With --folds there is a row for each part of the speakers, and each clip is measured once."""
    asked = ("train", "commands-light-cnn", "--data", tree, "--out", tmp_path, "--folds", 2)
    rows = json.loads(run(*asked, "--epochs", 1, "--batch", 16, "--json"))
    assert len(rows) == 2
    words = [i for i, label in enumerate(LABELS) if label in COMMANDS]
    measured = np.sum([row["confusion"] for row in rows], axis=0)
    assert np.all(measured[words].sum(axis=1) == len(PEOPLE))


def test_a_folder_for_each_label_is_enough(tree, tmp_path):
    """Without speakers' names or noise files are dealt; unknown words may be a folder."""
    folder = tmp_path / "plain"
    for word in WORDS:
        to = folder / (UNKNOWN if word == "bird" else word)
        to.mkdir(parents=True)
        for number, path in enumerate(sorted((tree / word).iterdir())):
            shutil.copy(path, to / f"{number}-{word}.wav")
    asked = ("train", "commands-light-cnn", "--data", folder, "--out", tmp_path, "--epochs", 1)
    assert "test" in run(*asked, "--batch", 16)
