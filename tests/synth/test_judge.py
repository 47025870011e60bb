"""The judge: a transcript is compared as it sounds; whisper itself where it is installed."""

import json

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth import judge_command
from wakeful.synth.clips import ORDER
from wakeful.synth.engines import installed
from wakeful.synth.judge import MOST_UNLIKE, Judge, Verdict, unlikeness
from wakeful.synth.phrases import Texts
from wakeful.synth.pronounce import dictionary
from wakeful.synth.synth_command import synth
from wakeful.synth.take import Drawn, Studio
from wakeful.synth.voice import EngineMissingError, Speaker

sounds = st.text("ptkæɛiə", max_size=7)
THERE, _ = installed(("hibari",))


@pytest.fixture(scope="module")
def ears():
    """Whisper, loaded once."""
    try:
        return Judge()
    except EngineMissingError as error:
        pytest.skip(str(error))


@given(sounds, sounds, sounds)
def test_a_word_is_found_among_others(before, word, after):
    """Whatever stands around it, what holds the word holds it."""
    assert unlikeness(word, before + word + after) == 0


@given(sounds.filter(bool), sounds)
def test_unlikeness_has_bounds(word, heard):
    """From 0 to the price of leaving everything out, which is that of silence; more never hurts."""
    found = unlikeness(word, heard)
    assert 0 <= found <= 0.85 + 1e-9
    assert unlikeness(word, "") == pytest.approx(0.85)
    assert unlikeness(word, heard + "p") <= found + 1e-9


@pytest.mark.skipif(not dictionary(), reason="the synth extra isn't installed")
@pytest.mark.parametrize(
    ("word", "transcript", "heard"),
    [
        ("activate", "Activate!", True),
        ("activate", "I'll activate it.", True),
        ("activate", "active it", True),
        ("snorbax", "Snore backs.", True),
        ("hey robot", "Hey, Robot?", True),
        ("activate", "", False),
        ("activate", "Actually", False),
        ("activate", "activity", False),
        ("activate", "attractive", False),
        ("computer", "Come here", False),
    ],
)
def test_spelling_is_no_matter(ears, word, transcript, heard):
    """Capitals, marks and near spellings pass; another word doesn't, however it begins."""
    assert (ears.unlikeness(word, transcript) <= MOST_UNLIKE) is heard


@pytest.mark.skipif("hibari" not in THERE, reason="no synth extra")
def test_whisper_hears_a_good_voice(ears):
    """The word is heard, another is not taken for it, silence is nothing."""
    said = THERE["hibari"].speak("computer.", Speaker("hibari", "heart", {"speed": 1.0, "seed": 1}))
    assert ears.hears(said, "computer") == Verdict(True, ears.transcript(said))
    assert not ears.says(said, "activate")
    assert not ears.says(np.zeros(16_000, np.float32), "computer")


class Voice:
    """An engine that says a second of noise, whatever it is asked."""

    name, licence = "voice", "none / none"
    languages: tuple[str, ...] = ("en-US",)

    def voices(self, held_out):
        """One, for training."""
        return [] if held_out else ["one"]

    def draw(self, rng, held_out):
        """That one."""
        return Speaker("voice", "one")

    def speak(self, text, speaker):
        """Always the same."""
        return np.random.default_rng(1).normal(0, 0.1, 16_000).astype(np.float32)


class Deaf:
    """Hears something else in everything, and remembers for which words it was asked."""

    def __init__(self):
        self.asked = []

    def says(self, sound, word):
        """Never."""
        self.asked.append(word)
        return False


def test_a_clip_that_says_something_else_is_dropped():
    """Of positives only: nobody asks what a hard word or a sentence sounds like."""
    ears = Deaf()
    studio = Studio({"voice": Voice()}, Texts("activate", ["active"]), False, ears)
    drawn = Drawn("activate.", Speaker("voice", "one"), None, "train")
    assert studio.take("positive", drawn).reason == "heard as another"
    assert studio.take("hard", drawn).reason == ""
    assert ears.asked == ["activate"]


@pytest.fixture
def folder(tmp_path):
    """Two recordings of a person's own."""
    for name, hz in (("a", 300), ("b", 500)):
        tone = np.sin(np.arange(9_600) * hz / 2_546).astype(np.float32) * 0.3
        soundfile.write(tmp_path / f"{name}.wav", tone, 16_000)
    return tmp_path


@pytest.fixture
def stand_in(monkeypatch):
    """A judge that hears the word in what is high, and says what it heard in the other."""

    class Stands:
        def __init__(self, threads):
            assert threads == 2

        def hears(self, sound, word):
            high = int((np.diff(np.sign(sound)) != 0).sum()) > 480
            return Verdict(high, word if high else "")

    monkeypatch.setattr("wakeful.synth.judge.Judge", Stands)


@pytest.mark.usefixtures("stand_in")
def test_the_command_lists_what_says_something_else(folder):
    """A line for each such file; for programs all of them, with what was heard."""
    told = CliRunner().invoke(synth, ["judge", str(folder), "--word", "activate"])
    assert told.exit_code == 0, told.output
    assert told.stdout.split() == ["a.wav", "(nothing)"]
    assert "1 of 2 say something else than 'activate'" in told.stderr
    found = json.loads(
        CliRunner().invoke(synth, ["judge", str(folder), "--word", "go", "--json"]).stdout
    )
    assert found["word"] == "go"
    assert [f["file"] for f in found["files"]] == ["a.wav", "b.wav"]
    assert [f["heard"] for f in found["files"]] == [False, True]


def test_a_folder_tells_its_word(folder):
    """What it was made for, also from one of its kinds; else one is asked for it."""
    with pytest.raises(Exception, match="give it with --word"):
        judge_command.word_of(folder)
    (folder / ORDER).write_text('{"word": "voyager", "seed": 1}')
    (folder / "positive").mkdir()
    assert judge_command.word_of(folder) == "voyager"
    assert judge_command.word_of(folder / "positive") == "voyager"
    (folder / ORDER).write_text("[")
    with pytest.raises(Exception, match="give it with --word"):
        judge_command.word_of(folder)
