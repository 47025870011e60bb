"""Recordings of the word, and what a table of labels may and may not say."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from wakeful.models.errors import WakefulError
from wakeful.training.long_sound import STREAM_S, LongFile, Stream, long_files, streams
from wakeful.training.noisy import Backdrop
from wakeful.training.quiet_room import LEAD, in_quiet_room
from wakeful.training.takes import read_takes
from wakeful.training.transcripts import holds, sift

HEAD = "file,keyword_start_s,keyword_end_s\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two seconds of sound under two names."""
    (tmp_path / "in").mkdir()
    for name in ("a.wav", "in/b.wav"):
        soundfile.write(tmp_path / name, np.full(32_000, 100, np.int16), 16_000)
    return tmp_path


def test_rows_of_one_file_are_its_words(folder: Path) -> None:
    """In order of time, whatever the table's; what it doesn't name is left out."""
    table = HEAD + "a.wav,1.0,1.5\na.wav,0.25,0.5\n"
    (folder / "labels.csv").write_text("\ufeff" + table, encoding="utf-8")
    found = read_takes([folder])
    assert [take.name for take in found.takes] == ["a.wav"]
    assert found.takes[0].words == ((4_000, 8_000), (16_000, 24_000))


def test_a_table_governs_its_own_folder(folder: Path) -> None:
    """Beside it, files hold one word each."""
    (folder / "in/labels.csv").write_text(HEAD + "b.wav,0,1\n")
    found = read_takes([folder])
    assert [(take.name, take.count, take.words) for take in found.takes] == [
        ("in/b.wav", 1, ((0, 16_000),)),
        ("a.wav", 1, ()),
    ]


def test_a_row_without_a_place_is_left_out_and_counted(folder: Path) -> None:
    """Both times 0, both the same or both empty: nobody could say where."""
    rows = "a.wav,0,0\na.wav,,\na.wav,0.4,0.4\nin/b.wav,0.1,0.4\n"
    (folder / "labels.csv").write_text(HEAD + rows)
    found = read_takes([folder])
    assert ([take.name for take in found.takes], found.unplaced) == (["in/b.wav"], 3)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("", "names no file, keyword_start_s, keyword_end_s"),
        ("file,keyword_start_s\na.wav,1\n", "names no keyword_end_s"),
        (HEAD, "lists no words"),
        (HEAD + "gone.wav,0.1,0.4\n", "there is no"),
        (HEAD + "a.wav,1.0,0.4\n", "line 2: a word can't last from 1 to 0.4 s"),
        (HEAD + "a.wav,-1,0.4\n", "line 2: a word can't last"),
        (HEAD + "a.wav,0.1,2.2\n", "lasts 2.00 s"),
        (HEAD + "a.wav,soon,0.4\n", "'soon' is no number"),
        (HEAD + "a.wav,0.1,nan\n", "'nan' is no number"),
        (HEAD + "a.wav,0.1\n", "'' is no number"),
        (HEAD + ",0.1,0.2\n", "names no file"),
    ],
)
def test_a_table_that_cant_be_true_is_refused(folder: Path, table: str, expected: str) -> None:
    """In one line that says where."""
    (folder / "labels.csv").write_text(table)
    with pytest.raises(WakefulError) as caught:
        read_takes([folder])
    assert expected in str(caught.value)
    assert str(folder / "labels.csv") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_quiet_room_hides_nothing() -> None:
    """The recording is where it should be, to within the hiss, and long ones in pieces alike."""
    sound = (np.arange(2_500_000) % 2_000).astype(np.int16)
    room = in_quiet_room(sound, after=500)
    assert len(room) == LEAD + len(sound) + 500
    rest = room.astype(int)
    rest[LEAD : LEAD + len(sound)] -= sound
    assert np.abs(rest).max() < 60
    assert rest.std() == pytest.approx(8, abs=0.1)
    assert in_quiet_room(np.full(9, 32_767, np.int16), 0).max() == 32_767


