"""Many words by many voices: a folder for each, the same for a seed, whole after a kill."""

import json
import re
import shutil

import pytest
import soundfile
from click.testing import CliRunner
from wakeful.synth.voice import EngineMissingError, VoiceError
from wakeful.synth.words import MANIFEST, WordOrder, WordsError, make_words, rows_of
from wakeful.synth.words_command import words
from wakeful.training.corpora import read_corpus

THERE = tuple(name for name in ("espeak-ng", "flite") if shutil.which(name))
needs_engine = pytest.mark.skipif(not THERE, reason="apt install espeak-ng flite")
COUNTS = {"yes": 4, "turn left": 2}


def content(folder):
    """Every file's bytes by its name, and the lines of the list in order."""
    lines = sorted((folder / MANIFEST).read_text().splitlines())
    return lines, {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.flac")}


@needs_engine
def test_a_seed_makes_the_same_words_whoever_makes_them(tmp_path):
    """One process or two, clips and list are the same to the byte; another seed's are not."""
    made = make_words(WordOrder(COUNTS, THERE), tmp_path / "one", 1)
    make_words(WordOrder(COUNTS, THERE), tmp_path / "two", 2)
    make_words(WordOrder(COUNTS, THERE, seed=2), tmp_path / "other", 1)
    assert made == COUNTS
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert content(tmp_path / "one") != content(tmp_path / "other")


@needs_engine
def test_it_goes_on_where_it_was(tmp_path):
    """Stopped in the middle of a line, and asked for more, it ends with what one run makes."""
    make_words(WordOrder(COUNTS, THERE), tmp_path / "whole", 1)
    cut = tmp_path / "cut"
    make_words(WordOrder({"yes": 2}, THERE), cut, 1)
    listed = cut / MANIFEST
    listed.write_text(listed.read_text()[:-30])
    told = []
    make_words(WordOrder(COUNTS, THERE), cut, 1, lambda done, total: told.append((done, total)))
    assert content(cut) == content(tmp_path / "whole")
    assert told[-1] == (6, 6)
    assert len(told) == 5


@needs_engine
def test_a_clip_is_what_its_line_says(tmp_path):
    """16 kHz mono in the word's folder, eight digits for the voice, engine and licence named."""
    make_words(WordOrder(COUNTS, THERE), tmp_path, 1)
    for row in rows_of(tmp_path):
        info = soundfile.info(tmp_path / row["file"])
        assert (info.samplerate, info.channels) == (16_000, 1)
        assert re.fullmatch(row["word"] + r"/[0-9a-f]{8}_nohash_\d{6}\.flac", row["file"])
        assert row["engine"] in THERE
        assert row["licence"]


@needs_engine
def test_it_is_a_corpus(tmp_path):
    """What reads Speech Commands reads this: words as labels, voices as speakers."""
    make_words(WordOrder({"yes": 3, "no": 3}, THERE), tmp_path, 1)
    corpus = read_corpus(tmp_path)
    assert {clip.label for clip in corpus.clips} == {"yes", "no"}
    assert all(clip.speaker for clip in corpus.clips)


@needs_engine
def test_another_seeds_folder_is_refused(tmp_path):
    """A folder that was begun with one seed isn't gone on with by another."""
    make_words(WordOrder({"yes": 1}, THERE), tmp_path, 1)
    with pytest.raises(WordsError, match="was begun with --seed 1"):
        make_words(WordOrder({"yes": 2}, THERE, seed=2), tmp_path, 1)


@needs_engine
def test_a_strange_list_is_refused(tmp_path):
    """A manifest of something else is named."""
    (tmp_path / MANIFEST).write_text(json.dumps({"file": "a.flac"}) + "\n")
    with pytest.raises(WordsError, match="no list of words"):
        make_words(WordOrder({"yes": 1}, THERE), tmp_path, 1)


@needs_engine
@pytest.mark.parametrize("word", ["", "42", "a/b"])
def test_what_nobody_can_say_is_refused_at_once(tmp_path, word):
    """A word without letters, or with signs, is an error before anything is made."""
    with pytest.raises(VoiceError, match="word"):
        make_words(WordOrder({"yes": 1, word: 1}, THERE), tmp_path, 1)
    assert not any(tmp_path.iterdir())


def test_without_an_engine_it_says_what_brings_one(tmp_path, monkeypatch):
    """No engine at all is an error that names the way to one."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineMissingError, match="flite"):
        make_words(WordOrder({"yes": 1}, ("flite",)), tmp_path, 1)


@needs_engine
def test_the_command_makes_what_it_is_asked_for(tmp_path):
    """Words on the line and in a list, so many of each; without any it says how to ask."""
    (tmp_path / "more.txt").write_text("no\n\n go \n")
    asked = ["--out", str(tmp_path / "out"), "--count", "2", "--processes", "1", "--json"]
    engines = [part for name in THERE for part in ("--engine", name)]
    listed = ["--list", str(tmp_path / "more.txt")]
    done = CliRunner().invoke(words, ["yes", *listed, *asked, *engines], catch_exceptions=False)
    assert json.loads(done.stdout) == {"yes": 2, "no": 2, "go": 2}
    none = CliRunner().invoke(words, asked)
    assert none.exit_code == 2
    assert "no words" in none.output
