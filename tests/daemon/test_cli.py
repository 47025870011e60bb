"""The command line as people run it: exit codes, one line for a mistake, nothing heavy loaded."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import click
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


@pytest.mark.parametrize("flags", ["", "--json"])
def test_a_closed_standard_error_is_no_fault(scene, beep_bundle, flags):
    """Started with its standard error closed, as some supervisors do, it listens all the same."""
    shell = f"{WAKEFUL} listen -i {scene[0]} -m {beep_bundle} {flags} 2>&-"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) > 3


def test_a_closed_standard_output_is_no_fault(scene, beep_bundle):
    """Nor is a closed standard output: nobody is to hear of it, and nobody's file is written to."""
    before = scene[0].read_bytes()
    shell = f"{WAKEFUL} listen -i {scene[0]} -m {beep_bundle} --json >&-"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert scene[0].read_bytes() == before


def test_an_ascii_terminal_is_no_fault(scene, beep_bundle):
    """Where the locale knows only ASCII, other letters are shown as escapes."""
    path = scene[0].with_name("küche.wav")
    scene[0].rename(path)
    plain = os.environ | {"PYTHONIOENCODING": "ascii", "XDG_CONFIG_HOME": "/nowhere"}
    done = run("listen", "-i", path, "-m", beep_bundle, env=plain)
    assert done.returncode == 0
    assert "k\\xfcche.wav" in done.stdout


FORMATS = [("PCM_U8", 8_000, 1), ("PCM_24", 192_000, 2), ("FLOAT", 44_100, 1)]


@pytest.mark.parametrize(("subtype", "rate_hz", "channels"), FORMATS)
def test_every_format_of_a_file_fires(tmp_path, beep_bundle, subtype, rate_hz, channels):
    """8-bit at 8 kHz, 24-bit stereo at 192 kHz, float at 44.1 kHz: the word is heard in each."""
    t = np.arange(int(0.18 * rate_hz)) / rate_hz
    edge = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    word = np.concatenate([np.sin(2 * np.pi * f * t) * edge for f in (700, 1_100)]) * 0.3
    sound = np.r_[np.zeros(rate_hz), word, np.zeros(rate_hz)]
    path = tmp_path / "odd.wav"
    soundfile.write(path, np.repeat(sound[:, None], channels, axis=1), rate_hz, subtype)
    found = json_events(run("listen", "-i", path, "-m", beep_bundle, "--json"))
    (wake,) = (e for e in found if isinstance(e, events.Wake))
    assert 0 <= wake.sample - 16_000 * 1.36 < 4_800
    assert abs(found[-1].sample - 16_000 * 2.36) < 160


def test_a_truncated_file_is_played_and_told(scene, beep_bundle):
    """What is there of a file that was cut short is heard; one line says that it was."""
    path, _ = scene
    path.write_bytes(path.read_bytes()[:-70_000])
    done = run("listen", "-i", path, "-m", beep_bundle, "--json")
    assert [e for e in json_events(done) if isinstance(e, events.Wake)]
    assert done.stderr.count("\n") == 1
    assert "cut short" in done.stderr


def test_a_name_that_is_no_text(scene, beep_bundle):
    """A file's name may be bytes of another encoding, which JSON can't carry: they are escaped."""
    path = os.fsencode(scene[0].parent) + b"/caf\xe9\n.wav"
    scene[0].rename(os.fsdecode(path))
    command = [str(WAKEFUL), "listen", "-m", str(beep_bundle), "-i"]
    done = subprocess.run([*command, path, "--json"], capture_output=True, check=True)
    assert json.loads(done.stdout.splitlines()[0])["source"].endswith("caf\\xe9\\n.wav")
    missing = subprocess.run([*command, path + b"x"], capture_output=True, check=False)
    assert missing.stderr.decode("ascii").count("\n") == 1
    assert b"caf\\xe9 .wavx: No such file" in missing.stderr


def test_raw_sound_alone_has_its_rate_told(scene, beep_bundle):
    """`--rate` beside a file, which tells its own, is a mistake and not passed over."""
    line = told(run("listen", "-i", scene[0], "-m", beep_bundle, "--rate", "8000"), 2)
    assert "--rate" in line


def test_raw_sound_at_another_rate_fires(beep_bundle, scene):
    """Stereo at 48 kHz through a pipe, with its rate and channels told."""
    samples, _ = soundfile.read(scene[0], dtype="int16")
    # Held for three samples each, on two channels: harsh, yet the same tones.
    raw = np.repeat(np.repeat(samples, 3)[:, None], 2, axis=1).tobytes()
    command = [str(WAKEFUL), "listen", "-i", "-", "-m", str(beep_bundle), "--json"]
    command += ["--rate", "48000", "--channels", "2"]
    done = subprocess.run(command, input=raw, capture_output=True, check=True)
    kinds = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert kinds.count("wake") == 2


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


def test_a_missing_extra_is_named(beep_bundle, tmp_path, scene):
    """Without matplotlib the line says what to install, before any sound is worked on."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['matplotlib'] = None\n")
    without = os.environ | {"PYTHONPATH": str(tmp_path), "XDG_CONFIG_HOME": "/nowhere"}
    line = told(run("plot", scene[0], "-m", beep_bundle, env=without, cwd=tmp_path), 1)
    assert "pip install 'wakeful[plot]'" in line
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.parametrize("module", ["tensorflow", "tensorflow.lite.python", "keras.layers"])
def test_every_part_of_a_package_leads_to_its_extra(module):
    """Whichever module of it is wanted first."""
    assert "wakeful[train]" in cli.missing_extra(ModuleNotFoundError(name=module))


def test_a_missing_module_of_ours_is_no_missing_extra():
    """A fault of the program stays one: nobody is told to install something."""
    with pytest.raises(ModuleNotFoundError):
        cli.missing_extra(ModuleNotFoundError(name="wakeful.daemon.ringg"))


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


def every_command(command, path=()):
    """Each command and subcommand, by the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from every_command(command.get_command(context, name), (*path, name))


def test_every_command_has_help_with_an_example():
    """Each says in its help what it does; it, or the group that it is of, shows a line to copy."""
    groups = {path: command.help for path, command in every_command(cli.cli)}
    assert len(groups) > len(cli.COMMANDS)
    for path, text in groups.items():
        assert text, path
        nearby = text + (groups[path[:-1]] if len(path) > 1 else "")
        assert f"wakeful {' '.join(path)}".strip() in nearby, path


@pytest.mark.parametrize("arguments", [[], ["models"], ["config"]])
def test_a_bare_group_shows_its_help(arguments):
    """Without a command the help is shown as it is, line by line, with the code of a mistake."""
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == run(*arguments, "--help").stdout


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


def completed(*words):
    """What Tab offers for the last of some words, as bash is told."""
    asked = os.environ | {
        "_WAKEFUL_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["wakeful", *words]),
        "COMP_CWORD": str(len(words)),
    }
    return run(env=asked).stdout.splitlines()


def test_tab_offers_models_inputs_and_commands():
    """Shipped models by name, the word mic beside files, every command."""
    assert completed("listen", "--model", "act") == ["plain,activate", "plain,activate-float32"]
    assert completed("listen", "--model", "./some") == ["file,./some"]
    assert completed("listen", "--input", "m") == ["plain,mic", "file,m"]
    assert completed("") == [f"plain,{name}" for name in cli.COMMANDS]
    assert "plain,--version" in completed("--v")


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


LIGHT = [
    ["--help"],
    ["listen", "--help"],
    ["--version"],
    ["completion", "bash"],
    ["config", "path"],
]


@pytest.mark.parametrize("arguments", LIGHT)
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
