"""Which recordings a tree holds: every shape, any name, and what is no tree of recordings."""

import os
from pathlib import Path

import pytest
import recorded
import soundfile
from wakeful.training.corpora_splits import official_split
from wakeful.training.explore_files import ExploreError, recordings

SOUND = recorded.word(0, 0, 0)


def write(path: Path) -> Path:
    """A recording, wherever."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, SOUND, recorded.RATE_HZ)
    return path


def test_a_folder_for_each_word_with_speakers_in_the_names(tmp_path: Path) -> None:
    """Label, speaker and the split that Speech Commands gives a speaker."""
    found = list(recordings(recorded.commands(tmp_path)))
    assert len(found) == 24
    assert {c.label for c in found} == {"word0", "word1", "word2"}
    for clip in found:
        assert clip.speaker == clip.path.name[:8]
        assert clip.split == official_split(clip.speaker)


def test_files_called_as_those_of_fsdd(tmp_path: Path) -> None:
    """The digit is the label; no split is told."""
    found = list(recordings(recorded.digits(tmp_path)))
    assert {(c.label, c.speaker, c.split) for c in found} == {
        (d, s, None) for d in "012" for s in ("ann", "bob")
    }


def test_any_tree_is_labelled_by_its_folders(tmp_path: Path) -> None:
    """However deep; a folder called like a split is one, and hidden files are not looked at."""
    write(tmp_path / "train" / "kitchen" / "a.wav")
    write(tmp_path / "Test" / "kitchen" / "tap" / "b.flac")
    write(tmp_path / "c.ogg")
    write(tmp_path / ".git" / "d.wav")
    write(tmp_path / "train" / ".e.wav")
    found = {c.path.name: (c.label, c.split) for c in recordings(tmp_path)}
    assert found == {
        "a.wav": ("kitchen", "train"),
        "b.flac": ("kitchen/tap", "test"),
        "c.ogg": (tmp_path.name, None),
    }


def test_a_table_and_transcripts_say_what_is_what(tmp_path: Path) -> None:
    """As the readers of corpora read them."""
    write(tmp_path / "t" / "a.wav")
    (tmp_path / "t" / "list.csv").write_text("file,label,speaker\na.wav,yes,ann\n")
    (clip,) = recordings(tmp_path / "t")
    assert (clip.label, clip.speaker) == ("yes", "ann")
    write(tmp_path / "l" / "19" / "198" / "19-198-0001.flac")
    (tmp_path / "l" / "19" / "198" / "19-198.trans.txt").write_text("19-198-0001 GOOD MORNING\n")
    (clip,) = recordings(tmp_path / "l")
    assert (clip.label, clip.speaker) == ("good morning", "19")


def test_transcripts_of_a_few_are_not_the_whole_folder(tmp_path: Path) -> None:
    """Beside a table or a LibriSpeech of one recording, three others are there, too."""
    for name in ("19-198-0001", "a", "b", "c"):
        write(tmp_path / ("19" if "-" in name else "others") / f"{name}.flac")
    (tmp_path / "19" / "19-198.trans.txt").write_text("19-198-0001 GOOD MORNING\n")
    assert {c.label for c in recordings(tmp_path)} == {"19", "others"}


@pytest.mark.parametrize("name", ["启动", "Größe", "שלום", "a b\tc", "<b>&amp;", "🎙"])
def test_names_in_any_script(tmp_path: Path, name: str) -> None:
    """Of folders and of files."""
    write(tmp_path / name / f"{name}.wav")
    (clip,) = recordings(tmp_path)
    assert (clip.label, clip.path.stem) == (name, name)


def test_a_name_in_no_encoding(tmp_path: Path) -> None:
    """It is found by its bytes."""
    path = write(tmp_path / "x.wav")
    broken = os.fsencode(tmp_path) + b"/\xff\xfe.wav"
    path.rename(os.fsdecode(broken))
    (clip,) = recordings(tmp_path)
    assert os.fsencode(clip.path) == broken


def test_the_order_is_that_of_names(tmp_path: Path) -> None:
    """Whatever order the file system has them in."""
    for name in ("b/2.wav", "b/1.wav", "a/3.wav"):
        write(tmp_path / name)
    assert [c.path.name for c in recordings(tmp_path)] == ["3.wav", "1.wav", "2.wav"]


def test_what_is_no_folder_of_recordings_is_said_in_one_line(tmp_path: Path) -> None:
    """A file, nothing at all, an empty folder, and one without sound."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "readme.txt").write_text("hello")
    for place, said in (
        (write(tmp_path / "one.wav"), "is a file; give the folder"),
        (tmp_path / "gone", "no such folder"),
        (tmp_path / "notes", "holds no recordings"),
    ):
        with pytest.raises(ExploreError, match=said) as error:
            list(recordings(place))
        assert str(place) in str(error.value)
        assert "\n" not in str(error.value)
