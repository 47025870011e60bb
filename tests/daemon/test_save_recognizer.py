"""Keeping what is said: whole files, private, no more than allowed, and a disk that is full."""

import json
import os
import resource
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from handoff_loop import loops
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.daemon.recognizer import About, RecognizerError, check
from wakeful.daemon.save_recognizer import SaveRecognizer
from wakeful.daemon.settings import RecognizerSettings

WAKEFUL = Path(sys.executable).with_name("wakeful")
SPEECH = np.random.default_rng(7).integers(-9_000, 9_000, 16_000, np.int16)


@pytest.fixture
def begin(beep_bundle, tmp_path):
    """Starts a loop with a recognizer's process."""
    with loops(beep_bundle, tmp_path) as start:
        yield start


def made(folder, **settings):
    """A recognizer that keeps things there."""
    return SaveRecognizer(RecognizerSettings(kind="save", folder=str(folder), **settings))


def names(folder):
    """All that lies in a folder, hidden things too."""
    return sorted(path.name for path in folder.iterdir())


def test_sound_and_its_origin_lie_side_by_side(tmp_path):
    """Bit for bit, readable by the user alone, named after when it was said."""
    folder = tmp_path / "kept"
    about = About(
        source="mic:x", time=1_795_239_396.625, start_sample=99, keyword="hey", wake_seq=3
    )
    heard = made(folder).recognize(SPEECH, about)
    assert names(folder) == ["20261121T053636.625Z.flac", "20261121T053636.625Z.json"]
    sound, rate_hz = soundfile.read(heard.path, dtype="int16")
    assert rate_hz == 16_000
    assert np.array_equal(sound, SPEECH)
    row = json.loads((folder / "20261121T053636.625Z.json").read_text())
    assert row == {
        "source": "mic:x",
        "time": 1_795_239_396.625,
        "start_sample": 99,
        "keyword": "hey",
        "wake_seq": 3,
        "duration_s": 1.0,
    }
    for path in (folder, *folder.iterdir()):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077


@settings(max_examples=25)  # each file of each of them is on the disk before the next
@given(times=st.lists(st.integers(0, 5), max_size=9), keep=st.integers(1, 4))
def test_no_more_files_than_allowed_and_the_newest_stay(tmp_path_factory, times, keep):
    """Also of several at the very same time, and where the clock goes back."""
    folder = tmp_path_factory.mktemp("kept")
    recognizer = made(folder, keep_files=keep)
    for at_s in times:
        path = recognizer.recognize(SPEECH[:160], About(time=float(at_s))).path
        kept = names(folder)
        assert os.path.basename(path) in kept  # noqa: PTH119
        assert len(kept) <= 2 * keep
        assert {name.rsplit(".", 1)[0] for name in kept if name.endswith("flac")} == {
            name.rsplit(".", 1)[0] for name in kept if name.endswith("json")
        }
    shutil.rmtree(folder)


def test_no_more_bytes_than_allowed(tmp_path):
    """As they lie on the disk; the newest stays even where it is too large alone."""
    recognizer = made(tmp_path, keep_mb=0.2)
    for at_s in range(10):
        recognizer.recognize(SPEECH, About(time=float(at_s)))
        taken = sum(path.stat().st_blocks * 512 for path in tmp_path.iterdir())
        assert taken <= 200_000
    assert "19700101T000009.000Z.flac" in names(tmp_path)
    assert len(names(tmp_path)) > 2
    made(tmp_path, keep_mb=0.001).recognize(SPEECH, About(time=10.0))
    assert names(tmp_path) == ["19700101T000010.000Z.flac", "19700101T000010.000Z.json"]


def test_what_others_put_there_stays(tmp_path):
    """However many of ours there are; what a killed process left of ours goes."""
    for name in ("holiday.flac", "20261121T053636.625Z.txt", ".20261121T053636.625Z.flac.4711"):
        (tmp_path / name).write_bytes(b"x")
    recognizer = made(tmp_path, keep_files=1)
    for at_s in (1.0, 2.0):
        recognizer.recognize(SPEECH, About(time=at_s))
    left = ["19700101T000002.000Z.flac", "19700101T000002.000Z.json"]
    assert names(tmp_path) == [*left, "20261121T053636.625Z.txt", "holiday.flac"]