@given(st.lists(st.floats(0.1, 900), max_size=30))
def test_streams_hold_every_file_once_in_order(durations_s: list[float]) -> None:
    """Each but the last is long enough, and none goes on after it is."""
    files = [LongFile(Path(str(i)), str(i), s) for i, s in enumerate(durations_s)]
    cut = streams(files)
    assert [file for stream in cut for file in stream] == files
    for stream in cut:
        assert sum(f.duration_s + 1 for f in stream[:-1]) < STREAM_S
    assert all(sum(f.duration_s + 1 for f in stream) >= STREAM_S for stream in cut[:-1])


def test_a_stream_knows_what_lay_where(folder: Path) -> None:
    """File and second of a sample, the same sound again, and hours without the pauses."""
    files = long_files(folder, [folder / "a.wav", folder / "in/b.wav"])
    stream = Stream(files)
    whole = np.concatenate(list(stream.pieces()))
    assert stream.own_samples == 64_000
    assert stream.place(0) == ("a.wav", 0.0)
    assert stream.place(47_999) == ("a.wav", 47_999 / 16_000)
    assert stream.place(48_000 + 8_000) == ("in/b.wav", 0.5)
    for first, last in ((0, 10), (31_000, 49_000), (47_000, 96_000)):
        np.testing.assert_array_equal(Stream(files).cut(first, last), whole[first:last])
    assert (Stream(files).cut(95_999, 96_010)[1:] == 0).all()


def test_noise_is_measured_on_the_word(tmp_path: Path) -> None:
    """So many dB below what is said, and not below a recording that is mostly silent."""
    rng = np.random.default_rng(1)
    noise = (rng.normal(size=48_000) * 900).astype(np.int16)
    soundfile.write(tmp_path / "n.wav", noise, 16_000)
    sound = np.zeros(80_000, np.int16)
    sound[40_000:48_000] = (3_000 * np.sin(np.arange(8_000) / 7)).astype(np.int16)
    laid = Backdrop([tmp_path / "n.wav"], 12.0, 1).under(sound, 0, sound[40_000:48_000])
    under = laid[:40_000].astype(float)
    said_db = 20 * np.log10(3_000 / np.sqrt(2))
    assert said_db - 10 * np.log10(np.mean(under**2)) == pytest.approx(12, abs=0.2)


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("Hi, COMPUTER!", "computer", True),
        ("the computer’s fan", "computer", True),
        ("computers and computing", "computer", False),
        ("deactivate the activated one", "activate", False),
        ("hey, robot", "hey robot", True),
        ("hey you robot", "hey robot", False),
        ("", "computer", False),
    ],
)
def test_a_phrase_is_found_whole(text: str, phrase: str, expected: bool) -> None:
    """Punctuation, capitals and a possessive are no matter; other forms are other words."""
    assert holds(text, phrase) is expected


def test_transcripts_are_found_in_every_form(tmp_path: Path) -> None:
    """LibriSpeech's, a text beside its recording, and a table with or without folders and ends."""
    for name in ("r/1-2-0001.ogg", "r/1-2-0002.ogg", "a/x.wav", "a/y.wav", "b/x.wav", "c/z.flac"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "r/1-2.trans.txt").write_text("1-2-0001 SO HE SAID\n1-2-0002 A COMPUTER SAID\n")
    (tmp_path / "a/y.txt").write_text("computer")
    (tmp_path / "table.tsv").write_text("id\tpath\tsentence\n1\tb/x.mp3\tMy computer\n")
    (tmp_path / "README.txt").write_text("what a computer said")
    paths = sorted(p for p in tmp_path.rglob("*") if p.suffix in (".ogg", ".wav", ".flac"))
    found = sift(tmp_path, paths, "computer")
    names = [str(p.relative_to(tmp_path)) for p in found.left_out]
    assert names == ["a/y.wav", "b/x.wav", "r/1-2-0002.ogg"]
    assert sorted(found.kept + found.left_out) == paths
    assert found.untold == 2
