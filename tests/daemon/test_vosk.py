"""Vosk behind the recognizers' interface; with a real model where WAKEFUL_VOSK_MODEL names one."""

import importlib.util
import json
import os

import pytest
from wakeful.daemon.recognizer import HeardText, check, load_recognizer
from wakeful.daemon.settings import RecognizerSettings
from wakeful.daemon.vosk_recognizer import VoskError, _heard, _words
from wakeful.models.errors import UsageError

MODEL = os.environ.get("WAKEFUL_VOSK_MODEL", "")
is_there = importlib.util.find_spec("vosk") is not None


def test_a_missing_package_is_named(monkeypatch):
    """With the extra that brings it."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(VoskError, match=r"pip install 'wakeful\[vosk\]'"):
        check(RecognizerSettings(kind="vosk", model="x"))


@pytest.mark.skipif(not is_there, reason="needs the vosk extra")
def test_a_model_is_needed(tmp_path):
    """Some folder is none, nor is one with a broken network in it."""
    with pytest.raises(UsageError, match=r"recognizer\.model"):
        check(RecognizerSettings(kind="vosk"))
    settings = RecognizerSettings(kind="vosk", model=str(tmp_path))
    with pytest.raises(VoskError, match="holds no vosk model"):
        check(settings)


def test_a_result_becomes_a_text():
    """Words with their places in samples; the mean of what is thought of them."""
    words = [
        {"conf": 1.0, "start": 0.5, "end": 1.0, "word": "turn"},
        {"conf": 0.5, "start": 1.0, "end": 1.25, "word": "left"},
    ]
    heard = _heard(_words(json.dumps({"result": words, "text": "turn left"})))
    assert (heard.text, heard.confidence) == ("turn left", 0.75)
    assert [(w.text, w.start_sample, w.end_sample) for w in heard.words] == [
        ("turn", 8_000, 16_000),
        ("left", 16_000, 20_000),
    ]
    assert _heard(_words('{"text": ""}')) == HeardText(text="", confidence=0.0)


@pytest.mark.skipif(not (is_there and MODEL), reason="WAKEFUL_VOSK_MODEL names no model")
def test_a_sentence_is_written_down(voice):
    """By the real thing; the same again in the same process."""
    recognizer = load_recognizer(RecognizerSettings(kind="vosk", model=MODEL))
    first = recognizer.recognize(voice)
    assert isinstance(first, HeardText)
    assert first.words
    assert recognizer.recognize(voice) == first
