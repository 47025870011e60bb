"""Which clips are on which side: the data set's own split, or the speakers dealt."""

import hashlib

import numpy as np
import pytest
import soundfile
from wakeful.models.labels import SILENCE, UNKNOWN
from wakeful.training.command_data import SIDES, command_folds, read_command_data, undivided
from wakeful.training.corpora import BACKGROUND, read_corpus
from wakeful.training.corpora_classes import COMMANDS, LABELS
from wakeful.training.corpora_splits import official_split
from wakeful.training.corpus import CorpusError


def speakers(count, wanted=None):
    """Eight hex digits each, of those that the data set puts on one side if that is asked for."""
    names = (hashlib.md5(str(i).encode()).hexdigest()[:8] for i in range(100_000))
    found = (n for n in names if wanted is None or official_split(n) == wanted)
    return [next(found) for _ in range(count)]


def tree(folder, people, words=(*COMMANDS, "bird", "zero"), noise=True):
    """Speech Commands in small: each says each word once, for a fifth of a second."""
    rng = np.random.default_rng(0)
    for word in words:
        (folder / word).mkdir(parents=True)
        for who in people:
            sound = 0.1 * rng.standard_normal(3_200)
            soundfile.write(folder / word / f"{who}_nohash_0.wav", sound, 16_000)
    if noise:
        (folder / BACKGROUND).mkdir()
        soundfile.write(folder / BACKGROUND / "tap.wav", 0.1 * rng.standard_normal(80_000), 16_000)
    return folder


def people_of(data, side):
    """Who is heard on a side."""
    return {clip.speaker for clip in data.sides[side] if clip.speaker}


def test_the_whole_data_set_keeps_its_own_split(tmp_path):
    """With every word on each side, the split is the one that the file names' hash tells."""
    people = {side: speakers(2, side) for side in SIDES}
    data = read_command_data(tree(tmp_path, [p for who in people.values() for p in who]), 1)
    assert data.by == "official"
    for side in SIDES:
        assert people_of(data, side) == set(people[side])
        labels = [clip.label for clip in data.sides[side]]
        assert set(labels) == set(LABELS)
        assert labels.count(SILENCE) == labels.count(UNKNOWN) == 2


def test_the_lists_beside_it_come_before_the_hash(tmp_path):
    """Where the data set's lists lie beside it, they say who is where."""
    who = speakers(6, "train")
    tree(tmp_path, who)
    for name, listed in (("validation_list.txt", who[:2]), ("testing_list.txt", who[2:4])):
        words = (*COMMANDS, "bird", "zero")
        lines = [f"{word}/{p}_nohash_0.wav" for word in words for p in listed]
        (tmp_path / name).write_text("\n".join(lines) + "\n")
    data = read_command_data(tmp_path, 1)
    assert data.by == "official"
    assert people_of(data, "validation") == set(who[:2])
    assert people_of(data, "test") == set(who[2:4])


def test_of_a_part_the_speakers_are_dealt(tmp_path):
    """A half of its test side, say, is split anew, and nobody is on two sides."""
    data = read_command_data(tree(tmp_path, speakers(20, "test")), 1)
    assert data.by == "speaker"
    sides = [people_of(data, side) for side in SIDES]
    assert sum(len(side) for side in sides) == len(set.union(*sides)) == 20
    assert data.counts()["train"] > 6 * data.counts()["test"] > 0
    assert read_command_data(tmp_path, 1).sides == data.sides


@pytest.mark.parametrize("count", [2, 3, 5])
def test_folds_are_parts_by_speaker(tmp_path, count):
    """Every clip is in one fold, and nobody in two."""
    rng = np.random.default_rng(1)
    clips = undivided(read_corpus(tree(tmp_path, speakers(15))), rng)
    parts = command_folds(clips, count, 1)
    assert sorted(c.path for part in parts for c in part) == sorted(c.path for c in clips)
    heard = [{c.speaker for c in part if c.speaker} for part in parts]
    assert sum(len(who) for who in heard) == 15


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda at: tree(at, speakers(3), words=("yes",)), "1 label, at least 2 are needed"),
        (lambda at: tree(at, speakers(3), words=("yes",), noise=False), "a folder for each word"),
        (lambda at: tree(at, speakers(3), words=("yes", "no", "bird")), "no clips of up, down"),
        (lambda at: tree(at, speakers(2), noise=False), "2 speakers can't be parted into 3"),
        (lambda at: at / "nowhere", "no such folder"),
    ],
    ids=["one class", "one folder", "words missing", "few speakers", "no folder"],
)
def test_a_folder_that_is_of_no_use_is_told(tmp_path, make, told):
    """What was expected and what was found, in one line."""
    with pytest.raises(CorpusError, match=told) as error:
        read_command_data(make(tmp_path), 1)
    assert "\n" not in str(error.value)
