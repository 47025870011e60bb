"""The command line as people run it: exit codes, one line for a mistake, nothing heavy loaded."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from wakeful.daemon import cli, events
from wakeful.daemon.settings import Settings

WAKEFUL = Path(sys.executable).with_name("wakeful")


def run(*arguments, **options):
    """The command with its output as text."""
    options.setdefault("env", os.environ | {"XDG_CONFIG_HOME": "/nowhere"})
    command = [str(WAKEFUL), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def told(done, code):
    """That a run ended with one line for the user and nothing else."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("wakeful: ")
    return done.stderr


@pytest.fixture
def scene(tmp_path):
    """A recording of silence and two beeps, and where they end."""
    t = np.arange(int(0.18 * 16_000)) / 16_000
    edge = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    beep = np.concatenate([np.sin(2 * np.pi * f * t) * edge for f in (700, 1_100)]) * 0.3
    quiet = np.zeros(32_000)
    path = tmp_path / "scene.wav"
    soundfile.write(path, np.concatenate([quiet, beep, quiet, quiet, beep, quiet]), 16_000)
    return path, [32_000 + len(beep), 96_000 + 2 * len(beep)]


def json_events(done):
    """Each line, decoded by our own schema, so that none is malformed."""
    assert done.returncode == 0, done.stderr
    return [events.decode(line.encode()) for line in done.stdout.splitlines()]


def test_a_recording_fires(scene, beep_bundle):
    """`listen --json` on a file: ready, one wake for each word, speech ends, bye; nothing else."""
    path, ends = scene
    done = run("listen", "--input", path, "--model", beep_bundle, "--json")
    found = json_events(done)
    wakes = [e for e in found if isinstance(e, events.Wake)]
    assert [w.keyword for w in wakes] == ["beep", "beep"]
    assert all(0 <= w.sample - end < 4_800 for w, end in zip(wakes, ends, strict=True))
    assert isinstance(found[0], events.Ready)
    assert isinstance(found[-1], events.Bye)
    assert done.stderr == ""


def test_a_pipe_gives_what_the_file_gives(scene, beep_bundle):
    """Raw sound on standard input brings the same events as the file, but for their source."""
    path, _ = scene
    samples, _ = soundfile.read(path, dtype="int16")
    command = [str(WAKEFUL), "listen", "--input", "-", "--model", str(beep_bundle), "--json"]
    piped = subprocess.run(command, input=samples.tobytes(), capture_output=True, check=True)
    lines = [json.loads(line) for line in piped.stdout.splitlines()]
    other = run("listen", "-i", path, "-m", beep_bundle, "--json").stdout.splitlines()
    kept = ("event", "seq", "sample", "keyword", "score", "ending", "duration_s")
    assert [[e.get(k) for k in kept] for e in lines] == [
        [json.loads(line).get(k) for k in kept] for line in other
    ]


def test_readable_lines(scene, beep_bundle):
    """Without `--json` a person gets a line an event, no colours and no meter in a pipe."""
    done = run("listen", "-i", scene[0], "-m", beep_bundle)
    assert "wake           beep" in done.stdout
    assert "\033" not in done.stdout + done.stderr


