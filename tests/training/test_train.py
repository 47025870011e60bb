"""A whole training in miniature: from folders to a bundle that the daemon loads."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from parsed_page import Parsed
from wakeful.models.bundle import load_bundle
from wakeful.models.frontend import FrontEndConfig
from wakeful.training.fit import FitSettings
from wakeful.training.recipe import Recipe
from wakeful.training.sound import Folders, Sound, read_sound_for
from wakeful.training.train import Run
from wakeful.training.ways import mean_of, part_way

QUICK = FitSettings(epochs=1, batch=16, compiled=False)
RECIPE = Recipe(
    "Hey Robot",
    ways=2,
    examples=48,
    candidates=64,
    mined=16,
    head_fit=QUICK,
    first_fit=QUICK,
    way_fit=QUICK,
    second_fit=QUICK,
    frontend=FrontEndConfig(),
    backbone=False,
)


@pytest.fixture
def folders(tmp_path: Path, voice: np.ndarray) -> Path:
    """Two words and some speech, all cut from one sentence: enough to run, not to learn."""
    for kind, split, number in [
        ("positive", "train", 0),
        ("positive", "validation", 1),
        ("hard", "train", 2),
        ("hard", "validation", 3),
        ("sentence", "train", 4),
    ]:
        folder = tmp_path / "clips" / kind
        folder.mkdir(parents=True, exist_ok=True)
        part = voice[2_000 * number : 2_000 * number + 9_000]
        soundfile.write(folder / f"{split}.flac", part, 16_000)
        with (folder / "manifest.jsonl").open("a") as manifest:
            manifest.write(json.dumps({"file": f"{split}.flac", "split": split}) + "\n")
    (tmp_path / "speech").mkdir()
    for name in "abcdef":
        soundfile.write(tmp_path / "speech" / f"{name}.flac", voice, 16_000)
    return tmp_path


def sound(folders: Path) -> Sound:
    """A part of the speech to fit on, the rest held out."""
    return read_sound_for(Folders([folders / "clips"], negatives=[folders / "speech"]))


@pytest.mark.tensorflow
@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_part_of_the_way_is_of_all_that_is_fitted(share: float) -> None:
    """Weights and moving statistics alike; none of it is before, all of it is now."""
    trigger = pytest.importorskip("wakeful.models.trigger", reason="needs the train extra")
    size = trigger.TriggerSize(first_filters=4, second_filters=6, units=8)
    one, two = trigger.trigger_default(size), trigger.trigger_default(size)
    before, now = one.get_weights(), two.get_weights()
    part_way(two, before, share)
    for a, b, mean in zip(before, now, two.get_weights(), strict=True):
        if a.dtype.kind == "f":
            wanted = (1 - share) * a + share * b
            np.testing.assert_allclose(mean, wanted, rtol=1e-5, atol=1e-7)
    assert any((a != b).any() for a, b in zip(before, now, strict=True))


class Killed(BaseException):
    """Nobody catches it by accident."""


def killed_at(beginning: str, lines: list[str]) -> Callable[[str], None]:
    """Whoever is told a line that begins so dies; until then lines are kept."""

    def tell(line: str) -> None:
        lines.append(line)
        if line.startswith(beginning):
            raise Killed

    return tell


def test_the_mean_is_of_every_weight_in_its_own_type() -> None:
    """What is counted, not weighed, a dropout's seed, is the first one's."""
    one = [np.array([1, 2], np.float32), np.array([7, 8], np.uint32)]
    two = [np.array([3, 6], np.float32), np.array([9, 9], np.uint32)]
    weighed, counted = mean_of([one, two])
    np.testing.assert_array_equal(weighed, [2, 4])
    np.testing.assert_array_equal(counted, one[1])
    assert [weighed.dtype, counted.dtype] == [a.dtype for a in one]


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_killed_between_two_ways_it_ends_where_it_would_have(folders: Path) -> None:
    """The mean of both ways, to the bit, and the first of them is not gone again."""
    pytest.importorskip("keras", reason="needs the train extra")

    heard, lines = sound(folders), list[str]()
    whole = Run(RECIPE, heard, folders / "whole", 1, lines.append).fitted("fit").get_weights()
    assert sum(line.startswith("way 1") for line in lines) == 1
    with pytest.raises(Killed):
        Run(RECIPE, heard, folders / "work", 1, killed_at("way 1", [])).fitted("fit")
    assert not (folders / "work" / "way-2.npz").exists()
    lines.clear()
    resumed = Run(RECIPE, heard, folders / "work", 1, lines.append).fitted("fit").get_weights()
    assert [line.split(":")[0] for line in lines if "epoch" in line] == ["way 2"]
    for a, b in zip(whole, resumed, strict=True):
        np.testing.assert_array_equal(a, b)


def losses_written(folder: Path) -> list[float]:
    """What TensorBoard would draw."""
    import tensorflow as tf

    (file,) = folder.iterdir()
    events = [
        tf.compat.v1.Event.FromString(record.numpy())
        for record in tf.data.TFRecordDataset(str(file))
    ]
    told = [value for event in events for value in event.summary.value]
    assert {value.tag for value in told} == {"loss"}
    return [float(tf.make_ndarray(value.tensor)) for value in told]


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_a_training_ends_in_a_bundle_and_goes_on_after_a_kill(folders: Path) -> None:
    """Killed after the first fit, it does the rest, and the bundle holds how it was made."""
    pytest.importorskip("keras", reason="needs the train extra")
    from wakeful.training.export import Origin
    from wakeful.training.report import Training, write_report
    from wakeful.training.ship import ship

    lines: list[str] = []
    told = killed_at("mining", lines)
    run = Run(RECIPE, sound(folders), folders / "work", 1, told, folders / "losses")
    with pytest.raises(Killed):
        run.fitted()
    begun = [line.partition(":")[0] for line in lines if "epoch 1/1" in line]
    assert begun[:2] == ["last layer", "first fit"]
    lines.clear()
    resumed = replace(run, say=lines.append)
    made = ship(resumed, resumed.fitted(), folders / "hey-robot", Origin("do it", seed=1))
    assert not any(line.startswith(("last layer", "first fit")) for line in lines)
    loaded = load_bundle(folders / "hey-robot.json").manifest
    assert loaded == made.bundle.manifest
    assert loaded.labels == ["Hey Robot"]
    assert loaded.training.command == "do it"
    assert loaded.measured["positives"] == made.calibration.words == 1
    assert 0 < loaded.detector.threshold <= 1
    (other,) = {"float32", "int8"} - {loaded.weights}
    beside = load_bundle(folders / f"hey-robot-{other}.json").manifest
    assert beside.weights == other
    assert beside.detector.threshold == round(made.tried[other].chosen.threshold, 5)
    assert len(losses_written(folders / "losses/second-fit")) == 1
    done = Training(resumed, made, [folders / "clips"], False, "do it", 1.0, 90.0)
    page = Parsed(write_report(done).read_text(encoding="utf-8"))
    assert (folders / "hey-robot.html").is_file()
    (shown,) = losses_written(folders / "losses/first-fit")
    assert f"first fit, epoch 1: {shown:.4g}" in page.text
    assert "second fit, epoch 1: " in page.text
    assert page.all("audio")
