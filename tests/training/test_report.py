"""The report of a training: whole, self-contained, and showing what was measured."""

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from parsed_page import Parsed, decoded
from wakeful.models.bundle import load_bundle
from wakeful.synth.palette import Clip, Palette
from wakeful.training.calibrate import calibrate
from wakeful.training.measure import Point, joined
from wakeful.training.pace import Pace
from wakeful.training.recipe import Recipe
from wakeful.training.report import Training, report_beside, report_page, why, write_report
from wakeful.training.report_tables import flattened
from wakeful.training.scalars import ScalarsError, require_folder
from wakeful.training.ship import Measured
from wakeful.training.sound import Sound
from wakeful.training.train import Run

RATE_HZ = 16_000
HOSTILE = "<b>act</b> of \"eight\" & 'more'"
VOICE = {"engine": "<i>flite", "voice": "slt", "licence": "MIT & co"}


def beep(*frequencies_hz: float, name: str = "") -> Clip:
    """One tone after the other, 0.18 s each."""
    t = np.arange(int(0.18 * RATE_HZ)) / RATE_HZ
    edges = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    wave = np.concatenate([np.sin(2 * np.pi * hz * t) * edges for hz in frequencies_hz])
    return Clip((wave * 6_000).astype(np.int16), 0, len(wave), name)


def speech(name: str, stray: bool) -> Clip:
    """Ten seconds of hiss; in it, at 6 s, the beep that should not be there, or nothing."""
    sound = (np.random.default_rng(len(name)).normal(size=10 * RATE_HZ) * 60).astype(np.int16)
    if stray:
        word = beep(700, 1_100).samples
        sound[6 * RATE_HZ : 6 * RATE_HZ + len(word)] += word
    return Clip(sound, name=name)


def listed(folder: Path, *rows: dict[str, object]) -> None:
    """A manifest."""
    folder.mkdir(parents=True)
    (folder / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


_AIM = 1_000.0
"""False accepts an hour: seconds are heard here."""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, beep_bundle: Path) -> Training:
    """A training as it lies in its folders, of a network that was really trained on beeps."""
    root = tmp_path_factory.mktemp("report")
    for path in (beep_bundle, beep_bundle.with_suffix(".tflite")):
        shutil.copy(path, root / path.name)
    clips, work = root / "clips", root / "work"
    listed(clips / "positive", {"file": "w.flac", "split": "validation", "text": "Beep!", **VOICE})
    near = {"split": "validation", "text": HOSTILE, **VOICE}
    listed(clips / "hard", {"file": "0.flac", **near}, {"file": "1.flac", **near})
    listed(clips / "sentence", {"file": "s.flac", "split": "train", "text": "So.", **VOICE})
    (clips / "hard/dropped.jsonl").write_text('{"number": 3, "dropped": "silent", "last": true}\n')
    listed(
        work / "finds",
        {"file": "0000.flac", "score": 0.9, "kind": "speech", "from": ["<u>reader.flac"]},
    )
    soundfile.write(work / "finds/0000.flac", beep(700, 1_100).samples, RATE_HZ)
    np.savez(work / "first-fit.npz", epochs_done=np.int64(2), losses=np.array([0.5, 0.25]))
    np.savez(work / "second-fit.npz", epochs_done=np.int64(1), losses=np.array([0.3125]))
    words = [beep(700, 1_100), beep(500, 300, name=str(clips / "positive/w.flac"))]
    held_out = [speech("quiet.wav", False), speech("<b>stray.wav", True)]
    nears = [beep(700, 1_100), beep(1_100, 700)]
    bundle, streams = load_bundle(root / beep_bundle.name), joined(held_out, 15.0)
    found = calibrate(bundle, words, nears, streams, _AIM, [beep(700, 1_100), beep(300)])
    hiss = [held_out[0]]
    palette = Palette(word=words, hard=nears, speech=hiss, noise=hiss)
    own = (beep(700, 1_100, name="me/1.wav"), beep(300, name="me/<2>.wav"))
    sound = Sound(palette, held_out, words, nears, own)
    recipe = Recipe("beep beep", backbone=False, aim_per_hour=_AIM)
    run = Run(recipe, sound, work, 1, lambda line: None)
    made = Measured(bundle, found, {"float32": found, "int8": found}, streams)
    command = "wakeful train 'beep beep'"
    return Training(run, made, [clips], True, command, 20.0, 1_230.0, Pace(5.0, 300.0, 900.0))


@pytest.fixture(scope="module")
def parsed(done: Training) -> Parsed:
    """Its page."""
    return Parsed(report_page(done))


def sounds(parsed: Parsed) -> list[np.ndarray]:
    """What every player plays."""
    return [
        soundfile.read(io.BytesIO(decoded(str(a["src"]))), dtype="int16")[0]
        for a in parsed.all("audio")
    ]


def test_a_report_is_whole_and_loads_nothing(parsed: Parsed) -> None:
    """What stands in manifests and names is shown and never obeyed."""
    assert not any(parsed.all(name) for name in ("b", "i", "u"))
    for hostile in (HOSTILE, "<i>flite", "MIT & co", "<b>stray.wav", "<u>reader.flac", "<2>.wav"):
        assert hostile in parsed.text
    addresses = [a[key] for _, a in parsed.found for key in ("src", "href") if key in a]
    assert addresses
    assert all(str(address).startswith(("data:", "#")) for address in addresses)


