"""Which sound is fitted on and which never is: by voice, by speaker, by take."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from wakeful.training.corpus import CorpusError
from wakeful.training.sound import Folders, Sound, read_sound_for, require_clips, voiced


def write(path: Path, seconds: float = 0.5, seed: int = 0) -> None:
    """A little hiss."""
    path.parent.mkdir(parents=True, exist_ok=True)
    hiss = np.random.default_rng(seed).normal(size=int(16_000 * seconds)) * 0.05
    soundfile.write(path, hiss, 16_000)


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """Two voices for each kind, one of them for validation."""
    for kind in ("positive", "hard", "sentence"):
        for split in ("train", "validation"):
            write(tmp_path / "clips" / kind / f"{split}.flac", 1.0)
            with (tmp_path / "clips" / kind / "manifest.jsonl").open("a") as manifest:
                manifest.write(json.dumps({"file": f"{split}.flac", "split": split}) + "\n")
    return tmp_path / "clips"


def fitted_on(sound: Sound) -> set[str]:
    """The names of all that a network hears while it is fitted."""
    p = sound.palette
    return {c.name for c in [*p.word, *p.hard, *p.speech, *p.noise]}


def kept(sound: Sound) -> set[str]:
    """The names of all that it is measured by."""
    parts = [*sound.held_out, *sound.test_words, *sound.test_near, *sound.own_words]
    return {c.name for c in parts}


def test_nothing_is_needed_but_clips(clips: Path) -> None:
    """Sentences of the kept voices are what is held out then."""
    sound = read_sound_for(Folders([clips]))
    assert {Path(name).stem for name in fitted_on(sound)} == {"train"}
    assert {Path(name).stem for name in kept(sound)} == {"validation"}
    assert sound.hours()["held-out speech"] == round(1 / 3600, 2)


def test_clips_of_several_folders_are_heard(clips: Path, tmp_path: Path) -> None:
    """More of the word may lie in a folder of its own, with no near words beside it."""
    more = tmp_path / "more"
    for split in ("train", "validation"):
        write(more / "positive" / f"{split}.flac", 1.0, seed=1)
        with (more / "positive" / "manifest.jsonl").open("a") as manifest:
            manifest.write(json.dumps({"file": f"{split}.flac", "split": split}) + "\n")
    require_clips([clips, more])
    alone, both = read_sound_for(Folders([clips])), read_sound_for(Folders([clips, more]))
    first = str(clips / "positive" / "train.flac")
    assert [c.name for c in both.palette.word] == [first, str(more / "positive" / "train.flac")]
    assert [c.name for c in both.palette.hard] == [c.name for c in alone.palette.hard]
    assert len(both.test_words) == len(alone.test_words) + 1


def test_a_folder_without_clips_is_named(clips: Path, tmp_path: Path) -> None:
    """Though another folder has some; and the word must be said in one of them."""
    (tmp_path / "typo").mkdir()
    with pytest.raises(CorpusError, match=r"typo: holds none of positive, hard, sentence"):
        require_clips([clips, tmp_path / "typo"])
    write(tmp_path / "near" / "hard" / "0.flac")
    require_clips([tmp_path / "near", clips])
    with pytest.raises(CorpusError, match="positive"):
        require_clips([tmp_path / "near"])


def test_single_files_are_kept_apart(clips: Path, tmp_path: Path) -> None:
    """Some of forty takes are kept, none is lost, none is on both sides; ever the same ones."""
    for number in range(40):
        write(tmp_path / "talk" / f"{number}.wav")
    sound = read_sound_for(Folders([clips], negatives=[tmp_path / "talk"]))
    takes = [{n for n in side(sound) if "/talk/" in n} for side in (fitted_on, kept)]
    assert len(takes[0] | takes[1]) == 40
    assert not takes[0] & takes[1]
    assert 3 <= len(takes[1]) <= 20
    again = read_sound_for(Folders([clips], negatives=[tmp_path / "talk"]))
    assert kept(again) == kept(sound)


def test_speakers_are_kept_apart_where_each_has_a_folder(clips: Path, tmp_path: Path) -> None:
    """Nobody is heard on both sides."""
    for speaker in range(12):
        for take in range(3):
            write(tmp_path / "people" / f"s{speaker}" / f"{take}.flac")
    sound = read_sound_for(Folders([clips], negatives=[tmp_path / "people"]))
    sides = [
        {Path(n).parent.name for n in side(sound) if "/people/" in n} for side in (fitted_on, kept)
    ]
    assert sides[0]
    assert sides[1]
    assert not sides[0] & sides[1]


def test_what_is_given_to_hold_out_is_all_that_is_held_out(clips: Path, tmp_path: Path) -> None:
    """And then all negatives are fitted on."""
    for number in range(10):
        write(tmp_path / "talk" / f"{number}.wav")
        write(tmp_path / "other" / f"{number}.wav")
    folders = Folders([clips], negatives=[tmp_path / "talk"], held_out=[tmp_path / "other"])
    sound = read_sound_for(folders)
    assert sum("/talk/" in name for name in fitted_on(sound)) == 10
    assert sum("/other/" in name for name in kept(sound)) == 10


def test_own_recordings_are_heard_often_and_tested_apart(clips: Path, tmp_path: Path) -> None:
    """A few takes among many clips would be heard once in a thousand words."""
    for number in range(20):
        write(tmp_path / "mine" / f"take {number}.wav", 1.5)
    rows = [{"file": f"{i}.flac", "split": "train" if i else "validation"} for i in range(101)]
    for row in rows:
        write(clips / "positive" / str(row["file"]), 0.1)
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (clips / "positive" / "manifest.jsonl").write_text(lines)
    sound = read_sound_for(Folders([clips], positives=[tmp_path / "mine"]))
    words = [c.name for c in sound.palette.word]
    assert 0.2 < sum("/mine/" in name for name in words) / len(words) < 0.4
    assert sound.own_words
    assert not {c.name for c in sound.own_words} & set(words)


@given(st.integers(0, 40), st.integers(5, 40), st.integers(0, 40), st.floats(-60, -30))
def test_a_word_is_found_in_a_recording(before: int, word: int, after: int, floor: float) -> None:
    """To two frames of 20 ms, over any quiet background."""
    rng = np.random.default_rng(before + 41 * word)
    length = 320 * (20 + before + word + after)
    sound = rng.normal(size=length) * 10 ** (floor / 20)
    start, end = 320 * (10 + before), 320 * (10 + before + word)
    sound[start:end] += 0.3 * rng.normal(size=end - start)
    first, last = voiced((sound * 32_767).clip(-32_768, 32_767).astype(np.int16))
    assert abs(first - start) <= 640
    assert abs(last - end) <= 640


@given(st.integers(0, 2_000))
def test_silence_is_a_word_from_end_to_end(length: int) -> None:
    """Nothing to find is no reason to fail here: what is wrong with it is told elsewhere."""
    first, last = voiced(np.zeros(length, np.int16))
    assert 0 <= first <= last <= length


def test_synthetic_voices_set_no_threshold_beside_people(clips: Path, tmp_path: Path) -> None:
    """Half an hour of recordings is enough; of less, what voices say is a part."""
    write(tmp_path / "short" / "a.wav", 60.0)
    write(tmp_path / "long" / "a.wav", 1_801.0)
    for name, expected in (("short", {"a", "validation"}), ("long", {"a"})):
        sound = read_sound_for(Folders([clips], held_out=[tmp_path / name]))
        assert {Path(clip.name).stem for clip in sound.held_out} == expected


def test_speech_must_be_held_out(clips: Path, tmp_path: Path) -> None:
    """A threshold that was set by the sound that was fitted on would mean nothing."""
    (clips / "sentence" / "manifest.jsonl").write_text('{"file": "train.flac", "split": "train"}\n')
    with pytest.raises(CorpusError, match="--held-out"):
        read_sound_for(Folders([clips]))


def test_an_empty_folder_is_named(clips: Path, tmp_path: Path) -> None:
    """One line, before anything is read."""
    (tmp_path / "nothing").mkdir()
    with pytest.raises(CorpusError, match="nothing"):
        read_sound_for(Folders([clips], negatives=[tmp_path / "nothing"]))
