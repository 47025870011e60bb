"""Recordings that hold a word are taken away: listed, resumable, judged once for all words."""

import json
import re

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from wakeful.synth.engines import FAST, installed
from wakeful.synth.judge import Judge, unlikeness
from wakeful.synth.recording import SpeechError
from wakeful.synth.speech_command import speech
from wakeful.synth.speech_folder import add_row, rows
from wakeful.synth.speech_without import leave_out
from wakeful.synth.voice import EngineMissingError

SAID = {
    "one": {"000001.flac": "The computer is down.", "000002.flac": "What a lovely day!"},
    "two": {"en/000001.flac": "Compute her sum.", "en/000002.flac": "", "en/000003.flac": "Cup."},
}


class ToldJudge(Judge):
    """A judge who is told what is said, in order; fails after so many recordings."""

    def __init__(self, told, fails_after=1_000):
        self.told, self.left = iter(told), fails_after

    def transcript(self, sound):
        """The next text; the sound is not listened to."""
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        return next(self.told)

    def unlikeness(self, word, transcript):
        """By letters, which need no dictionary."""
        return unlikeness(*(re.sub("[^a-z]", "", t.lower()) for t in (word, transcript)))


@pytest.fixture
def folder(tmp_path, voice):
    """Two packages' speech as `install` leaves it."""
    for name, files in SAID.items():
        for file in files:
            path = tmp_path / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, voice[:8_000], 16_000)
            row = {"file": file, "source": f"a/{file}", "package": name, "seconds": 0.5}
            add_row(tmp_path / name / "manifest.jsonl", row)
    return tmp_path


def texts():
    """All that is said, in order."""
    return [text for files in SAID.values() for text in files.values()]


def there(folder):
    """The files that are left, which the manifests have to list."""
    found = sorted(f"{p.relative_to(folder)}" for p in folder.rglob("*.flac"))
    listed = [f"{n}/{r['file']}" for n in SAID for r in rows(folder / n / "manifest.jsonl")]
    assert found == sorted(listed)
    return found


def test_what_holds_the_word_or_nearly_is_taken_away_and_listed(folder):
    """By sound: "compute her" is as bad as "computer"; silence is no reason."""
    parted = leave_out("computer", folder, SAID, ToldJudge(texts()))
    assert parted.judged == 5
    assert [row["file"] for row in parted.taken] == ["000001.flac", "en/000001.flac"]
    assert there(folder) == ["one/000002.flac", "two/en/000002.flac", "two/en/000003.flac"]
    (listed,) = rows(folder / "one" / "without.jsonl")
    assert (listed["word"], listed["transcript"]) == ("computer", "The computer is down.")
    assert (listed["source"], listed["unlikeness"]) == ("a/000001.flac", 0)


@pytest.mark.parametrize("after", range(5))
def test_a_stopped_judge_goes_on_and_hears_nothing_twice(folder, after):
    """Nothing is taken away before all was heard; the second run hears the rest only."""
    with pytest.raises(KeyboardInterrupt):
        leave_out("computer", folder, SAID, ToldJudge(texts(), fails_after=after))
    assert len(there(folder)) == 5
    with (folder / "one" / "transcripts.jsonl").open("a") as cut:
        cut.write('{"file": "00')
    rest = ToldJudge(texts()[after:], fails_after=5 - after)
    assert len(leave_out("computer", folder, SAID, rest).taken) == 2
    assert len(there(folder)) == 3


def test_another_word_needs_no_ears_and_the_same_changes_nothing(folder):
    """Transcripts are kept; what was taken away for one word stays away."""
    leave_out("computer", folder, SAID, ToldJudge(texts()))
    deaf = ToldJudge([], fails_after=0)
    left = there(folder)
    assert len(leave_out("computer", folder, SAID, deaf).taken) == 2
    assert there(folder) == left
    (taken,) = leave_out("lovely day", folder, SAID, deaf).taken
    assert taken["file"] == "000002.flac"
    assert [r["word"] for r in rows(folder / "one" / "without.jsonl")] == ["computer", "lovely day"]
    assert len(there(folder)) == 2


def test_a_kill_between_listing_and_taking_away_leaves_no_gap(folder):
    """A recording that is listed as taken, and still lies there, is taken by the next run."""
    leave_out("zebra", folder, SAID, ToldJudge(texts()))
    (row, _) = rows(folder / "one" / "manifest.jsonl")
    add_row(folder / "one" / "without.jsonl", row | {"word": "computer"})
    leave_out("computer", folder, SAID, ToldJudge([]))
    assert there(folder) == ["one/000002.flac", "two/en/000002.flac", "two/en/000003.flac"]
    assert len(rows(folder / "one" / "without.jsonl")) == 1


def test_hours_are_counted_anew(folder, monkeypatch):
    """What `wakeful train --data` is given tells what is left."""
    (folder / "one").rename(folder / "drascula")
    leave_out("computer", folder, ["drascula"], ToldJudge(SAID["one"].values()))
    (told,) = json.loads((folder / "data.json").read_text())
    assert told["hours"] == pytest.approx(0.5 / 3600, abs=0.0005)


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("one/000002.flac", b"no sound", "not readable as sound"),
        ("two/transcripts.jsonl", b"no json\n", "can't be read"),
        ("two/manifest.jsonl", b"[]\n", "is no list of recordings"),
    ],
)
def test_what_was_damaged_is_named(folder, file, content, told):
    """A user's mistake is a line that names the file."""
    (folder / file).write_bytes(content)
    with pytest.raises(SpeechError, match=told) as raised:
        leave_out("computer", folder, SAID, ToldJudge(texts()))
    assert str(folder / file) in str(raised.value)


def test_the_real_judge_hears_the_word(folder):
    """Whisper, and a synthetic voice that says it in a sentence."""
    try:
        judge = Judge()
    except EngineMissingError as error:
        pytest.skip(str(error))
    engines, _ = installed(FAST)
    if "hibari" not in engines:
        pytest.skip("pip install 'wakeful[synth]'")
    engine = engines["hibari"]
    speaker = engine.draw(np.random.default_rng(1), held_out=not engine.voices(False))
    for number, text in enumerate(("Switch the computer on.", "Two buses went by."), 1):
        path = folder / "one" / f"{number:06d}.flac"
        soundfile.write(path, engine.speak(text, speaker), 16_000)
    (taken,) = leave_out("computer", folder, ["one"], judge).taken
    assert taken["file"] == "000001.flac"
    assert "computer" in taken["transcript"].lower()


def test_without_a_judge_nothing_is_begun(tmp_path, monkeypatch):
    """Packages of hours are not got for what can't be done then."""

    def missing():
        raise EngineMissingError("the judge is not installed: pip install 'wakeful[judge]'")

    monkeypatch.setattr(Judge, "__init__", lambda self, threads=1: missing())
    done = CliRunner().invoke(speech, ["install", str(tmp_path / "s"), "--without", "computer"])
    assert isinstance(done.exception, EngineMissingError)
    assert not (tmp_path / "s").exists()
