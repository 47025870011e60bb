"""Clips: real engines where they are installed; the same for a seed; whole after a kill."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth import clips as clips_module
from wakeful.synth.clips import DROPPED, MANIFEST, ORDER, ClipsError, Order, make_clips
from wakeful.synth.clips_command import clips as clips_command
from wakeful.synth.engines import ENGINES, installed, open_engine
from wakeful.synth.phrases import Texts, texts_for
from wakeful.synth.trim import trimmed
from wakeful.synth.voice import EngineMissingError
from wakeful.synth.warp import Warp, draw_warp, has_world, warped
from wakeful.training.corpus import read_clips

QUICK = ("espeak-ng", "flite")
THERE = [name for name in QUICK if shutil.which(name)]
needs_engine = pytest.mark.skipif(not THERE, reason="apt install espeak-ng flite")
# eSpeak and Flite write files of their own, which a limit on files would hit first.
needs_hibari = pytest.mark.skipif("hibari" not in installed(["hibari"])[0], reason="no synth extra")
SENTENCES = ["The sun is up.", "Nobody knows the road that leads there."]


def order(seed=1, positive=6):
    """A few clips of everything."""
    texts = texts_for("activate", SENTENCES)
    return Order(texts, {"positive": positive, "hard": 3, "sentence": 2}, tuple(THERE), seed)


def listed(file):
    """A list's rows in order of number."""
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    return sorted(rows, key=lambda row: row["number"])


