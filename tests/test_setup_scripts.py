"""The scripts that set a machine up, on machines of every kind: fake tools, the real scripts."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[1] / ".ci"
BORROWED = ("bash", "cat", "dirname", "env", "grep", "mktemp", "rm", "tail", "touch", "true")
FAKES = {
    "id": "echo $UID_OF_USER",
    "uname": "echo Linux",
    "ldconfig": "cat $HERE/libraries",
    "dpkg-query": "for last; do :; done; [ -e $HERE/installed/$last ] && printf installed",
    "apt-get": """
        echo apt-get "$@" >>$HERE/log
        case "$*" in
            *" update") exit 0 ;;
            *pulseaudio*) echo "E: would remove pipewire"; exit 100 ;;
        esac
        for word; do case $word in lib*) touch $HERE/installed/$word ;; esac; done""",
    "sudo": """
        echo sudo "$@" >>$HERE/log
        [ "$1" = -n ] && shift
        [ -e $HERE/sudo-allowed ] && exec "$@"
        echo "sudo: a password is required" >&2; exit 1""",
}


class Machine:
    """A PATH with nothing on it but what is put there, and what was done with it."""

    def __init__(self, here: Path) -> None:
        self.here = here
        (here / "bin").mkdir()
        (here / "installed").mkdir()
        (here / "libraries").touch()
        for tool in BORROWED:
            (here / "bin" / tool).symlink_to(shutil.which(tool) or tool)
        for tool, program in FAKES.items():
            self.add(tool, program)

    def add(self, tool: str, program: str) -> None:
        """Put a program of this name on the PATH."""
        path = self.here / "bin" / tool
        path.write_text(f"#!/bin/sh\n{program}\n", encoding="utf-8")
        path.chmod(0o755)

    def remove(self, *tools: str) -> None:
        """Make it a machine that lacks these programs."""
        for tool in tools:
            (self.here / "bin" / tool).unlink()

    def run(
        self, script: str, *arguments: str, uid: int = 0, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the scripts here, as this user, with nobody to answer questions."""
        places = {"PATH": str(self.here / "bin"), "HERE": str(self.here), "UID_OF_USER": str(uid)}
        return subprocess.run(
            ["bash", str(SCRIPTS / script), *arguments],
            env={"TMPDIR": str(self.here), **places, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def log(self) -> list[str]:
        """What was asked of apt-get and sudo, in order."""
        path = self.here / "log"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A Debian machine with nothing installed and an apt-get that brings every library."""
    return Machine(tmp_path)


def test_what_is_installed_is_left_alone(machine: Machine) -> None:
    """A second `make run` asks neither apt-get nor sudo for anything."""
    (machine.here / "installed" / "libportaudio2").touch()
    done = machine.run("system-packages", "libportaudio2", uid=1000)
    assert (done.returncode, done.stderr, machine.log) == (0, "", [])


def test_root_installs_what_is_missing_and_removes_nothing(machine: Machine) -> None:
    """Only the missing package is asked for, without recommendations, removals or upgrades."""
    (machine.here / "installed" / "libportaudio2").touch()
    done = machine.run("system-packages", "libportaudio2", "libasound2-plugins")
    assert (done.returncode, done.stderr) == (0, "")
    install = machine.log[-1]
    assert install.endswith("libasound2-plugins")
    assert {"--no-remove", "--no-install-recommends", "--no-upgrade"} <= set(install.split())
    assert "libportaudio2" not in install


def test_a_user_with_sudo_installs_through_it(machine: Machine) -> None:
    """With nobody at the terminal, sudo is told not to ask."""
    (machine.here / "sudo-allowed").touch()
    done = machine.run("system-packages", "libportaudio2", uid=1000)
    assert done.returncode == 0
    assert (machine.here / "installed" / "libportaudio2").exists()
    assert all(line.startswith("sudo -n ") for line in machine.log if line.startswith("sudo"))


@pytest.mark.parametrize("has_sudo", [True, False])
def test_a_user_without_rights_is_told_what_to_type(machine: Machine, has_sudo: bool) -> None:
    """One line names the packages and the command; apt-get is not run in vain."""
    if not has_sudo:
        machine.remove("sudo")
    done = machine.run("system-packages", "libportaudio2", "libasound2-plugins", uid=1000)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "wakeful: still missing: libportaudio2 libasound2-plugins; "
        "install with: sudo apt-get install libportaudio2 libasound2-plugins"
    ]
    assert not any(line.startswith("apt-get") for line in machine.log)


def test_an_optional_package_that_cannot_be_had_stops_nothing(machine: Machine) -> None:
    """PulseAudio that would push out PipeWire stays out: apt's reason is told, and we go on."""
    done = machine.run("system-packages", "--optional", "pulseaudio")
    assert done.returncode == 0
    assert "E: would remove pipewire" in done.stderr
    assert "still missing: pulseaudio" in done.stderr


def test_other_systems_are_told_what_to_install(machine: Machine) -> None:
    """Without apt-get there is one line that names PortAudio, and other package managers."""
    machine.remove("apt-get", "dpkg-query")
    done = machine.run("system-packages", "libportaudio2")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "PortAudio" in done.stderr
    assert "dnf" in done.stderr


@pytest.mark.parametrize(("system", "library"), [("Linux", "libportaudio.so.2"), ("Darwin", "")])
def test_other_systems_that_have_portaudio_hear_nothing(
    machine: Machine, system: str, library: str
) -> None:
    """A PortAudio of any origin will do, and on macOS it comes with the Python package."""
    machine.remove("apt-get", "dpkg-query")
    machine.add("uname", f"echo {system}")
    (machine.here / "libraries").write_text(f"\t{library} => /usr/lib\n", encoding="utf-8")
    done = machine.run("system-packages", "libportaudio2")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("version", ["Python 3.10.12", None])
def test_an_old_or_missing_python_is_named(machine: Machine, version: str | None) -> None:
    """No environment is begun with a Python that the sources don't run on."""
    if version:
        machine.add("python3", f'[ "$1" = -V ] && echo "{version}" || exit 1')
    done = machine.run("environment", str(machine.here / "venv"))
    assert done.returncode == 1
    assert done.stderr.startswith("wakeful: needs Python 3.11 or newer, and python3 is ")
    assert (version or "not there") in done.stderr
    assert not (machine.here / "venv").exists()


def test_a_python_without_ensurepip_is_helped_or_named(machine: Machine) -> None:
    """Debian's python3 alone can't make environments: the line says which package can."""
    machine.add(
        "python3",
        """case "$*" in
            -VV) echo "Python 3.12.3" ;;
            *ensurepip*) exit 1 ;;
            *-venv*) echo python3.12-venv ;;
        esac""",
    )
    done = machine.run("environment", str(machine.here / "venv"), uid=1000)
    assert done.returncode == 1
    assert "sudo apt-get install python3.12-venv" in done.stderr
    assert "ensurepip is missing" in done.stderr


@pytest.mark.parametrize("code", [0, 3])
def test_a_stage_tells_its_name_and_ends_as_its_command_did(machine: Machine, code: int) -> None:
    """A failed step is a failure of the whole, and both are said with the seconds taken."""
    done = machine.run("stage", "the name", "bash", "-c", f"echo output; exit {code}")
    assert done.returncode == code
    assert done.stdout.startswith("-- the name\noutput\n")
    assert ("done in" in done.stdout) is (code == 0)
    assert ("FAILED after" in done.stderr) is (code != 0)


@pytest.mark.parametrize("script", sorted(path.name for path in SCRIPTS.iterdir()))
def test_a_script_parses_and_may_be_run(script: str) -> None:
    """Each has its execute bit, for the shell that its first line names."""
    assert os.access(SCRIPTS / script, os.X_OK)
    subprocess.run(["bash", "-n", str(SCRIPTS / script)], check=True)
