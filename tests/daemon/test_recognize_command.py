"""`wakeful recognize` on files, and whisper where it is installed."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from handoff_loop import loops
from wakeful.daemon import events
from wakeful.daemon.recognize_command import recognize
from wakeful.daemon.recognizer import KINDS, check, recognizer_class
from wakeful.daemon.settings import RecognizerSettings
from wakeful.models.errors import UsageError
from wakeful.models.whisper import DEFAULT_WEIGHTS, WhisperError, find_weights

needs_whisper = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("faster_whisper", DEFAULT_WEIGHTS)),
    reason="needs the asr extra",
)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty folder to be in, and nothing of the user's."""
    monkeypatch.chdir(tmp_path)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("WAKEFUL_CONFIG", "STATE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def spoken(here, voice):
    """A sentence as a file of another rate."""
    soundfile.write(here / "voice.wav", voice, 16_000)
    return "voice.wav"


def invoke(*arguments):
    """The command."""
    return CliRunner().invoke(recognize, list(map(str, arguments)))


def test_each_file_is_kept_and_named(here, spoken):
    """One object a file; what was kept is what was read."""
    done = invoke(spoken, spoken, "--kind", "save", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [row["file"] for row in rows] == [spoken, spoken]
    assert len({row["path"] for row in rows}) == 2
    for row in rows:
        kept, _ = soundfile.read(row["path"], dtype="int16")
        given, _ = soundfile.read(spoken, dtype="int16")
        assert np.array_equal(kept, given)


def test_a_corrupt_file_is_named_and_the_others_are_done(here, spoken):
    """The exit code says that not all went well."""
    (here / "broken.wav").write_bytes(b"RIFF....WAVE" * 9)
    soundfile.write(here / "empty.wav", np.zeros(0, np.int16), 16_000)
    done = invoke("broken.wav", "missing.wav", "empty.wav", spoken, "--kind", "save")
    assert done.exit_code == 1
    assert done.stdout.startswith("voice.wav: kept as ")
    lines = done.stderr.splitlines()
    assert [name in line for name, line in zip(("broken", "missing", "empty"), lines, strict=True)]
    assert all(line.startswith("wakeful: ") for line in lines)


def test_the_kind_comes_from_the_configuration(here, spoken):
    """And must come from somewhere."""
    assert "name one with --kind" in invoke(spoken).stderr
    (here / "own.toml").write_text('[recognizer]\nkind = "save"\nfolder = "takes"\n')
    assert invoke(spoken, "--config", "own.toml").exit_code == 0
    assert len(list((here / "takes").iterdir())) == 2


def test_every_kind_of_the_table_is_there():
    """As it says, with all that a recognizer has."""
    for name in KINDS:
        found = recognizer_class(name)
        assert hasattr(found, "nothing")
        assert callable(found.recognize)
        assert callable(found.check)


def test_ones_own_that_is_not_there():
    """Named as it was written."""
    for kind in ("no_such_module:Lights", "json:Lights"):
        with pytest.raises(UsageError, match=f"{kind}' can't be imported"):
            recognizer_class(kind)


def test_the_help_and_the_check_load_nothing_heavy():
    """The daemon looks whether whisper is there without loading it."""
    asked = (
        "import sys; from wakeful.daemon.recognizer import check;"
        "from wakeful.daemon.settings import RecognizerSettings;"
        "from wakeful.models.errors import WakefulError\n"
        "try: check(RecognizerSettings(kind='whisper'))\n"
        "except WakefulError: pass\n"
        "print(sorted({'faster_whisper', 'ctranslate2', 'onnxruntime'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@needs_whisper
def test_weights_that_are_not_there(here):
    """A folder without any, and a name that is neither folder nor package."""
    with pytest.raises(WhisperError, match=r"holds no whisper weights \(model\.bin\)"):
        check(RecognizerSettings(kind="whisper", model=str(here)))
    with pytest.raises(
        WhisperError, match=r"recognizer\.model: no folder and no package 'tiny\.en'"
    ):
        check(RecognizerSettings(kind="whisper", model="tiny.en"))


@needs_whisper
def test_broken_weights_are_named(here):
    """One line, not the library's."""
    (here / "w").mkdir()
    for path in find_weights().iterdir():
        (here / "w" / path.name).write_bytes(path.read_bytes()[:1_000])
    (here / "own.toml").write_text('[recognizer]\nkind = "whisper"\nmodel = "w"\n')
    done = subprocess.run(
        [Path(sys.executable).with_name("wakeful"), "recognize", "x", "--config", "own.toml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.startswith("wakeful: w: whisper can't be loaded: ")
    assert done.stderr.count("\n") == 1


@needs_whisper
def test_whisper_writes_down_a_sentence(beep_bundle, here, voice):
    """Through its own process: the words, where each of them is, and silence as an answer."""
    with loops(beep_bundle, here) as begin:
        loop = begin("whisper", deadline_s=60).ready()
        seq = loop.say_sound(voice)
        answer = loop.outcome(seq)
        assert isinstance(answer, events.Transcript)
        assert answer.text.lower().startswith("turn on the kitchen")
        assert 0.3 < answer.confidence < 1
        places = [(word.start_sample, word.end_sample) for word in answer.words]
        assert places == sorted(places)
        assert answer.start_sample <= places[0][0]
        assert places[-1][1] <= answer.sample
        silence = loop.outcome(loop.say_sound(np.zeros(32_000, np.int16)))
        assert (silence.text, silence.confidence, silence.words) == ("", 0.0, [])


@needs_whisper
def test_weights_that_know_english_alone(here):
    """Another language is refused, not heard as English."""
    settings = RecognizerSettings(kind="whisper", language="de")
    with pytest.raises(UsageError, match="know English alone"):
        recognizer_class("whisper")(settings)
