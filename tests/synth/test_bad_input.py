"""``wakeful synth clips`` given what it can't use: one line that says what to do, nothing made."""

import json
import shutil

import pytest
from click.testing import CliRunner
from wakeful.daemon import cli
from wakeful.synth.clips import MANIFEST
from wakeful.synth.synth_command import synth

needs_espeak = pytest.mark.skipif(not shutil.which("espeak-ng"), reason="apt install espeak-ng")
FEW = ["--engine", "espeak-ng", "--positive", "1", "--hard", "1", "--sentence", "1"]
FEW += ["--processes", "1"]


@pytest.fixture
def told_by(capfd, monkeypatch):
    """The exit code and the last line of standard error of the whole command line."""

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["wakeful", "synth", *map(str, arguments)])
        return _told(capfd)

    return run


def _told(capfd):
    code: object = None
    try:
        cli.main()
    except SystemExit as left:
        code = left.code
    error = capfd.readouterr().err
    assert "Traceback" not in error
    return code, error.rstrip("\n").split("\n")[-1]


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("", "holds no letter"),
        (" \t\n", "holds no letter"),
        ("1234", "write it in letters"),
        ("!?", "holds no letter"),
        ("🙂", "holds no letter"),
        ("a\x00b", "can't be said"),
        ("<speak>go</speak>", "can't be said"),
        ("$(touch never)", "can't be said"),
        ("go; touch never", "can't be said"),
        ("`touch never`", "can't be said"),
        ("go | tee never", "can't be said"),
        ("on " * 3_000, "too long"),
    ],
)
def test_a_word_that_is_none_is_one_line(tmp_path, monkeypatch, told_by, word, line):
    """Empty, digits, signs, markup, a shell's commands, a page: told, and nothing is touched."""
    monkeypatch.chdir(tmp_path)
    code, told = told_by("clips", word, "--out", "out", *FEW)
    assert code == 1
    assert told.startswith("wakeful: word ")
    assert line in told
    assert told.isprintable()
    assert len(told) < 160
    assert not list(tmp_path.iterdir())


@needs_espeak
@pytest.mark.parametrize("word", ["привет", "こんにちは"])
def test_another_script_is_told_how_to_be_said(tmp_path, told_by, word):
    """No English voice reads it: every take is dropped, counted, and the end is an error."""
    few = ["--engine", "espeak-ng", "--positive", "1", "--hard", "0", "--sentence", "0"]
    few += ["--processes", "1"]
    code, told = told_by("clips", word, "--out", tmp_path, *few)
    assert code == 1
    assert told == f"wakeful: {tmp_path}: no clip came of any take for positive; other engines may"


@needs_espeak
def test_texts_of_a_file_are_said_not_obeyed(tmp_path, monkeypatch):
    """Sentences and near words come from anywhere; whatever they hold is only said."""
    monkeypatch.chdir(tmp_path)
    nasty = '$(touch never); `touch never` | cat > never & <b>42</b> --version -w never "\\\n'
    (tmp_path / "nasty.txt").write_text(nasty * 3, encoding="utf-8")
    few = ["--engine", "espeak-ng", "--positive", "0", "--hard", "3", "--sentence", "3"]
    files = ["--sentences", "nasty.txt", "--near", "nasty.txt", "--processes", "1"]
    told = CliRunner().invoke(synth, ["clips", "activate", "--out", "out", *few, *files])
    assert told.exit_code == 0, told.output
    assert sorted(p.name for p in tmp_path.iterdir()) == ["nasty.txt", "out"]
    lines = (tmp_path / "out" / "sentence" / MANIFEST).read_text().splitlines()
    assert any(json.loads(line)["text"] == nasty.strip() for line in lines)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_text_file_that_is_none_is_named(tmp_path, told_by, content):
    """Missing, or no UTF-8."""
    file = tmp_path / "said.txt"
    if content:
        file.write_bytes(content)
    out = tmp_path / "out"
    code, told = told_by("clips", "activate", "--out", out, "--sentences", file, *FEW)
    assert code == 2
    assert str(file) in told
    assert not out.exists()


@needs_espeak
def test_a_place_that_cannot_be_written_is_named(tmp_path, told_by):
    """A file where the folder should be."""
    (tmp_path / "out").write_text("mine")
    code, told = told_by("clips", "activate", "--out", tmp_path / "out", *FEW)
    assert code == 1
    assert str(tmp_path / "out") in told
    assert (tmp_path / "out").read_text() == "mine"


def test_no_engine_is_what_to_install(tmp_path, monkeypatch, told_by):
    """On a machine without the program that was asked for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    code, told = told_by("clips", "activate", "--out", tmp_path / "out", *FEW)
    assert code == 1
    assert told == "wakeful: espeak-ng is not installed: wakeful voices install espeak-ng"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["judge", "speakers"])
def test_a_folder_of_nothing_is_one_line(tmp_path, told_by, command):
    """Missing, empty, or holding what is no sound; an extra that isn't there is one line too."""
    more = ["--word", "go"] if command == "judge" else []
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.wav").write_bytes(b"RIFF no sound")
    for folder in (tmp_path / "nowhere", tmp_path / "bad"):
        code, told = told_by(command, folder, *more)
        assert code == 1
        assert str(folder) in told or "pip install" in told