def test_the_threshold_flag_counts(scene, beep_bundle):
    """A threshold above what the word reaches keeps it from firing."""
    done = run("listen", "-i", scene[0], "-m", beep_bundle, "--json", "--threshold", "0.99999999")
    assert not [e for e in json_events(done) if isinstance(e, events.Wake)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well(beep_bundle, number):
    """Waiting on a silent pipe, a signal brings `bye` and exit code 0 at once."""
    command = [str(WAKEFUL), "listen", "--input", "-", "--model", str(beep_bundle), "--json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert json.loads(process.stdout.readline())["event"] == "ready"
        process.send_signal(number)
        last = json.loads(process.stdout.read().splitlines()[-1])
        assert process.wait(timeout=10) == 0
    assert (last["event"], last["reason"]) == ("bye", number.name)


def test_a_closed_output_is_no_traceback(scene, beep_bundle):
    """`wakeful listen --json | head -1`: the pipe breaks, and nobody is bothered."""
    shell = f"{WAKEFUL} listen -i {scene[0]} -m {beep_bundle} --json | head -1"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert json.loads(done.stdout)["event"] == "ready"


def test_a_closed_standard_error_is_no_fault(scene, beep_bundle):
    """Started with its standard error closed, as some supervisors do, it listens all the same."""
    shell = f"{WAKEFUL} listen -i {scene[0]} -m {beep_bundle} --json 2>&-"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) > 3


FILES = ["empty.wav", "text.wav", "none.wav", "."]


@pytest.mark.parametrize("name", FILES)
def test_bad_files_are_one_line(tmp_path, beep_bundle, name):
    """Empty, no sound, missing, a folder: one line that names it, exit code 1."""
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("no sound\n" * 50)
    line = told(run("listen", "-i", tmp_path / name, "-m", beep_bundle), 1)
    assert str(tmp_path / name) in line


@pytest.mark.skipif(Path("/proc/asound/cards").exists(), reason="this machine has a sound card")
def test_no_microphone_is_one_line(beep_bundle):
    """Where PortAudio finds no device that is said, with what to do, and the code is 1."""
    nowhere = os.environ | {"PULSE_SERVER": "unix:/nowhere", "XDG_CONFIG_HOME": "/nowhere"}
    done = run("listen", "-m", beep_bundle, env=nowhere)
    assert "microphone" in told(done, 1)


def test_no_portaudio_names_the_package(beep_bundle, tmp_path):
    """Without the library the line names what to install."""
    # A real interpreter in which the library can't be found, as on a machine that lacks it.
    (tmp_path / "sitecustomize.py").write_text(
        "import ctypes.util\nctypes.util.find_library = lambda name: None\n"
    )
    without = os.environ | {"PYTHONPATH": str(tmp_path), "XDG_CONFIG_HOME": "/nowhere"}
    done = run("listen", "-m", beep_bundle, env=without)
    assert "libportaudio2" in told(done, 1)
    assert "libportaudio2" in told(run("devices", env=without), 1)


def spoiled(beep_bundle, folder, kind):
    """A copy of the test bundle with one fault."""
    for ending in (".json", ".tflite"):
        shutil.copy(beep_bundle.with_suffix(ending), folder)
    path = folder / "beep.json"
    manifest = json.loads(path.read_text())
    if kind == "hash":
        manifest["sha256"] = "0" * 64
    elif kind == "front end":
        manifest["frontend"]["normalisation"] = "newest"
    else:
        manifest["format"] = 99
    path.write_text(json.dumps(manifest))
    return path


@pytest.mark.parametrize(
    ("kind", "word"), [("hash", "sha256"), ("front end", "newest"), ("version", "format 99")]
)
def test_a_spoiled_bundle_is_one_line(beep_bundle, tmp_path, scene, kind, word):
    """A wrong hash, front end or version: one line that says which, for `listen` and `check`."""
    path = spoiled(beep_bundle, tmp_path, kind)
    assert word in told(run("listen", "-i", scene[0], "-m", path), 1)
    assert word in told(run("models", "check", path), 1)


def test_check_goes_on_after_a_bad_one(beep_bundle, tmp_path):
    """`models check` with several paths tells of each, and its code is 1 if one is bad."""
    bad = spoiled(beep_bundle, tmp_path, "hash")
    done = run("models", "check", bad, beep_bundle)
    assert done.returncode == 1
    assert done.stdout == f"{beep_bundle}: whole\n"
    assert done.stderr.count("\n") == 1


def test_models_and_settings_are_shown_as_json(beep_bundle):
    """`--json` gives one JSON value with the fixed keys."""
    manifest = json.loads(run("models", "show", beep_bundle, "--json").stdout)
    assert manifest["labels"] == ["beep"]
    assert isinstance(json.loads(run("models", "list", "--json").stdout), list)
    assert set(json.loads(run("config", "show", "--json").stdout)) == set(
        Settings.__struct_fields__
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lisen"], ["'lisen'", "listen"]),
        (["listen", "--no-such"], ["--no-such"]),
        (["listen", "--threshold", "7"], ["--threshold"]),
        (["config", "check", "/no/such.toml"], ["/no/such.toml"]),
    ],
)
def test_usage_mistakes_are_code_2(arguments, words):
    """A wrong command, flag, value or configuration: one line and exit code 2."""
    line = told(run(*arguments), 2)
    assert all(word in line for word in words)


