"""``wakeful train`` on the command line: what is wrong is said in one line and at once."""

import subprocess
import sys
from pathlib import Path

import pytest
from wakeful.training.corpus import CorpusError


def wakeful(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    program = "from wakeful.daemon.cli import main; main()"
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_help_loads_nothing_heavy() -> None:
    """Not even numpy's friends: the options alone."""
    program = (
        "import sys; import wakeful.training.train_command\n"
        "print(*sorted({'tensorflow', 'keras', 'soundfile', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_missing_clips_are_one_line_and_exit_code_one(tmp_path: Path) -> None:
    """Which folder, and what to do about it."""
    done = wakeful("train", "activate", "--clips", tmp_path / "nowhere", "--out", tmp_path / "out")
    assert done.returncode == CorpusError.exit_code
    assert len(done.stderr.strip().splitlines()) == 1
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_word_without_letters_is_refused_first(tmp_path: Path) -> None:
    """Exit code 2: nothing was started, no folder was made."""
    done = wakeful("train", "...", "--clips", tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "no letter" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("minutes", ["0", "601", "soon"])
def test_minutes_are_checked(tmp_path: Path, minutes: str) -> None:
    """Before any sound is read."""
    done = wakeful("train", "a", "--clips", tmp_path, "--out", tmp_path, "--minutes", minutes)
    assert done.returncode == 2
    assert "--minutes" in done.stderr


def test_a_missing_folder_is_told_before_an_hour_of_work(tmp_path: Path) -> None:
    """Which, and nothing was begun."""
    nowhere, out = tmp_path / "nowhere", tmp_path / "out"
    done = wakeful("train", "hey robot", "--negatives", nowhere, "--out", out)
    assert done.returncode == 1
    assert "nowhere: no such folder" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "no word"),
        (["--backbone"], "--negatives"),
        (["robot", "--backbone"], "robot"),
        (["robot", "--until", "dinner"], "dinner"),
    ],
)
def test_what_does_not_go_together_is_told(given: list[str], told: str) -> None:
    """One line, exit code 2."""
    done = wakeful("train", *given)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
