"""`wakeful train trigger-classic`: it learns, goes on after a kill, and says what is wrong."""

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result
from wakeful.models.errors import UsageError, WakefulError
from wakeful.synth.classic_files import ORDER, make_classics
from wakeful.synth.classic_files import Order as Ordered
from wakeful.training import classic
from wakeful.training.classic import ClassicRequest, measure_classic, train_classic
from wakeful.training.classic_examples import (
    Composed,
    ComposedError,
    batches,
    read_composed,
    require_others,
)
from wakeful.training.classic_fit import ClassicFitError, ClassicRecipe, Epoch, Task, fit_classic
from wakeful.training.classic_model import (
    CHECKPOINT,
    MANIFEST,
    WEIGHTS,
    ClassicModelError,
    save_model,
)
from wakeful.training.classic_picture import draw_confusion
from wakeful.training.classic_scores import Counts, Scores
from wakeful.training.train_command import train

pytest.importorskip("pydub", reason="needs the synth extra")
# Of Keras's own, where it writes weights.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
RATE = 44_100
COUNT = 6
ONLY = "--evaluate-only"


def quiet(done: int, total: int) -> None:
    """No progress."""


def mute(line: str) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rising tone is the word, bursts of noise are the others, hiss is behind them."""
    folder, rng = tmp_path_factory.mktemp("recordings"), np.random.default_rng(1)
    at_s = np.arange(RATE // 2) / RATE
    sounds = {
        "activates/a.wav": 0.3 * np.sin(2 * np.pi * (400 + 1_600 * at_s) * at_s),
        "negatives/n.wav": rng.normal(0, 0.1, RATE // 3),
        "backgrounds/b.wav": rng.normal(0, 0.01, 11 * RATE),
    }
    for name, sound in sounds.items():
        (folder / name).parent.mkdir()
        soundfile.write(folder / name, sound, RATE)
    return folder


@pytest.fixture(scope="module")
def composed(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six compositions with their features."""
    out = tmp_path_factory.mktemp("composed")
    make_classics(recordings, out, Ordered(COUNT, 1, with_features=True), quiet)
    return out


@pytest.fixture
def spoilt(composed: Path, tmp_path: Path) -> Path:
    """A copy to be spoilt."""
    copy = tmp_path / "spoilt"
    shutil.copytree(composed, copy)
    return copy


@pytest.fixture(scope="module")
def request_(composed, tmp_path_factory) -> ClassicRequest:
    """Two epochs, of one step each."""
    return ClassicRequest(composed, tmp_path_factory.mktemp("net"), 2, 3, command="as typed")


@pytest.fixture(scope="module")
def trained(request_) -> tuple[ClassicRequest, classic.Measured, list[str]]:
    """Trained once, without a break; with what was told."""
    pytest.importorskip("tensorflow", reason="needs the train extra")
    told: list[str] = []
    return request_, train_classic(request_, told.append), told


def weights(out: Path) -> list[np.ndarray]:
    """All arrays of a trained net, by their checkpoint."""
    with np.load(out / CHECKPOINT) as saved:
        return [saved[name] for name in sorted(saved.files) if name.isdecimal()]


def write(path: Path, **arrays: Any) -> None:
    """A composition of one's own."""
    np.savez(path, **arrays)


def fails(*arguments: str | Path) -> str:
    """The one line that a command ends with."""
    done = invoked(arguments)
    assert isinstance(done.exception, WakefulError | SystemExit), done.exception
    line = str(done.exception) if isinstance(done.exception, WakefulError) else done.stderr
    assert len(str(line).splitlines()) == 1 or "Error: " in line
    return line


def invoked(arguments: Sequence[str | Path]) -> Result:
    """``wakeful train`` in this process."""
    return CliRunner().invoke(train, [str(a) for a in arguments])


def test_a_tenth_is_kept_apart_and_stays_so_when_the_folder_grows() -> None:
    """Numbers that end with 9; of fewer than ten, the last."""
    few, more = Composed(Path(), tuple(range(6))), Composed(Path(), tuple(range(40)))
    assert few.development == (5,)
    assert more.development == (9, 19, 29, 39)
    for some in (few, more, Composed(Path(), (9, 19))):
        assert not set(some.fitted) & set(some.development)
        assert {*some.fitted, *some.development} == set(some.numbers) or not some.fitted
    assert not set(few.fitted) & set(more.development)


