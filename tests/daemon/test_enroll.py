"""Enrolling: takes of the test model's word, and of real synthetic voices through what ships."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile
from sound_server import missing, sound_server
from wakeful.daemon import cli, events
from wakeful.daemon.config import load
from wakeful.daemon.profile import Profile, profile_folder

WAKEFUL = Path(sys.executable).with_name("wakeful")
RATE = 16_000


def silence(seconds):
    """A quiet room."""
    return np.random.default_rng(0).normal(0, 8, round(RATE * seconds)) / 32_768


def beep(gain=0.3, detune=1.0):
    """The test model's word."""
    t = np.arange(int(0.18 * RATE)) / RATE
    edge = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    tones = [np.sin(2 * np.pi * f * detune * t) * edge for f in (700, 1_100)]
    return np.concatenate(tones) * gain


@pytest.fixture
def home(tmp_path):
    """An empty place for configuration; what `run` uses."""
    return tmp_path / "config"


@pytest.fixture
def takes(tmp_path):
    """Five takes of the word, louder and higher from one to the next."""
    folder = tmp_path / "takes"
    folder.mkdir()
    for number in range(5):
        sound = np.r_[silence(0.5), beep(0.2 + 0.05 * number, 1 + 0.004 * number), silence(0.4)]
        soundfile.write(folder / f"{number}.wav", sound, RATE)
    return folder