def test_where_it_is_kept_by_default(monkeypatch, tmp_path):
    """The unit's directory, else the user's."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    settings = RecognizerSettings(kind="save")
    assert SaveRecognizer(settings).folder == tmp_path / "xdg/wakeful/utterances"
    monkeypatch.setenv("STATE_DIRECTORY", f"{tmp_path}/unit:{tmp_path}/other")
    assert SaveRecognizer(settings).folder == tmp_path / "unit/utterances"


def test_a_folder_that_cannot_be(tmp_path):
    """It is said when the daemon starts, with the key to set."""
    (tmp_path / "file").touch()
    with pytest.raises(RecognizerError, match=r"can't be made: .*; see recognizer\.folder"):
        check(RecognizerSettings(kind="save", folder=f"{tmp_path}/file/below"))


FULL = """
import sys
import numpy as np
from wakeful.daemon.recognizer import About, RecognizerError
from wakeful.daemon.save_recognizer import SaveRecognizer
from wakeful.daemon.settings import RecognizerSettings
recognizer = SaveRecognizer(RecognizerSettings(kind="save", folder=sys.argv[1]))
sound = np.random.default_rng(7).integers(-9_000, 9_000, 16_000, np.int16)
kept = 0
try:
    while True:
        recognizer.recognize(sound, About(time=float(kept)))
        kept += 1
except RecognizerError as error:
    print(kept, len(list(recognizer.folder.iterdir())), error)
"""


def test_a_disk_that_is_really_full(tmp_path):
    """Nothing half-written is left, and the line says so."""
    script = 'mount -t tmpfs -o size=200k wakeful "$1" && exec "$2" -c "$3" "$1"'
    command = ["unshare", "--mount", "sh", "-ec", script, "sh", str(tmp_path), sys.executable, FULL]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    kept, files, line = done.stdout.split(maxsplit=2)
    assert int(kept) > 0
    assert int(files) == 2 * int(kept)
    assert "can't be kept: No space left on device; make room" in line


def test_the_daemon_outlives_a_disk_that_takes_no_more(begin, tmp_path, capfd):
    """`unanswered` and one line; once there is room, the same process keeps the next."""
    loop = begin("save").ready()
    pid = loop.handoff.worker.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (1_000, resource.RLIM_INFINITY))
    refused = loop.outcome(loop.say(1))
    assert "can't be kept: File too large" in refused.reason
    assert not names(tmp_path)
    assert capfd.readouterr().err.count("\n") == 1
    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    saved = loop.outcome(loop.say(1))
    sound, _ = soundfile.read(saved.path, dtype="int16")
    assert np.array_equal(sound, loop.pipeline.audio(saved.start_sample, saved.sample))
    row = json.loads((tmp_path / names(tmp_path)[1]).read_text())
    assert (row["wake_seq"], row["start_sample"]) == (saved.wake_seq, saved.start_sample)
    assert row["time"] == 1_000.0 + saved.start_sample / 16_000
    assert loop.handoff.worker.pid == pid


def test_by_the_daemon_itself(beep_bundle, tmp_path, voice):
    """A beep wakes the real one, what is said next is in its folder, and no process is left."""
    scene, kept = tmp_path / "scene.wav", tmp_path / "kept"
    quiet = np.zeros(16_000, np.int16)
    soundfile.write(scene, np.r_[quiet, beep(), quiet // 2, voice, np.tile(quiet, 90)], 16_000)
    config = tmp_path / "own.toml"
    config.write_text(
        f'models = ["{beep_bundle}"]\n[chime]\non = false\n'
        f'[recognizer]\nkind = "save"\nfolder = "{kept}"\n'
    )
    (tmp_path / "run").mkdir(mode=0o700)
    environment = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path / "run")}
    command = [WAKEFUL, "daemon", "--config", config, "--input", scene]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as daemon:
        line = next(line for line in daemon.stderr if line.startswith("saved "))
        (child,) = psutil.Process(daemon.pid).children()
        daemon.terminate()
        daemon.communicate(timeout=60)
    assert daemon.returncode == 0
    assert not child.is_running()
    sound, _ = soundfile.read(line.removeprefix("saved ").strip(), dtype="int16")
    loud = np.abs(sound.astype(int)) > 100
    assert 0.8 * (np.abs(voice.astype(int)) > 100).sum() < loud.sum()


def beep():
    """The test model's word."""
    t = np.arange(int(0.18 * 16_000)) / 16_000
    edge = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    word = np.concatenate([np.sin(2 * np.pi * f * t) * edge for f in (700, 1_100)])
    return (word * 9_830).astype(np.int16)