def content(folder):
    """Every line of the lists, in order of number, and the bytes of every clip."""
    lists = [p for name in (MANIFEST, DROPPED) for p in folder.rglob(name)]
    rows = sorted(
        (p.parent.name, row["number"], line)
        for p in lists
        for line in p.read_text().splitlines()
        for row in [json.loads(line)]
    )
    return rows, {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.flac")}


@needs_engine
def test_a_seed_makes_the_same_clips_whoever_makes_them(tmp_path):
    """One process or two, the clips and what is listed of them are the same to the byte."""
    make_clips(order(), tmp_path / "one", 1)
    make_clips(order(), tmp_path / "two", 2)
    assert content(tmp_path / "one") == content(tmp_path / "two")
    make_clips(order(seed=2), tmp_path / "other", 1)
    assert content(tmp_path / "other") != content(tmp_path / "one")


@needs_engine
def test_it_goes_on_where_it_was(tmp_path):
    """Stopped in the middle, even of a line, it ends up with what one run makes."""
    make_clips(order(), tmp_path / "whole", 1)
    cut = tmp_path / "cut"
    make_clips(order(positive=3), cut, 1)
    manifest = cut / "positive" / MANIFEST
    manifest.write_text(manifest.read_text()[:-40])
    make_clips(order(), cut, 1)
    assert content(cut) == content(tmp_path / "whole")


@needs_engine
def test_a_clip_is_what_its_line_says(tmp_path):
    """16 kHz, trimmed, the word in it, a voice of its split and no other."""
    made = make_clips(order(positive=12), tmp_path, 1)
    rows = listed(tmp_path / "positive" / MANIFEST)
    assert len(rows) == made.clips["positive"] > 0
    for row in rows:
        samples, rate = soundfile.read(tmp_path / "positive" / row["file"], dtype="int16")
        said = row["text"].rstrip(".!?,")
        assert rate == 16_000
        assert (row["keyword_start_s"] == 0) >= said.startswith("activate")
        assert (row["keyword_end_s"] == len(samples) / 16_000) >= said.endswith("activate")
        assert 0.3 < row["keyword_end_s"] - row["keyword_start_s"] < 1.6
        assert np.abs(samples).max() == pytest.approx(0.7 * 32_768, rel=0.01)
        voices = open_engine(row["engine"]).voices(row["split"] == "validation")
        assert row["voice"] in voices


@needs_engine
def test_a_kind_that_nobody_wants_has_no_folder(tmp_path):
    """An empty one would be refused where sound is looked for."""
    made = make_clips(replace(order(), counts={"positive": 1, "hard": 0}), tmp_path, 1)
    assert (made.clips["positive"], made.clips["hard"]) == (1, 0)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["positive"]


@needs_engine
def test_a_carried_word_ends_where_its_line_says(tmp_path):
    """A phrase that goes on after the word is labelled at the word's end, and training sees it."""
    make_clips(replace(order(), counts={"positive": 16}), tmp_path, 1)
    rows = listed(tmp_path / "positive" / MANIFEST)
    clips = read_clips(tmp_path / "positive")
    after = [
        (row, clip)
        for row, clip in zip(rows, clips, strict=True)
        if row["text"].startswith("activate, ")
    ]
    assert after
    for row, clip in after:
        assert clip.word_end == round(row["keyword_end_s"] * 16_000) < len(clip.samples) - 3_200


def test_a_folder_of_another_word_is_left_alone(tmp_path):
    """Going on with another word or seed would mix two; so does what is no list of clips."""
    (tmp_path / ORDER).write_text('{"word": "computer", "seed": 1}')
    with pytest.raises(ClipsError, match="word 'computer', seed 1; give another --out"):
        clips_module._begun(order(), tmp_path)
    (tmp_path / ORDER).write_text("[")
    with pytest.raises(ClipsError, match="something else"):
        clips_module._begun(order(), tmp_path)
    (tmp_path / ORDER).unlink()
    clips_module._begun(order(), tmp_path)
    clips_module._begun(order(), tmp_path)


@pytest.mark.parametrize("line", ["{", "[]", '"number"', '{"file": "a.flac"}', '{"number": "1"}'])
@needs_engine
def test_a_foreign_manifest_is_refused(tmp_path, line):
    """Numbers are what it goes on by; a list without them is somebody else's."""
    (tmp_path / "positive").mkdir()
    (tmp_path / "positive" / MANIFEST).write_text(line + "\n")
    with pytest.raises(ClipsError, match=r"manifest\.jsonl: is no list of numbered clips"):
        make_clips(order(), tmp_path, 1)


@needs_engine
def test_what_is_dropped_is_listed_and_counted(tmp_path):
    """Of a text that nobody can say, each of four tries is listed with its reason, once."""
    texts = Texts("activate", ["日本"])
    unsayable = replace(order(), texts=texts, counts={"hard": 3})
    for _ in range(2):
        made = make_clips(unsayable, tmp_path, 1)
        assert made.dropped == {"hard": {"unsayable": 12}}
        assert made.clips == {"positive": 0, "hard": 0, "sentence": 0}
    rows = listed(tmp_path / "hard" / DROPPED)
    assert [row["last"] for row in rows] == [False, False, False, True] * 3
    # A kill between a clip's dropped takes and its last line: they are not counted twice.
    cut = "".join(json.dumps(row) + "\n" for row in rows[:-1])
    (tmp_path / "hard" / DROPPED).write_text(cut)
    assert make_clips(unsayable, tmp_path, 1) == made


LIMITED = """
import resource, sys
from pathlib import Path
from wakeful.synth.clips import ClipsError, Order, make_clips
from wakeful.synth.phrases import Texts, texts_for
from wakeful.models.errors import WakefulError
resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, 6_000))
order = Order(texts_for("activate"), {"positive": 3}, ("hibari",), 1)
try:
    make_clips(order, Path(sys.argv[1]), int(sys.argv[2]))
except WakefulError as error:
    sys.exit(f"told: {error}")
"""


@needs_hibari
@pytest.mark.parametrize("processes", [1, 2])
def test_a_full_disk_is_one_line_and_leaves_nothing_half(tmp_path, processes):
    """What can't be written is named; afterwards the same command makes the whole set."""
    command = [sys.executable, "-c", LIMITED, str(tmp_path / "clips"), str(processes)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert re.match(r"told: .*\.flac: can't be written .*goes on from here", done.stderr)
    assert not [p for p in (tmp_path / "clips").rglob("*") if ".flac" in p.name]
    made = make_clips(quick(), tmp_path / "clips", 1)
    assert made.clips["positive"] == 3
    make_clips(quick(), tmp_path / "whole", 1)
    assert content(tmp_path / "clips") == content(tmp_path / "whole")


def quick():
    """What the limited run orders."""
    return Order(texts_for("activate"), {"positive": 3}, ("hibari",), 1)


@needs_hibari
def test_a_kill_leaves_nothing_that_is_taken_for_whole(tmp_path):
    """Killed while it writes, with two processes: going on makes what one run makes."""
    script = LIMITED.replace("6_000, 6_000", "-1, -1").replace('"positive": 3', '"positive": 16')
    command = [sys.executable, "-c", script, str(tmp_path / "killed"), "2"]
    begun = subprocess.Popen(command, start_new_session=True)
    manifest = tmp_path / "killed" / "positive" / MANIFEST
    while not manifest.is_file() and begun.poll() is None:
        time.sleep(0.01)
    os.killpg(begun.pid, signal.SIGKILL)
    begun.wait()
    (tmp_path / "killed" / "positive" / ".000015.flac.77").write_bytes(b"half")
    made = [
        make_clips(replace(quick(), counts={"positive": 16}), tmp_path / name, 1)
        for name in ("killed", "whole")
    ]
    assert made[0] == made[1]
    assert content(tmp_path / "killed") == content(tmp_path / "whole")
    assert not list((tmp_path / "killed").rglob(".*"))


@needs_engine
def test_the_command_counts(tmp_path):
    """In a line for a person, in an object for a program, and the same a second time."""
    few = ["--positive", "2", "--hard", "1", "--sentence", "1", "--processes", "1"]
    engines = [a for name in THERE for a in ("--engine", name)]
    command = ["activate", "--out", str(tmp_path), *few, *engines]
    told = CliRunner().invoke(clips_command, command)
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("2 positive, 1 hard, 1 sentence")
    again = CliRunner().invoke(clips_command, [*command, "--json"])
    found = json.loads(again.stdout)
    assert found["clips"] == {"positive": 2, "hard": 1, "sentence": 1}
    assert set(found) == {"clips", "dropped"}


@pytest.mark.parametrize("name", ENGINES)
def test_no_voice_is_on_both_sides(name):
    """Whatever is kept for validation is never drawn for training."""
    there, missing = installed([name])
    if missing:
        pytest.skip(missing[name])
    engine = there[name]
    assert not set(engine.voices(False)) & set(engine.voices(True))
    rng = np.random.default_rng(0)
    for held_out in (False, True):
        voices = engine.voices(held_out)
        assert all(engine.draw(rng, held_out).voice for _ in range(5 * bool(voices)))


def test_an_unknown_engine_lists_those_that_there_are():
    """And one that isn't installed says what brings it."""
    with pytest.raises(EngineMissingError, match="espeak-ng"):
        open_engine("nonesuch")


@given(st.integers(0, 4_000), st.integers(600, 4_000), st.integers(0, 4_000))
def test_trimming_leaves_what_sounds(before, length, after):
    """Silence at both ends goes, all of the sound stays, with at most 20 ms around it."""
    tone = np.sin(np.arange(length) * 0.3).astype(np.float32)
    sound = np.concatenate([np.zeros(before), tone, np.zeros(after)]).astype(np.float32)
    left = trimmed(sound)
    assert length - 330 <= len(left) <= length + 640
    assert np.abs(left).max() == pytest.approx(np.abs(tone).max(), rel=1e-3)


@pytest.mark.skipif(not has_world(), reason="needs the synth extra")
def test_a_changed_speaker_is_another(voice):
    """Higher pitch is higher, length stays, and nothing changed is nearly nothing changed."""
    sound = voice.astype(np.float32) / 32_768
    same, high = warped(sound, Warp(1.0, 1.0, 1.0)), warped(sound, Warp(1.1, 1.5, 1.0))
    assert abs(len(same) - len(sound)) <= 80
    size = min(len(same), len(sound))
    ours, theirs = (np.abs(np.fft.rfft(s[:size])) for s in (same, sound))
    assert np.corrcoef(ours, theirs)[0, 1] > 0.7
    assert np.abs(high[:size] - same[:size]).mean() > 0.02
    assert draw_warp(np.random.default_rng(3)) == draw_warp(np.random.default_rng(3))
