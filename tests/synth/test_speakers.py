"""Speakers: clips of one fixed voice are one speaker, different voices are several."""

import json

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth.engines import installed
from wakeful.synth.speakers import Embedder, _filters, count_speakers, grouped
from wakeful.synth.synth_command import synth
from wakeful.synth.trim import trimmed
from wakeful.synth.voice import EngineMissingError, Speaker

THERE, _ = installed(("hibari", "pico"))


@pytest.fixture(scope="module")
def embedder():
    """The network, loaded once."""
    try:
        return Embedder()
    except EngineMissingError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def voices():
    """Three fixed voices, each saying the word at three speeds."""
    if {"hibari", "pico"} - set(THERE):
        pytest.skip("no synth extra")
    speeds = (0.9, 1.0, 1.15)
    speakers = [Speaker("hibari", "heart", {"speed": s, "seed": 1}) for s in speeds]
    speakers += [
        Speaker("pico", voice, {"speed": s, "pitch": 1.0})
        for voice in ("en-US", "fr-FR")
        for s in speeds
    ]
    return [trimmed(THERE[s.engine].speak("activate.", s)) for s in speakers]


def test_one_voice_is_one_speaker_and_three_are_three(embedder, voices):
    """However fast each of them speaks."""
    embeddings = np.stack([embedder.embed(clip) for clip in voices])
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx(1, abs=1e-4)
    groups = grouped(embeddings)
    assert [len(set(groups[i : i + 3])) for i in (0, 3, 6)] == [1, 1, 1]
    found = count_speakers(embeddings)
    assert (found.clips, found.distinct, found.heard_again, found.largest) == (9, 3, 3, 3)


def test_level_is_no_speaker(embedder, voices):
    """Twenty decibels quieter it is the same person; silence and nothing are no error."""
    loud, quiet = embedder.embed(voices[0]), embedder.embed(voices[0] * np.float32(0.1))
    assert loud @ quiet > 0.999
    for nothing in (np.zeros(0, np.float32), np.zeros(9_600, np.float32)):
        assert np.isfinite(embedder.embed(nothing)).all()


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30))
def test_as_many_as_there_are(who):
    """Directions at right angles are different speakers, however often each is heard."""
    pytest.importorskip("scipy")
    found = count_speakers(np.eye(5, dtype=np.float32)[who])
    counts = [who.count(i) for i in set(who)]
    assert found.distinct == len(counts)
    assert found.heard_again == sum(count > 1 for count in counts)
    assert found.largest == max(counts)


def test_no_clips_are_no_speakers():
    """Nothing to count is counted as nothing."""
    assert count_speakers(np.zeros((0, 256), np.float32)).distinct == 0


def test_the_bands_are_those_of_the_network():
    """What librosa's mel filters are, with which it was trained."""
    librosa = pytest.importorskip("librosa")
    theirs = librosa.filters.mel(sr=16_000, n_fft=512, n_mels=40)
    np.testing.assert_allclose(_filters(), theirs, atol=1e-7)


@pytest.mark.usefixtures("embedder")
def test_the_command_counts(tmp_path, voices):
    """A sentence for a person, an object for a program; of a labelled clip, the word."""
    (tmp_path / "positive").mkdir()
    with (tmp_path / "positive" / "manifest.jsonl").open("w") as manifest:
        for i, clip in enumerate(voices):
            carried = np.concatenate([clip, voices[(i + 4) % 9]])
            soundfile.write(tmp_path / "positive" / f"{i}.flac", carried, 16_000)
            row = {"file": f"{i}.flac", "keyword_start_s": 0, "keyword_end_s": len(clip) / 16_000}
            manifest.write(json.dumps(row) + "\n")
    told = CliRunner().invoke(synth, ["speakers", str(tmp_path), "--processes", "1"])
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("3 distinct speakers in 9 clips, 3 of them in two clips")
    every = CliRunner().invoke(synth, ["speakers", str(tmp_path), "--threshold", "2", "--json"])
    assert json.loads(every.stdout)["distinct"] == 1