def test_a_mistyped_key_is_told_with_its_place(tmp_path, scene, beep_bundle):
    """`listen` with a configuration that has a typo says where, and what it may have meant."""
    path = tmp_path / "wakeful.toml"
    path.write_text("[gate]\nstrictnes = 2\n")
    done = run("listen", "-i", scene[0], "-m", beep_bundle, "--config", path)
    assert "gate.strictnes: unknown key; did you mean strictness?" in told(done, 2)


@pytest.mark.parametrize("command", ["listen", "devices", "models", "config", "completion"])
def test_every_command_has_help_with_an_example(command):
    """`--help` of each command says what it does and shows a line to copy."""
    done = run(command, "--help")
    assert done.returncode == 0
    text = done.stdout.split("Options:")[0].partition("\n")[2]
    assert "wakeful " in text


def test_help_lists_every_command():
    """`wakeful --help` names each command in the table."""
    done = run("--help")
    assert all(f"  {name} " in done.stdout for name in cli.COMMANDS)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_tab_completion(shell):
    """The script for each shell is printed, and completing a command's beginning works."""
    assert "_WAKEFUL_COMPLETE" in run("completion", shell).stdout
    asked = os.environ | {
        "_WAKEFUL_COMPLETE": "bash_complete",
        "COMP_WORDS": "wakeful lis",
        "COMP_CWORD": "1",
    }
    assert "plain,listen" in run(env=asked).stdout


HEAVY = ("numpy", "tensorflow", "keras", "scipy", "matplotlib", "sounddevice", "zmq")


def loaded(arguments, module="wakeful.daemon.cli"):
    """The names of all modules that a command leaves loaded."""
    code = (
        f"import sys; sys.argv = ['wakeful', *{list(map(str, arguments))!r}]\n"
        f"from {module} import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["listen", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments):
    """Help needs click and nothing more."""
    assert not loaded(arguments) & set(HEAVY)


def test_listening_to_a_file_loads_no_trainer_and_no_portaudio(scene, beep_bundle):
    """On a file neither TensorFlow nor SciPy nor matplotlib nor PortAudio is loaded, nor soxr."""
    modules = loaded(["listen", "-i", scene[0], "-m", beep_bundle, "--json"])
    heavy = {"tensorflow", "keras", "scipy", "matplotlib", "sounddevice", "soxr"}
    assert not modules & heavy
    assert "ai_edge_litert" in modules or "tflite_runtime" in modules


def test_a_file_that_breaks_off_is_told_after_bye(tmp_path, beep_bundle):
    """What could be heard is worked on and ended in order; then one line says what is wrong."""
    path = tmp_path / "corrupt.flac"
    soundfile.write(path, np.random.default_rng(0).normal(size=96_000) * 0.1, 16_000)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = bytes(20_000)
    path.write_bytes(content)
    done = run("listen", "-i", path, "-m", beep_bundle, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[-1])["event"] == "bye"
    assert done.stderr.count("\n") == 1
    assert str(path) in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_one_line(scene, beep_bundle):
    """Output that can't be written is told in one line, without a traceback."""
    command = [str(WAKEFUL), "listen", "-i", str(scene[0]), "-m", str(beep_bundle), "--json"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("wakeful: can't write")
    assert done.stderr.count("\n") == 1