def test_what_is_read_is_what_was_composed(composed) -> None:
    """Batches in the order that was asked for, the last one smaller."""
    folder = read_composed(composed)
    assert folder.numbers == tuple(range(COUNT))
    read = list(batches(folder, [4, 0, 2], 2))
    assert [x.shape for x, _ in read] == [(2, 5_511, 101), (1, 5_511, 101)]
    for (features, labels), number in zip(read, (4, 2), strict=True):
        with np.load(composed / f"{number:06d}.npz") as saved:
            np.testing.assert_array_equal(features[0], saved["features"])
            np.testing.assert_array_equal(labels[0], saved["labels"])
    assert list(batches(folder, [], 5)) == []


def test_features_are_made_of_the_sound_where_none_are_kept(recordings, composed, tmp_path) -> None:
    """The same numbers, from a folder of a third of the size."""
    make_classics(recordings, tmp_path, Ordered(2, 1), quiet)
    there, made = read_composed(composed).read(1), read_composed(tmp_path).read(1)
    np.testing.assert_array_equal(there[0], made[0])
    np.testing.assert_array_equal(there[1], made[1])


def test_a_folder_without_compositions_is_told(tmp_path) -> None:
    """Empty, missing, or of something else."""
    (tmp_path / "notes.npz").touch()
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ComposedError, match=r"holds no compositions.*wakeful synth classic"):
            read_composed(folder)


LABELS = np.zeros((1_375, 1), np.int8)
FEATURES = np.zeros((5_511, 101), np.float32)


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"labels": LABELS, "features": FEATURES[:, :40]}, r"\(5511, 40\).*\(5511, 101\)"),
        ({"labels": LABELS[:99], "features": FEATURES}, r"\(99, 1\).*\(1375, 1\)"),
        ({"labels": LABELS + 2, "features": FEATURES}, "labels other than 0 and 1"),
        ({"features": FEATURES}, "not a composition.*labels"),
        ({"labels": LABELS}, "its .wav is gone"),
    ],
)
def test_an_example_of_another_shape_is_told_before_anything_is_fitted(
    arrays, told, tmp_path
) -> None:
    """By its name, from the header alone."""
    write(tmp_path / "000000.npz", **arrays)
    with pytest.raises(ComposedError, match=f"000000.npz.*{told}") as caught:
        read_composed(tmp_path)
    assert "\n" not in str(caught.value)


def test_broken_files_are_told(spoilt) -> None:
    """Cut off, and sound of another length."""
    path = spoilt / "000003.npz"
    path.write_bytes(path.read_bytes()[:1_000])
    with pytest.raises(ComposedError, match=r"000003\.npz: not a composition"):
        read_composed(spoilt)
    write(path, labels=LABELS)
    soundfile.write(path.with_suffix(".wav"), np.zeros(RATE), RATE)
    with pytest.raises(ComposedError, match=r"000003\.wav: 44100 samples"):
        read_composed(spoilt).read(3)
    path.with_suffix(".wav").write_bytes(b"RIFF")
    with pytest.raises(ComposedError, match=r"000003\.wav: not readable"):
        list(batches(read_composed(spoilt), [3], 1))


def test_one_composition_is_too_few(spoilt, tmp_path) -> None:
    """Nothing would be left to measure by."""
    for path in spoilt.glob("00000[1-9].*"):
        path.unlink()
    assert "holds one composition" in fails(
        "trigger-classic", "--composed", spoilt, "--out", tmp_path
    )


