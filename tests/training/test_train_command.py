"""``wakeful train`` on the command line: what is wrong is said in one line and at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from wakeful.training import train_command
from wakeful.training.corpus import CorpusError


def wakeful(
    *arguments: str | Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, which finds no speech of this user's."""
    program = "from wakeful.daemon.cli import main; main()"
    command = [sys.executable, "-c", program, *map(str, arguments)]
    places = os.environ | {"XDG_DATA_HOME": "/nonexistent"} | (environment or {})
    return subprocess.run(command, capture_output=True, text=True, check=False, env=places)


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


def installed(data_home: Path, *names: str) -> Path:
    """A folder as `wakeful speech install` leaves it."""
    speech = data_home / "wakeful" / "speech"
    for name in names:
        (speech / name).mkdir(parents=True)
        (speech / name / "manifest.jsonl").write_text('{"seconds": 1.0}\n')
    (speech / "data.json").write_text('[{"name": "prompts", "licence": "CC0", "hours": 0.1}]')
    return speech


def test_installed_speech_is_used_where_none_is_named(tmp_path: Path) -> None:
    """It is told; other speech that is named is used instead of it."""
    speech = installed(tmp_path, "asterisk-en", "drascula")
    arguments = ("train", "a b", "--clips", tmp_path / "nowhere", "--out", tmp_path / "out")
    told = f"what is installed in {speech}"
    places = {"XDG_DATA_HOME": str(tmp_path)}
    assert told in wakeful(*arguments, environment=places).stderr
    named = wakeful(*arguments, "--negatives", speech, environment=places)
    assert told not in named.stderr
    (speech / "data.json").write_text("no list")
    broken = wakeful(*arguments, environment=places)
    assert broken.returncode == 2
    assert "data.json" in broken.stderr


@pytest.mark.parametrize(
    ("there", "held_out", "negatives", "kept"),
    [
        (["asterisk-en", "drascula"], [], ["asterisk-en"], ["drascula"]),
        (["drascula"], [], ["drascula"], []),
        (["asterisk-en", "asterisk-fr"], [], ["asterisk-en", "asterisk-fr"], []),
        (["asterisk-en", "drascula"], ["mine"], ["asterisk-en", "drascula"], ["mine"]),
    ],
)
def test_one_installed_package_sets_the_threshold(
    tmp_path: Path, monkeypatch, there, held_out, negatives, kept
) -> None:
    """Where there are several, and nobody said by what else."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    speech = installed(tmp_path, *there)
    given = {"negatives": (), "held_out": tuple(map(Path, held_out)), "data": ()}
    found = train_command._with_installed_speech(given, lambda line: None)
    assert sorted(path.relative_to(speech).name for path in found["negatives"]) == negatives
    assert [path.name for path in found["held_out"]] == kept
    assert [data.name for data in found["data"]] == ["prompts"]


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
        (["robot", "--begin", "b.npz"], "--backbone"),
        (["robot", "--teacher", "whisper"], "--backbone"),
        (["robot", "--of", "commands-default"], "--of is the backbone's"),
        (["--backbone", "--of", "digits-default"], "digits-default"),
        (
            [
                "--backbone",
                "--negatives",
                ".",
                "--of",
                "commands-default",
                "--teacher",
                "embedding",
            ],
            "commands-default has whisper",
        ),
        (["robot", "--until", "dinner"], "dinner"),
    ],
)
def test_what_does_not_go_together_is_told(given: list[str], told: str) -> None:
    """One line, exit code 2."""
    done = wakeful("train", *given)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
