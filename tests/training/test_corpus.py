"""Folders of sound: read as they are, refused by name where they are not sound."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from wakeful.training.corpus import (
    CorpusError,
    hours,
    in_half,
    read_clips,
    read_folders,
    read_sound,
)

SOUND = (np.sin(np.arange(16_000) / 5) * 9_000).astype(np.int16)


def write(path: Path, samples: np.ndarray = SOUND, rate_hz: int = 16_000) -> Path:
    """A sound file in a folder that may not be there yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate_hz)
    return path


def listed(folder: Path, *rows: object) -> Path:
    """A folder with a manifest of these rows."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    (folder / "manifest.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def test_sixteen_kilohertz_mono_is_read_to_the_bit(tmp_path: Path) -> None:
    """Nothing is done to sound that is right already."""
    np.testing.assert_array_equal(read_sound(write(tmp_path / "a.flac")), SOUND)


def test_other_rates_and_channels_become_16_khz_mono(tmp_path: Path) -> None:
    """A stereo file at 8 kHz is twice as many samples, once."""
    stereo = np.stack([SOUND, SOUND], axis=1)
    read = read_sound(write(tmp_path / "a.wav", stereo, 8_000))
    assert read.dtype == np.int16
    assert abs(len(read) - 32_000) < 10


def test_a_file_that_is_no_sound_is_named(tmp_path: Path) -> None:
    """The line names the file."""
    (tmp_path / "broken.wav").write_bytes(b"not a sound")
    with pytest.raises(CorpusError, match=r"broken\.wav"):
        read_folders([tmp_path])


@pytest.mark.parametrize("name", ["nowhere", ""])
def test_a_missing_or_empty_folder_is_an_error(tmp_path: Path, name: str) -> None:
    """Training on nothing is never what was meant."""
    with pytest.raises(CorpusError, match=str(tmp_path)):
        read_folders([tmp_path / name])


def test_a_manifest_says_where_the_word_lies(tmp_path: Path) -> None:
    """And to which split a clip belongs."""
    write(tmp_path / "a.flac")
    write(tmp_path / "b.flac")
    listed(
        tmp_path,
        {"file": "a.flac", "split": "train", "keyword_start_s": 0.1, "keyword_end_s": 0.6},
        {"file": "b.flac", "split": "validation"},
    )
    (clip,) = read_clips(tmp_path, "train")
    assert (clip.word_start, clip.word_end) == (1_600, 9_600)
    assert [Path(c.name).name for c in read_clips(tmp_path)] == ["a.flac", "b.flac"]


def test_without_a_manifest_every_file_is_the_word(tmp_path: Path) -> None:
    """A user's own recordings need no list."""
    write(tmp_path / "a.flac")
    (clip,) = read_clips(tmp_path)
    assert (clip.word_start, clip.word_end) == (0, len(SOUND))


def test_without_a_manifest_some_files_are_for_validation(tmp_path: Path) -> None:
    """About a tenth, by name, and none of them for fitting too."""
    for number in range(60):
        write(tmp_path / f"{number}.flac", SOUND[:100])
    splits = [{c.name for c in read_clips(tmp_path, s)} for s in ("train", "validation")]
    assert not splits[0] & splits[1]
    assert len(splits[0] | splits[1]) == 60
    assert 1 <= len(splits[1]) <= 15


@pytest.mark.parametrize(
    "row",
    [
        "{",
        "[]",
        {"text": "no file"},
        {"file": "a.flac", "keyword_start_s": 0.5, "keyword_end_s": 0.5},
        {"file": "a.flac", "keyword_start_s": 0.5, "keyword_end_s": 2.0},
    ],
)
def test_a_manifest_that_cannot_be_true_is_an_error(tmp_path: Path, row: object) -> None:
    """One line, not a word in the wrong place."""
    write(tmp_path / "a.flac")
    with pytest.raises(CorpusError, match="again"):
        read_clips(listed(tmp_path, row))


@given(st.text(max_size=20))
def test_every_name_belongs_to_one_half(name: str) -> None:
    """What is tested on is never fitted on."""
    assert in_half(name, 0) != in_half(name, 1)


def test_halves_do_not_depend_on_the_folder() -> None:
    """The same recording stays in its half wherever it is moved."""
    names = [f"{n}.ogg" for n in range(200)]
    assert [in_half(f"/a/b/{n}", 1) for n in names] == [in_half(n, 1) for n in names]
    assert 60 < sum(in_half(n, 1) for n in names) < 140


def test_hours_are_hours(tmp_path: Path) -> None:
    """Counted from samples."""
    write(tmp_path / "a.flac")
    assert hours(read_folders([tmp_path]) * 3600) == pytest.approx(1.0)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT", "DOUBLE", "ULAW"])
def test_every_kind_of_sample_is_as_loud(tmp_path: Path, subtype: str) -> None:
    """A float file is not silence because its numbers are below one."""
    sine = 0.3 * np.sin(np.arange(16_000) * 0.05)
    soundfile.write(tmp_path / "sine.wav", sine, 16_000, subtype=subtype)
    assert np.abs(read_sound(tmp_path / "sine.wav")).max() == pytest.approx(9_830, rel=0.03)
