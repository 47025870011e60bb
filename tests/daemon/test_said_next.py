"""The word, then an order: through the virtual microphone, the shipped models, to a subscriber."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from sound_server import SoundServer, missing, sound_server
from wakeful.models.bundle import PRETRAINED
from whole_daemon import daemon

GRAMMAR = "light : turn (on|off){state} the (kitchen|bedroom){room} light [please]\n"
WORD = slice(16_000, 48_000)
"""Where somebody says "activate" in the recording that ships."""

pytestmark = [
    pytest.mark.sound_server,
    pytest.mark.skipif(bool(missing()), reason=missing() or "it is all there"),
    pytest.mark.skipif(not shutil.which("espeak-ng"), reason="needs espeak-ng"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A running sound server."""
    with sound_server(tmp_path_factory.mktemp("pulse")) as running:
        yield running


def spoken(folder: Path, text: str) -> np.ndarray:
    """By a synthetic voice that nothing here was trained on by itself."""
    path = folder / "said.wav"
    subprocess.run(["espeak-ng", "-v", "en-us", "-w", path, text], check=True)
    samples, rate = soundfile.read(path, dtype="float32")
    return (soxr.resample(samples, rate, 16_000) * 20_000).astype(np.int16)


def after_the_word(server: SoundServer, folder: Path, order: np.ndarray, kind: str, answer: str):
    """What the subscriber is told when the word and then `order` have been said."""
    demo, _ = soundfile.read(PRETRAINED / "demo.flac", dtype="int16")
    quiet = np.zeros(8_000, np.int16)
    soundfile.write(folder / "scene.wav", np.r_[quiet, demo[WORD], order, quiet, quiet], 16_000)
    (folder / "home.grammar").write_text(GRAMMAR)
    more = f'[recognizer]\nkind = "{kind}"\n'
    more += f'grammar = "{folder / "home.grammar"}"\n' if "grammar" in kind else ""
    with daemon(folder, server.environment, "activate", more=more) as running:
        running.wait_for("ready")
        server.play(folder / "scene.wav")
        wake, told = running.wait_for("wake"), running.wait_for(answer)
    assert wake["keyword"] == "activate"
    assert told["wake_seq"] == wake["seq"]
    assert told["sample"] > wake["sample"]
    return told


def test_a_command(server, tmp_path):
    """“activate … left”: `wake`, then `command left`, and how sure it is."""
    told = after_the_word(server, tmp_path, spoken(tmp_path, "left"), "commands", "command")
    assert told["label"] == "left"
    assert told["confidence"] > 0.5
    assert len(told["alternatives"]) == 3


def test_a_string_of_digits(server, tmp_path):
    """“activate … four two seven”: the digits, without spaces."""
    order = spoken(tmp_path, "four, two, seven")
    told = after_the_word(server, tmp_path, order, "digits", "digits")
    assert told["text"] == "427"


@pytest.mark.skipif(not importlib.util.find_spec("faster_whisper"), reason="needs the asr extra")
def test_a_sentence_of_a_grammar(server, tmp_path, voice):
    """“activate … turn on the kitchen light please”: its label, its slots, its text."""
    told = after_the_word(server, tmp_path, voice, "grammar,commands", "command")
    assert told["label"] == "light"
    assert told["slots"] == {"state": "on", "room": "kitchen"}
    assert told["text"] == "turn on the kitchen light please"
