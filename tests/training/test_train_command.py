"""``wakeful train`` on the command line: what is wrong is said in one line and at once."""

import subprocess
import sys
from pathlib import Path

import pytest
import soundfile
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


def test_speech_must_be_held_out(tmp_path: Path, voice: object) -> None:
    """A threshold that was set by the sound that was fitted on would mean nothing."""
    for name in ("clips/positive", "speech"):
        (tmp_path / name).mkdir(parents=True)
        for number in range(20):
            soundfile.write(tmp_path / name / f"{number}.flac", voice, 16_000)
    clips, speech = tmp_path / "clips", tmp_path / "speech"
    done = wakeful("train", "a", "--clips", clips, "--negatives", speech, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "--held-out" in done.stderr
