"""What everybody gets: the shipped word, on the bundled recording, as `make run` plays it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from wakeful.daemon.events import SpeechEnd, Stamp, Wake
from wakeful.daemon.opening import DEMO
from wakeful.daemon.pipeline import Pipeline
from wakeful.daemon.settings import GateSettings, Settings
from wakeful.models.bundle import load_bundle, shipped_models
from wakeful.models.runtime import TriggerModel

WAKEFUL = Path(sys.executable).with_name("wakeful")
WORD_ENDS_S = (2.10, 9.50)
"""Where "activate" ends in the recording, read off its spectrogram."""
README = Path(__file__).parents[2] / "README.md"
SHOWN = re.compile(r"^ +(\d+\.\d\d) s  (\S+)(?: +\S+  (0\.\d\d)$)?", re.MULTILINE)
"""A line of `wakeful listen`: when, what, and of a wake how sure."""


@pytest.fixture(scope="module")
def model():
    """The shipped word."""
    return TriggerModel(load_bundle("activate"))


@pytest.fixture(scope="module")
def demo():
    """The bundled recording."""
    return soundfile.read(DEMO, dtype="int16")[0]


def run(model, sound, sleep=True):
    """Its events."""
    settings = Settings(gate=GateSettings(sleep=sleep))
    pipeline = Pipeline(settings, [model], Stamp("demo", 0.0))
    return pipeline.feed(sound) + pipeline.flush()


def wakes_s(events):
    """Where it woke."""
    return [e.sample / 16_000 for e in events if isinstance(e, Wake)]


@pytest.mark.parametrize("sleep", [True, False])
def test_the_word_is_heard_and_nothing_else(model, demo, sleep):
    """Twice said, twice heard, soon after its end; what is said between wakes nothing."""
    found = wakes_s(run(model, demo, sleep))
    assert len(found) == 2
    assert all(-0.05 < f - end < 0.3 for f, end in zip(found, WORD_ENDS_S, strict=True))


@pytest.mark.parametrize("peak_dbfs", [-36, -20, -0.5])
def test_at_any_level(model, demo, peak_dbfs):
    """From a whisper's level to near clipping the same two words are heard."""
    level = demo * (10 ** (peak_dbfs / 20) * 32_767 / np.abs(demo.astype(float)).max())
    assert len(wakes_s(run(model, level.astype(np.int16)))) == 2


def test_what_was_said_next_is_taken_down(model, demo):
    """Each wake is followed by the speech after it, ended by silence."""
    ended = [e for e in run(model, demo) if isinstance(e, SpeechEnd)]
    assert [e.ending for e in ended] == ["silence", "silence"]
    assert all(0.5 < e.duration_s < 2.5 for e in ended)


def test_every_shipped_model_is_whole():
    """Each loads and says how it was made, from what, and how it was measured; a trigger runs."""
    assert "activate" in shipped_models("trigger")
    for name in shipped_models():
        bundle = load_bundle(name)
        if bundle.manifest.kind == "trigger":
            TriggerModel(bundle)
        assert bundle.manifest.training.command
        assert all(row.licence for row in bundle.manifest.training.data)
        assert bundle.manifest.measured


@pytest.mark.skipif(Path("/proc/asound/cards").exists(), reason="this machine has a sound card")
def test_without_a_microphone_the_demo_is_played():
    """`make run`'s command, where there is no microphone: says so, plays, hears the word twice."""
    nowhere = os.environ | {"PULSE_SERVER": "unix:/nowhere", "XDG_CONFIG_HOME": "/nowhere"}
    command = [str(WAKEFUL), "listen", "--or-demo", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=nowhere)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [e["event"] for e in events].count("wake") == 2
    assert "no microphone" in done.stderr
    assert "demo" in done.stderr
    assert events[-1]["reason"] == "end of sound"


def test_the_readme_shows_what_it_prints(tmp_path):
    """Its first screen is of the word that ships: times to a step or two, scores nearly."""
    printed = subprocess.run(
        [WAKEFUL, "listen", "--input", DEMO],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    told, now = SHOWN.findall(README.read_text(encoding="utf-8")), SHOWN.findall(printed)
    assert [what for _, what, _ in told] == [what for _, what, _ in now]
    assert [what for _, what, _ in now].count("wake") == 2
    for (told_s, _, told_score), (now_s, _, score) in zip(told, now, strict=True):
        assert abs(float(told_s) - float(now_s)) <= 0.061
        assert abs(float(told_score or 0) - float(score or 0)) <= 0.05
