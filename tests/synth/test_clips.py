"""Clips: real engines where they are installed; the same for a seed; whole after a kill."""

import json
import shutil

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth.clips import DROPPED, MANIFEST, Order, fault_of, make_clips
from wakeful.synth.engines import ENGINES, installed, open_engine
from wakeful.synth.phrases import texts_for
from wakeful.synth.trim import trimmed
from wakeful.synth.voice import EngineMissingError
from wakeful.synth.warp import Warp, draw_warp, has_world, warped

QUICK = ("espeak-ng", "flite")
THERE = [name for name in QUICK if shutil.which(name)]
needs_engine = pytest.mark.skipif(not THERE, reason="apt install espeak-ng flite")
SENTENCES = ["The sun is up.", "Nobody knows the road that leads there."]


def order(seed=1, positive=6):
    """A few clips of everything."""
    texts = texts_for("activate", SENTENCES)
    return Order(texts, {"positive": positive, "hard": 3, "sentence": 2}, tuple(THERE), seed)


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
    """16 kHz, trimmed, its word to its end, a voice of its split and no other."""
    made = make_clips(order(), tmp_path, 1)
    manifest = tmp_path / "positive" / MANIFEST
    rows = [json.loads(line) for line in manifest.read_text().splitlines()]
    assert len(rows) == made["positive"] > 0
    for row in rows:
        samples, rate = soundfile.read(tmp_path / "positive" / row["file"], dtype="int16")
        assert rate == 16_000
        assert row["keyword_end_s"] == len(samples) / 16_000
        assert np.abs(samples).max() == pytest.approx(0.7 * 32_768, rel=0.01)
        voices = open_engine(row["engine"]).voices(row["split"] == "validation")
        assert row["voice"] in voices


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


def test_useless_clips_are_known():
    """Silence, a click, something not a number and a word that lasts too long are dropped."""
    noise = np.random.default_rng(0).normal(size=16_000).astype(np.float32) * 0.1
    assert fault_of(noise, "positive") == ""
    assert fault_of(noise * 0, "positive") == "silent"
    assert fault_of(noise[:500], "hard") == "silent"
    assert fault_of(noise * np.float32(np.nan), "sentence") == "silent"
    assert "long" in fault_of(np.tile(noise, 5), "positive")
    assert fault_of(np.tile(noise, 5), "sentence") == ""


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