def test_what_was_asked_for_and_heard_is_told(parsed: Parsed) -> None:
    """Command, minutes, pace, recipe, clips by engine, and why takes were dropped."""
    asked = ("wakeful train 'beep beep'", "20.5", "5.0 clips, 300 examples mixed, 900 fitted")
    heard = ("held-out speech", "silent", "Voices by split", "first_fit.peak_rate")
    for expected in (*asked, *heard):
        assert expected in parsed.text


def test_the_curves_have_their_points(done: Training, parsed: Parsed) -> None:
    """Both fits' losses by epoch, and a curve for each form of the step."""
    for expected in ("first fit, epoch 2: 0.25", "second fit, epoch 1: 0.3125"):
        assert expected in parsed.text
    names = [a.get("class") for a in parsed.all("path")]
    assert [names.count(n) for n in ("curve", "curve first", "curve second")] == [1, 1, 2]
    table = [
        f"{limit} an hour, {w}" for w in ("float32", "int8") for limit in ("0.5", "1", "2", "5")
    ]
    assert all(row in parsed.text for row in table)
    assert f"The threshold {done.found.chosen.threshold:.5g} keeps to" in parsed.text


def test_near_words_are_told_by_their_text(parsed: Parsed) -> None:
    """One of two clips of the same text fires."""
    assert "1 of 2 held-out clips of near words fire." in parsed.text
    assert f"{HOSTILE}1 of 2" in parsed.text


def test_own_recordings_are_told_apart(done: Training, parsed: Parsed) -> None:
    """One is heard, the other can be listened to; the manifest's figures say the same."""
    assert "1 of 2 takes that were kept apart are missed." in parsed.text
    assert done.found.figures()["own_recordings"] == {"count": 2, "missed": 1}


def test_the_worst_can_be_heard(done: Training, parsed: Parsed) -> None:
    """The missed takes as they were heard, the false accept from its recording, and the find."""
    titles = ("me/<2>.wav", "“Beep!”, <i>flite slt", "<b>stray.wav at 6.", "0000.flac: speech")
    assert all(title in parsed.text for title in titles)
    played = sounds(parsed)
    stray = beep(700, 1_100).samples.astype(np.float64)
    matches = [
        float(
            np.abs(np.correlate(sound.astype(np.float64), stray, "valid")).max() / (stray @ stray)
        )
        if len(sound) >= len(stray)
        else 0.0
        for sound in played
    ]
    assert matches[2] == pytest.approx(1.0, abs=0.05)
    assert played[-1].tolist() == beep(700, 1_100).samples.tolist()
    lines = [a for a in parsed.all("path") if a.get("class") == "score"]
    assert len(lines) == len(played) - 1
    tops = [min(float(pair.split()[1]) for pair in str(a["d"])[1:].split("L")) for a in lines]
    threshold = done.found.chosen.threshold
    assert tops[0] > 100 * (1 - threshold)
    assert tops[2] <= 100 * (1 - threshold)


def test_a_report_lies_beside_its_bundle(done: Training) -> None:
    """Whole, under the bundle's name, with nothing left beside it."""
    path = write_report(done)
    assert path == report_beside(done.made.bundle) == done.made.bundle.path.with_suffix(".html")
    assert path.read_text(encoding="utf-8") == report_page(done)
    assert not list(path.parent.glob(".*"))


def test_what_is_not_there_is_left_out(done: Training, tmp_path: Path) -> None:
    """No finds, no manifests, no own recordings, no pace: a page all the same."""
    kept = replace(done.found.evidence, own=[])
    made = replace(done.made, calibration=replace(done.found, evidence=kept))
    run = replace(done.run, work=tmp_path, sound=replace(done.run.sound, own_words=()))
    page = Parsed(report_page(replace(done, run=run, made=made, clips=[tmp_path], pace=None)))
    assert "not kept" in page.text
    for absent in ("Your own recordings", "What the miner found", "Near words", "Takes dropped"):
        assert absent not in page.text


@pytest.mark.parametrize(
    ("point", "hours", "told"),
    [
        (Point(1.0, 1.0, 0.0), 3.0, "never fires"),
        (Point(0.5, 0.1, 0.0), 8.0, "the lowest that is ever taken"),
        (Point(0.9, 0.1, 0.4), 8.0, "the lowest from which on none breaks it"),
        (Point(0.9, 0.1, 0.0), 1.0, "too little sound to be sure"),
        (Point(0.9, 0.1, 1.0), 1.0, "lets one false accept pass"),
    ],
)
def test_the_choice_is_explained(done: Training, point: Point, hours: float, told: str) -> None:
    """Also where there was none, and where it says little."""
    said = why(replace(done.found, chosen=point, hours=hours), 0.5)
    assert told in said
    assert ("too little" in said) == (hours == 1.0)


def test_a_raised_threshold_is_no_lowest_one(done: Training) -> None:
    """What a lower one would have cost is told: the daemon looks twice as often there."""
    point = Point(0.68, 0.1, 0.4)
    said = [why(replace(done.found, chosen=point, raised=raised), 0.5) for raised in (True, False)]
    assert ["every step of the mean must be sure" in text for text in said] == [True, False]


def test_every_setting_of_a_recipe_is_a_row() -> None:
    """With the way to it."""
    rows = dict(flattened(Recipe("activate").to_dict()))
    assert rows["word"] == '"activate"'
    assert rows["second_fit.peak_rate"] == "0.00025"
    assert not any("{" in value for value in rows.values())


def test_a_folder_for_tensorboard_is_made_or_refused(tmp_path: Path) -> None:
    """Before an hour of work."""
    require_folder(tmp_path / "a/b")
    assert (tmp_path / "a/b").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(ScalarsError, match="--tensorboard"):
        require_folder(tmp_path / "file/in")
