"""Whole or not at all: what a failed or killed writer leaves behind."""

import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.models.whole_file import whole, write_whole


@given(st.binary(max_size=2_000), st.binary(max_size=2_000))
def test_the_last_write_is_what_is_there(tmp_path_factory, first, second):
    """Whatever was there is replaced, and nothing else lies in the folder."""
    path = tmp_path_factory.mktemp("whole") / "file"
    write_whole(path, first)
    write_whole(path, second)
    assert path.read_bytes() == second
    assert list(path.parent.iterdir()) == [path]


def fail_half_way(path):
    """As a full disk would, only sooner."""
    with whole(path) as beside:
        beside.write_bytes(b"half")
        raise ZeroDivisionError


def test_a_failed_writer_changes_nothing(tmp_path):
    """What was there stays, and half a file is nowhere."""
    path = tmp_path / "file"
    write_whole(path, b"before")
    with pytest.raises(ZeroDivisionError):
        fail_half_way(path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_killed_writer_changes_nothing(tmp_path):
    """SIGKILL between writing and renaming leaves the former file as it was."""
    path = tmp_path / "file"
    write_whole(path, b"before")
    code = (
        "import os, pathlib, signal, sys\n"
        "from wakeful.models.whole_file import whole\n"
        "with whole(pathlib.Path(sys.argv[1])) as beside:\n"
        "    beside.write_bytes(b'half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], check=False, timeout=60)
    assert done.returncode == -9
    assert path.read_bytes() == b"before"


def test_an_error_names_the_place(tmp_path):
    """The user never hears of the file beside it."""
    path = tmp_path / "missing" / "file"
    with pytest.raises(OSError, match=r"missing/file'$") as caught:
        write_whole(path, b"x")
    assert caught.value.filename == str(path)


def test_a_library_may_ask_for_a_suffix(tmp_path):
    """The file beside has it, the file itself need not."""
    with whole(tmp_path / "file", ".weights.h5") as beside:
        assert beside.name.endswith(".weights.h5")
        beside.write_bytes(b"x")
    assert (tmp_path / "file").read_bytes() == b"x"


def test_a_reader_never_sees_half_a_file(tmp_path):
    """However often it looks while another thread replaces it."""
    path, sizes = tmp_path / "file", set()
    write_whole(path, b"a" * 100_000)

    def write_on():
        for n in range(200):
            write_whole(path, bytes([n]) * 100_000)

    writing = threading.Thread(target=write_on)
    writing.start()
    while writing.is_alive():
        content = path.read_bytes()
        sizes.add((len(content), len(set(content))))
    writing.join()
    assert sizes == {(100_000, 1)}