def run(home, *arguments):
    """The command as `main` runs it, in this process, with a configuration folder of its own."""
    out, err = (io.TextIOWrapper(io.BytesIO(), write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, Path(os.devnull).open() as nothing:
        patch.delenv("WAKEFUL_CONFIG", raising=False)
        patch.setenv("XDG_CONFIG_HOME", str(home))
        patch.setattr(sys, "argv", ["wakeful", *map(str, arguments)])
        patch.setattr(sys, "stdin", nothing)
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            cli.main()
    texts = (stream.buffer.getvalue().decode() for stream in (out, err))
    code = ended.value.code
    assert isinstance(code, int)
    return subprocess.CompletedProcess(arguments, code, *texts)


def told(done, code=1):
    """The one line of a run that could not do what was asked."""
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("wakeful: ")
    return done.stderr


def files_in(folder):
    """All that lies below a folder."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_good_takes_change_nothing_that_need_not_change(home, takes, beep_bundle):
    """All are heard far above the threshold: it stays, and nothing is written."""
    done = run(home, "enroll", beep_bundle, "--from", takes, "--json", "--yes")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [t["name"] for t in found["takes"]] == [f"{n}.wav" for n in range(5)]
    assert found["advice"]["after"] == found["advice"]["before"]
    assert found["advice"]["heard_after"] == 5
    assert found["written"] == []
    assert not home.exists()


def weaker_bundle(beep_bundle, folder, threshold):
    """The test model as if it had shipped with a higher threshold, and points to say the cost."""
    manifest = json.loads(beep_bundle.read_text())
    manifest["detector"]["threshold"] = threshold
    manifest["measured"] = {
        "at": {
            "0.5": {"threshold": 0.9, "false_accepts_per_hour": 0.4},
            "1": {"threshold": 0.3, "false_accepts_per_hour": 0.9},
            "2": None,
        }
    }
    folder.mkdir(exist_ok=True)
    shutil.copy(beep_bundle.with_suffix(".tflite"), folder / "strict.tflite")
    path = folder / "strict.json"
    path.write_text(json.dumps(manifest))
    return path


def test_the_threshold_falls_to_what_the_takes_need_and_is_in_force(
    home, takes, beep_bundle, tmp_path
):
    """Written into the file that is there, for this model alone, comments kept; listen uses it."""
    model = weaker_bundle(beep_bundle, tmp_path / "model", 0.99999)
    config = home / "wakeful" / "wakeful.toml"
    config.parent.mkdir(parents=True)
    config.write_text("# mine\n[gate]\nstrictness = 1  # as it was\n")
    unheard = run(home, "listen", "-m", model, "-i", takes / "0.wav", "--json")
    assert '"wake"' not in unheard.stdout
    done = run(home, "enroll", model, "--from", takes, "--yes")
    assert done.returncode == 0, done.stderr
    assert "hears 5 of 5 takes instead of 0; about" in done.stdout
    text = config.read_text()
    assert text.startswith("# mine\n[gate]\nstrictness = 1  # as it was\n")
    assert 0.3 <= load(config).detector.thresholds["strict"] < 0.99999
    heard = run(home, "listen", "-m", model, "-i", takes / "0.wav", "--json")
    assert '"wake"' in heard.stdout, heard.stderr


def test_nothing_is_written_unasked(home, takes, beep_bundle, tmp_path):
    """Where nobody can be asked and --yes is not given, it only tells."""
    model = weaker_bundle(beep_bundle, tmp_path / "model", 0.99999)
    done = run(home, "enroll", model, "--from", takes, "--verify")
    assert done.returncode == 0, done.stderr
    assert "nothing is written without --yes" in done.stdout
    assert not home.exists()


def test_a_profile_is_private_and_applies(home, takes, beep_bundle):
    """Mode 0600; its owner wakes the model and is named; --list and --forget work."""
    done = run(home, "enroll", beep_bundle, "--from", takes, "--verify", "--name", "anna", "--yes")
    assert done.returncode == 0, done.stderr
    path = home / "wakeful" / "voices" / "anna.beep.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0
    profile = msgspec.json.decode(path.read_bytes(), type=Profile)
    assert len(profile.vectors) == 5
    heard = run(
        home, "listen", "-m", beep_bundle, "-i", takes / "2.wav", "--json", "--only", "anna"
    )
    wakes = [json.loads(line) for line in heard.stdout.splitlines() if '"wake"' in line]
    assert [w["speaker"] for w in wakes] == ["anna"], heard.stdout + heard.stderr
    assert "anna" in run(home, "enroll", "--list").stdout
    assert run(home, "enroll", "--forget", "anna").returncode == 0
    assert files_in(home) == []
    assert "nobody" in told(run(home, "enroll", "--forget", "anna"))


def test_a_stranger_is_told_but_wakes_nothing(home, takes, beep_bundle):
    """A profile that nobody fits: the word becomes `stranger`, and no speech is taken down."""
    run(home, "enroll", beep_bundle, "--from", takes, "--verify", "--name", "anna", "--yes")
    path = home / "wakeful" / "voices" / "anna.beep.json"
    profile = json.loads(path.read_bytes())
    profile["vectors"] = [[-value for value in v] for v in profile["vectors"]]
    path.write_text(json.dumps(profile))
    done = run(home, "listen", "-m", beep_bundle, "-i", takes / "2.wav", "--json", "--only", "anna")
    found = [events.decode(line.encode()) for line in done.stdout.splitlines()]
    kinds = [type(e) for e in found]
    assert kinds == [events.Ready, events.Stranger, events.Bye]
    assert found[1].likeness < profile["least_likeness"]


def test_a_profile_of_another_model_is_refused(home, takes, beep_bundle):
    """The model was trained anew: its profile means nothing any more, and the line says so."""
    run(home, "enroll", beep_bundle, "--from", takes, "--verify", "--name", "anna", "--yes")
    path = home / "wakeful" / "voices" / "anna.beep.json"
    text = path.read_text()
    listen = ("listen", "-m", beep_bundle, "-i", takes / "0.wav", "--only")
    path.write_text(text.replace(json.loads(text)["sha256"], "0" * 64))
    assert "another beep" in told(run(home, *listen, "anna"))
    path.write_text(text[:-40])
    assert "is no profile" in told(run(home, *listen, "anna"))
    path.write_text(text.replace('"format":1', '"format":9'))
    assert "format 1" in told(run(home, *listen, "anna"))
    path.write_text(text)
    assert "hasn't enrolled" in told(run(home, *listen, "bert"))
    assert "letters" in told(run(home, *listen, "../anna"), 2)


def write_takes(folder, sounds):
    """Some recordings in a folder of their own."""
    folder.mkdir(exist_ok=True)
    for number, sound in enumerate(sounds):
        soundfile.write(folder / f"{number}.wav", sound, RATE)
    return folder


FAULTS = {
    "nobody speaks": silence(1.5),
    "too short": np.r_[silence(0.5), beep()[:800], silence(0.5)],
    "clipped": np.r_[silence(0.3), np.clip(beep(8.0), -1, 1), silence(0.3)],
    "too quiet": np.r_[silence(0.3), beep(0.003), silence(0.3)],
    "another word": np.r_[silence(0.3), beep(0.3)[::-1], silence(0.3)],
    "s long": np.r_[np.tile(np.r_[beep(), silence(0.2)], 25)],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_takes_of_no_use_are_left_out_and_said_why(home, beep_bundle, tmp_path, fault):
    """Each with its reason; two good ones are too few, three are enough."""
    good = np.r_[silence(0.5), beep(), silence(0.4)]
    few = write_takes(tmp_path / "few", [FAULTS[fault], good, good])
    line = told(run(home, "enroll", beep_bundle, "--from", few, "--json"))
    assert "2 of 3 takes" in line
    assert fault in line
    enough = write_takes(tmp_path / "enough", [FAULTS[fault], good, good, good])
    done = run(home, "enroll", beep_bundle, "--from", enough)
    assert done.returncode == 0, done.stderr
    assert fault in done.stdout


def test_takes_of_any_rate_are_taken(home, beep_bundle, tmp_path):
    """A telephone's, a studio's, one with two channels."""
    import soxr

    folder = tmp_path / "rates"
    folder.mkdir()
    for rate in (8_000, 44_100, 48_000):
        sound = soxr.resample(np.r_[silence(0.5), beep(), silence(0.4)], RATE, rate)
        soundfile.write(folder / f"{rate}.flac", np.stack([sound, sound], 1), rate)
    done = run(home, "enroll", beep_bundle, "--from", folder, "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["takes"]) == 3


def test_a_corrupt_or_missing_folder_is_one_line(home, beep_bundle, takes, tmp_path):
    """A file that is no sound, no files, no folder: the line names it."""
    assert "no folder" in told(run(home, "enroll", beep_bundle, "--from", tmp_path / "none"))
    (tmp_path / "empty").mkdir()
    assert "no recordings" in told(run(home, "enroll", beep_bundle, "--from", tmp_path / "empty"))
    (takes / "3.wav").write_bytes(b"RIFF\0\0\0\0WAVEjunk")
    assert "3.wav" in told(run(home, "enroll", beep_bundle, "--from", takes, "--json"))


def test_a_place_that_cannot_be_written_is_one_line(home, takes, beep_bundle, tmp_path):
    """The configuration's folder is a file: told with what to set by hand; the same for --keep."""
    model = weaker_bundle(beep_bundle, tmp_path / "model", 0.99999)
    home.write_text("in the way")
    line = told(run(home, "enroll", model, "--from", takes, "--yes", "--json"))
    assert "detector.thresholds.strict" in line
    line = told(run(home, "enroll", model, "--from", takes, "--keep", home / "kept", "--json"))
    assert "take-1.wav" in line


def test_kept_takes_are_the_good_ones_and_private(home, takes, beep_bundle, tmp_path):
    """Only on request; they can be enrolled from again with the same scores."""
    kept = tmp_path / "kept"
    done = run(home, "enroll", beep_bundle, "--from", takes, "--keep", kept, "--json")
    assert done.returncode == 0, done.stderr
    assert files_in(kept) == [f"take-{n}.wav" for n in range(1, 6)]
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in kept.iterdir())


def test_no_such_microphone_is_one_line(home, beep_bundle):
    """Whether there is another or none at all; and nothing is left behind."""
    line = told(run(home, "enroll", beep_bundle, "--device", "Theremin", "--yes"))
    assert "microphone" in line
    assert not (home / "wakeful").exists()


needs_server = pytest.mark.skipif(bool(missing()), reason=missing() or "it is all there")


@contextmanager
def quiet_room(server, folder):
    """Faint hiss into the microphone: without it a slow machine is taken for a muted microphone."""
    hiss = np.random.default_rng(1).normal(0, 3e-4, 120 * 16_000)
    soundfile.write(folder / "room.wav", hiss, 16_000)
    room = subprocess.Popen(["paplay", str(folder / "room.wav")], env=server.environment)
    try:
        yield
    finally:
        room.terminate()
        room.wait()


@pytest.mark.sound_server
@needs_server
class TestMicrophone:
    """Prompted takes through a real sound server."""

    def begin(self, server, home, *arguments):
        """`wakeful enroll` on the virtual microphone."""
        environment = server.environment | {"XDG_CONFIG_HOME": str(home)}
        return subprocess.Popen(
            [str(WAKEFUL), "enroll", *map(str, arguments)],
            env=environment | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # In a shell's background Ctrl-C is ignored, and children would inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )

    def test_three_takes_are_prompted_heard_and_written(self, tmp_path, home, beep_bundle):
        """Each prompt is answered by playing the word."""
        sounds = tmp_path / "sounds"
        loud = np.r_[silence(0.5), beep(), silence(0.5)]
        write_takes(sounds, [loud])
        (tmp_path / "pulse").mkdir()
        with sound_server(tmp_path / "pulse", 16_000, 1) as server, quiet_room(server, tmp_path):
            process = self.begin(
                server, home, beep_bundle, "--takes", 3, "--verify", "--name", "anna", "--yes"
            )
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line.startswith("say "):
                    server.play(sounds / "0.wav")
            errors = process.stderr.read()
            code = process.wait(timeout=20)
            process.stdout.close()
            process.stderr.close()
        assert code == 0, errors
        assert [line for line in lines if line.startswith("say")] == [
            f'say "beep" now ({n} of 3)\n' for n in (1, 2, 3)
        ]
        assert sum("heard, score" in line for line in lines) == 3
        assert files_in(home / "wakeful") == ["voices/anna.beep.json"]

    def test_a_muted_microphone_is_told_and_leaves_nothing(self, tmp_path, home, beep_bundle):
        """Nothing but zeros is no silence: after three seconds it says so."""
        (tmp_path / "pulse").mkdir()
        with sound_server(tmp_path / "pulse", 16_000, 1) as server:
            process = self.begin(server, home, beep_bundle, "--yes", "--verify")
            _, errors = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "zeros" in errors
        assert not (home / "wakeful").exists()

    def test_ctrl_c_leaves_nothing(self, tmp_path, home, beep_bundle):
        """While it waits for the word in a quiet room: exit code 130, no file."""
        (tmp_path / "pulse").mkdir()
        with sound_server(tmp_path / "pulse", 16_000, 1) as server, quiet_room(server, tmp_path):
            process = self.begin(server, home, beep_bundle, "--yes", "--verify")
            assert process.stdout.readline().startswith("say ")
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        assert process.returncode == 130
        assert not (home / "wakeful").exists()


def speak(folder, voice, stretches):
    """The shipped word by one of flite's voices, a file for each way of drawing it out."""
    folder.mkdir()
    for stretch in stretches:
        setting = f"duration_stretch={stretch}"
        path = folder / f"{stretch}.wav"
        command = ["flite", "-voice", voice, "--setf", setting, "-t", "activate", "-o", str(path)]
        subprocess.run(command, check=True)
        sound, rate = soundfile.read(path)
        soundfile.write(path, np.r_[np.zeros(rate), sound, np.zeros(rate)], rate)
    return folder


@pytest.mark.skipif(not shutil.which("flite"), reason="flite is not installed")
def test_a_real_voice_enrolls_with_the_shipped_model_and_another_is_a_stranger(home, tmp_path):
    """One voice's takes make a profile that knows further ones of it, and not another voice's."""
    mine = speak(tmp_path / "mine", "slt", (0.96, 0.98, 1.0, 1.02, 1.04))
    again = speak(tmp_path / "again", "slt", (0.99, 1.03))
    other = speak(tmp_path / "other", "kal16", (0.98, 1.02))
    done = run(home, "enroll", "--from", mine, "--verify", "--name", "anna", "--yes")
    assert done.returncode == 0, done.stderr

    def first_event(path):
        done = run(home, "listen", "-i", path, "--json", "--only", "anna")
        return [json.loads(line)["event"] for line in done.stdout.splitlines()][1]

    assert {first_event(path) for path in again.iterdir()} == {"wake"}
    assert {first_event(path) for path in other.iterdir()} == {"stranger"}


def test_profiles_lie_beside_the_configuration_that_counts(tmp_path, monkeypatch):
    """A service with a file of its own has profiles of its own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("WAKEFUL_CONFIG", raising=False)
    named = tmp_path / "elsewhere" / "a.toml"
    assert profile_folder(str(named)) == tmp_path / "elsewhere" / "voices"