def test_the_same_compositions_are_no_test(composed, spoilt) -> None:
    """A copy, or more of the same seed and recordings."""
    folder, copy = read_composed(composed), read_composed(spoilt)
    with pytest.raises(UsageError, match="fitted on"):
        require_others(copy, folder)
    with pytest.raises(UsageError, match="fitted on"):
        require_others(replace(copy, digest="more of them"), folder)
    require_others(replace(copy, digest="another", order=copy.order | {"seed": 7}), folder)
    (spoilt / ORDER).unlink()
    assert read_composed(spoilt).order == {}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["trigger-classic"], "--composed"),
        (["trigger-classic", "--minutes", "5"], "--minutes"),
        (["trigger-classic", "--composed", ".", "--positives", "x"], "--positives"),
        (["hey robot", "--composed", "."], "--composed"),
        (["--seed", "3", "trigger-classic"], "name it first"),
        (["trigger-classic", "--composed", ".", "--epochs", "0"], "--epochs"),
    ],
)
def test_options_that_do_not_go_together_are_told(given, told) -> None:
    """Exit code 2, and nothing was begun."""
    done = invoked(given)
    assert done.exit_code == 2
    assert told in done.stderr


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_the_loss_falls(composed, tmp_path) -> None:
    """In four steps of the real net, on five real compositions, at a rate that tests have time for.

    Measured with the dropouts that it is fitted with, which alone change it by a twentieth.
    """
    pytest.importorskip("tensorflow", reason="needs the train extra")
    model = classic._network(seed=1)
    recipe = ClassicRecipe(rate=3e-3)
    told: list[tuple[Epoch, float]] = []
    task = Task(read_composed(composed), 4, 1, tmp_path / CHECKPOINT, recipe)
    done = fit_classic(model, task, lambda *given: told.append(given))
    assert [epoch for epoch, _ in told] == list(done)
    assert [epoch.number for epoch in done] == [1, 2, 3, 4]
    assert done[-1].loss < 0.85 * done[0].loss
    assert told[-1][1] == 0


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_what_was_trained_is_written_down(trained) -> None:
    """The net by its counts, how it came about, what it is worth beside silence; and pictures."""
    request, measured, told = trained
    manifest = json.loads((request.out / MANIFEST).read_bytes())
    assert manifest["architecture"] == "trigger-classic"
    assert manifest["parameters"] == {"all": 522_561, "trained": 521_657}
    assert manifest["recipe"]["rate"] == 1e-4
    assert manifest["recipe"]["batch"] == 5
    assert (manifest["seed"], manifest["epochs"], manifest["command"]) == (3, 2, "as typed")
    assert manifest["data"]["fitted"] == COUNT - 1
    assert manifest["data"]["development"] == 1
    assert set(manifest["versions"]) >= {"python", "keras", "numpy"}
    assert manifest["measured"] == measured.figures()
    assert measured.figures()["on"] == "development"
    assert measured.scores.silent.steps.hits == 0
    assert len(manifest["history"]) == 2
    assert sum("min left" in line for line in told) == 2
    assert not [p for p in request.out.iterdir() if p.name.startswith(".")]


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_pictures_are_drawn_where_matplotlib_is(trained) -> None:
    """Of the steps and of the losses."""
    pytest.importorskip("matplotlib")
    for name in ("confusion", "loss"):
        content = (trained[0].out / f"trigger-classic-{name}.png").read_bytes()
        assert content.startswith(b"\x89PNG")


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_a_fit_that_was_killed_ends_with_the_same_weights(trained, tmp_path) -> None:
    """Killed behind its first epoch: the checkpoint alone remains."""

    class Killed(BaseException):
        pass

    def kill(line: str) -> None:
        if line.startswith("epoch 1"):
            raise Killed

    request = replace(trained[0], out=tmp_path)
    with pytest.raises(Killed):
        train_classic(request, kill)
    assert sorted(p.name for p in tmp_path.iterdir()) == [CHECKPOINT]
    told: list[str] = []
    resumed = train_classic(request, told.append)
    assert [line.split(":")[0] for line in told if "epoch" in line] == ["epoch 2/2"]
    assert resumed.figures() == trained[1].figures()
    for ours, whole in zip(weights(tmp_path), weights(trained[0].out), strict=True):
        np.testing.assert_array_equal(ours, whole)


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_a_trained_net_is_measured_again(trained, recordings, tmp_path) -> None:
    """The same figures from its weights; others from a folder that is held out."""
    request, measured, _ = trained
    net = ["trigger-classic", "--composed", request.composed, "--out", request.out]
    done = invoked([*net, ONLY, "--json"])
    assert json.loads(done.stdout) == measured.figures()
    make_classics(recordings, tmp_path, Ordered(2, 9), quiet)
    held_out = measure_classic(replace(request, held_out=tmp_path), mute)
    assert (held_out.on, held_out.scores.examples) == ("held-out", 2)
    manifest = json.loads((request.out / MANIFEST).read_bytes())
    assert manifest["measured"]["on"] == "held-out"
    assert manifest["epochs"] == 2


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_the_table_stands_beside_silence(trained) -> None:
    """Four rows; what has no value is a dash."""
    request = trained[0]
    done = invoked(["trigger-classic", "--composed", request.composed, "--out", request.out, ONLY])
    rows = {line[:22].strip(): line[22:].split() for line in done.stdout.splitlines()[1:6]}
    assert set(rows) >= {"steps", "steps, says nothing", "events", "events, says nothing"}
    assert rows["events, says nothing"][2] == "-"
    assert done.exit_code == 0


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda p: p.write_bytes(b"PK broken"), "a broken one; take it away"),
        (lambda p: write(p, label="", history="[]", **{"000": LABELS}), "another network"),
        (lambda p: write(p, label=""), "a broken one; take it away"),
        (lambda p: p.write_bytes(p.read_bytes()[:-3_000]), "a broken one; take it away"),
    ],
)
def test_a_broken_checkpoint_is_told(spoil, told, trained, tmp_path) -> None:
    """One line that names it; nothing is put where it doesn't belong."""
    shutil.copy(trained[0].out / CHECKPOINT, tmp_path)
    spoil(tmp_path / CHECKPOINT)
    with pytest.raises(ClassicFitError, match=told) as caught:
        train_classic(replace(trained[0], out=tmp_path), mute)
    assert CHECKPOINT in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("change", "told"),
    [({"seed": 4}, "another seed, recipe or folder"), ({"epochs": 1}, "2 epochs are done, 1 were")],
)
def test_the_checkpoint_of_another_fit_is_refused(change, told, trained) -> None:
    """Rather than half of one and half of the other."""
    with pytest.raises(ClassicFitError, match=told):
        train_classic(replace(trained[0], **change), mute)


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_weights_of_another_network_are_refused(trained, tmp_path) -> None:
    """Even where the manifest goes with them; and where either file is missing or broken."""
    import keras

    request = replace(trained[0], out=tmp_path)
    with pytest.raises(ClassicModelError, match="train it first"):
        measure_classic(request, mute)
    other = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)])
    save_model(tmp_path, other, {"architecture": "trigger-classic"})
    with pytest.raises(ClassicModelError, match="weights of another network") as caught:
        measure_classic(request, mute)
    assert "\n" not in str(caught.value)
    shutil.copy(trained[0].out / WEIGHTS, tmp_path)
    with pytest.raises(ClassicModelError, match="sha256"):
        measure_classic(request, mute)
    (tmp_path / WEIGHTS).unlink()
    with pytest.raises(ClassicModelError, match="not readable"):
        measure_classic(request, mute)
    (tmp_path / MANIFEST).write_text('{"architecture": "trigger-default"}')
    with pytest.raises(ClassicModelError, match="trigger-default"):
        measure_classic(request, mute)


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_features_that_are_no_numbers_stop_the_fit(spoilt, tmp_path) -> None:
    """A lost fit is an error, not a model."""
    pytest.importorskip("tensorflow", reason="needs the train extra")
    write(spoilt / "000000.npz", labels=LABELS, features=FEATURES * np.nan)
    with pytest.raises(ClassicFitError, match="epoch 1: the loss is no number"):
        train_classic(ClassicRequest(spoilt, tmp_path / "out", 1), mute)
    assert list((tmp_path / "out").iterdir()) == []


def test_without_matplotlib_there_are_figures_all_the_same(monkeypatch, tmp_path) -> None:
    """And a line that says how to get pictures."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    told: list[str] = []
    measured = classic.Measured(tmp_path, "development", Scores(), 0.0)
    classic._draw(measured, (), told.append)
    assert "matplotlib is not installed" in told[0]
    assert list(tmp_path.iterdir()) == []


def test_a_matrix_of_nothing_can_be_drawn(tmp_path) -> None:
    """No step was the word: no share is divided by none."""
    pytest.importorskip("matplotlib")
    draw_confusion(tmp_path / "none.png", Counts(right_silences=9))
    assert (tmp_path / "none.png").stat().st_size > 1_000
