"""A grammar in the recognizers: over what others write, and by our own letters."""

import importlib.util
import sys

import numpy as np
import pytest
from wakeful.daemon.recognizer import (
    HeardCommand,
    HeardDigits,
    HeardText,
    check,
    load_recognizer,
)
from wakeful.daemon.settings import RecognizerSettings
from wakeful.models.bundle import BundleMissingError
from wakeful.models.errors import UsageError
from wakeful.models.grammar import GrammarError
from wakeful.models.whisper import DEFAULT_WEIGHTS, WhisperError

HOME = """
room  = kitchen | bedroom | living room
light : [please] turn (on|off){state} the <room>{room} light [please]
level : dim the <room>{room} light to 1..100{level} percent
"""
SOUND = np.ones(160, np.int16)
needs_whisper = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("faster_whisper", DEFAULT_WEIGHTS)),
    reason="needs the asr extra",
)


class Writer:
    """It writes what its model is called; a number is digits."""

    nothing = HeardText(text="", confidence=0.0)

    def __init__(self, settings):
        self.text = settings.model

    def recognize(self, samples, about=None):
        """Always the same."""
        assert about is not None
        if self.text.isdigit():
            return HeardDigits(text=self.text, confidence=0.5)
        return HeardText(text=self.text, confidence=0.5)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A file of sentences."""
    monkeypatch.setitem(sys.modules, __name__, sys.modules[Writer.__module__])
    path = tmp_path / "home.grammar"
    path.write_text(HOME, encoding="utf-8")
    return str(path)


def written(text, home):
    """What becomes of it."""
    settings = RecognizerSettings(kind=f"{__name__}:Writer", model=text, grammar=home)
    return load_recognizer(settings).recognize(SOUND)


def test_what_is_written_becomes_the_sentence_that_was_meant(home):
    """With its slots, though a letter is wrong; whose sureness is that of both."""
    heard = written("Turn on the kitchens lights, please.", home)
    assert isinstance(heard, HeardCommand)
    assert (heard.label, heard.slots) == ("light", {"state": "on", "room": "kitchen"})
    assert heard.text == "turn on the kitchen light please"
    assert 0 < heard.confidence < 0.5
    level = written("dim the living room light to forty two percent", home)
    assert isinstance(level, HeardCommand)
    assert level.slots == {"room": "living room", "level": "42"}


@pytest.mark.parametrize("text", ["how do I get to the station", "Доброе утро", "", "42"])
def test_what_is_none_of_the_sentences_stays_what_it_is(home, text):
    """Also in another script, and where nothing was written."""
    heard = written(text, home)
    assert not isinstance(heard, HeardCommand)
    assert heard.text == text


def test_a_mistake_is_told_before_anything_is_loaded(tmp_path):
    """With its line and column; and a missing file, and a missing name."""
    path = tmp_path / "g"
    path.write_text("light : turn (on|off the light\n")
    with pytest.raises(GrammarError, match="line 1, column"):
        check(RecognizerSettings(kind="grammar", grammar=str(path)))
    with pytest.raises(GrammarError, match="line 1, column"):
        check(RecognizerSettings(kind=f"{__name__}:Writer", grammar=str(path)))
    with pytest.raises(UsageError, match=r"recognizer\.grammar"):
        check(RecognizerSettings(kind="grammar"))


@needs_whisper
def test_whisper_kept_to_a_grammar_understands_a_sentence(home, voice):
    """The sentence that all tests speak, and what was not said is none."""
    settings = RecognizerSettings(kind="grammar", grammar=home)
    recognizer = load_recognizer(settings)
    heard = recognizer.recognize(voice)
    assert isinstance(heard, HeardCommand)
    assert heard.label == "light"
    assert heard.slots == {"state": "on", "room": "kitchen"}
    rng = np.random.default_rng(0)
    for loud in (3, 30, 300, 3_000):
        nothing = recognizer.recognize(rng.normal(0, loud, 32_000).astype(np.int16))
        assert isinstance(nothing, HeardCommand)
        assert nothing.label in {"_unknown_", "_silence_"}, loud
    silence = recognizer.recognize(np.zeros(16_000, np.int16))
    assert isinstance(silence, HeardCommand)
    assert silence.label == "_silence_"


def test_a_missing_model_is_named(home, tmp_path):
    """A bundle of letters that isn't there; weights of whisper that are none."""
    with pytest.raises(BundleMissingError, match="mine"):
        check(RecognizerSettings(kind="grammar", grammar=home, model=str(tmp_path / "mine.json")))
    with pytest.raises(WhisperError):
        check(RecognizerSettings(kind="grammar", grammar=home, model=str(tmp_path)))
