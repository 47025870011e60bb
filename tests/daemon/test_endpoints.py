"""Where sockets lie: the places that are refused, and the one that is chosen."""

import os
import socket
import stat
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon import endpoints
from wakeful.daemon.bound import KeysNeededError, check_reach
from wakeful.daemon.endpoints import (
    EndpointError,
    RuntimeFolderError,
    expected,
    parse,
    runtime_folder,
    to_bind,
    to_connect,
)
from wakeful.daemon.keys import KeyFolder
from wakeful.daemon.settings import BusSettings
from wakeful.models.errors import UsageError


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine with none of the usual folders, but its temporary one."""
    for name in ("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(endpoints, "SYSTEM_FOLDER", tmp_path / "run")
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        *("", "events", "ipc:/run/x", "inproc://x", "pgm://eth0;1:2", "ws://127.0.0.1:1", "tcp://"),
        *("ipc://", "ipc://@abstract", "ipc://relative", "ipc://*", "ipc:///a\nb", "ipc:///a\0"),
        *("tcp://127.0.0.1", "tcp://127.0.0.1:*", "tcp://127.0.0.1:0", "tcp://127.0.0.1:65536"),
        *("tcp://a;127.0.0.1:5", "tcp://1.2.3.4:5/x", "tcp://::1:5", "tcp://[]:5", "tcp://:5"),
        "tcp://1.2.3.4:٣",
    ],
)
def test_no_place(text):
    """Each is refused in one line that names its key."""
    with pytest.raises(EndpointError, match=r"bus\.events") as error:
        parse(text, "events")
    assert str(error.value).isprintable()


@given(st.text(max_size=30))
def test_no_text_does_anything_else(text):
    """Whatever stands in the configuration is an endpoint or a named error."""
    for prefix in ("", "ipc://", "ipc:///", "tcp://", "tcp://127.0.0.1:"):
        try:
            endpoint = parse(prefix + text, "control")
        except EndpointError:
            continue
        assert endpoint.text.startswith(("ipc:///", "tcp://"))


@given(st.integers(90, 120), st.sampled_from("aé中"))
def test_a_path_is_measured_in_bytes(length, letter):
    """107 bytes can be bound; the system itself says so. One more is told before it is tried."""
    path = "/tmp/" + letter * ((length - 5) // len(letter.encode()))
    with (
        socket.socket(socket.AF_UNIX) as peer,
        pytest.raises(OSError, match=r"too long|No such") as refusal,
    ):
        peer.connect(path)
    if isinstance(refusal.value, FileNotFoundError):
        assert parse(f"ipc://{path}", "events").path is not None
        return
    assert "too long" in str(refusal.value)
    with pytest.raises(EndpointError, match="a socket's path may have 107"):
        parse(f"ipc://{path}", "events")


@pytest.mark.parametrize(
    ("text", "is_beyond"),
    [
        ("tcp://127.0.0.1:5577", False),
        ("tcp://127.8.8.8:5577", False),
        ("tcp://localhost:5577", False),
        ("tcp://[::1]:5577", False),
        ("tcp://0.0.0.0:5577", True),
        ("tcp://*:5577", True),
        ("tcp://[::]:5577", True),
        ("tcp://192.168.1.5:5577", True),
        ("tcp://[::ffff:127.0.0.1]:5577", True),
        ("tcp://kitchen.local:5577", True),
        ("tcp://127.0.0.1.evil.org:5577", True),
    ],
)
def test_beyond_this_machine_only_with_keys(text, is_beyond, tmp_path):
    """What is not surely loopback needs keys; the line says how to make them."""
    endpoint = parse(text, "events")
    assert endpoint.is_beyond == is_beyond
    if is_beyond:
        with pytest.raises(KeysNeededError, match="wakeful keys new daemon"):
            check_reach(endpoint, None)
    else:
        check_reach(endpoint, None)
    if endpoint.is_numeric:
        check_reach(endpoint, KeyFolder(tmp_path))
    else:
        with pytest.raises(UsageError, match="give the address"):
            check_reach(endpoint, KeyFolder(tmp_path))


def test_the_units_folder_comes_first(machine, monkeypatch):
    """systemd may give several: the first counts."""
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/one:/run/two")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(machine))
    assert to_bind(BusSettings(), "events").text == "ipc:///run/one/events.sock"


def test_then_the_desktops(machine, monkeypatch):
    """A folder in it is made, for its owner alone."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(machine))
    before = os.umask(0)
    try:
        folder = runtime_folder()
    finally:
        os.umask(before)
    assert folder == machine / "wakeful"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert runtime_folder() == folder


def test_a_desktop_that_is_gone_or_anothers_is_passed_over(machine, monkeypatch):
    """After `su` the variable often names a folder of somebody else."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(machine / "gone"))
    assert runtime_folder().parent == machine / "tmp"
    other = machine / "other"
    other.mkdir()
    real = other.lstat()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(other))
    monkeypatch.setattr(os, "geteuid", lambda: real.st_uid + 1)
    with pytest.raises(RuntimeFolderError, match="must be yours alone"):
        runtime_folder()  # nor is the temporary one, as it seems to this user


def test_then_the_systems_if_it_is_ours(machine):
    """``/run/wakeful`` is taken where it is there."""
    (machine / "run").mkdir()
    assert runtime_folder() == machine / "run"


def test_at_last_one_among_the_temporary_files(machine):
    """With the user's number in its name, 0700."""
    folder = runtime_folder()
    assert folder == machine / "tmp" / f"wakeful-{os.geteuid()}"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_others_may_enter_is_refused(machine):
    """So is a link, behind which anything may lie."""
    folder = runtime_folder()
    folder.chmod(0o755)
    with pytest.raises(RuntimeFolderError, match="chmod 700"):
        runtime_folder()
    folder.rmdir()
    (machine / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(machine / "elsewhere")
    with pytest.raises(RuntimeFolderError):
        runtime_folder()
    folder.unlink()
    folder.write_text("a file")
    with pytest.raises(RuntimeFolderError):
        runtime_folder()


def test_a_client_finds_the_socket_wherever_it_is(machine, monkeypatch):
    """The first place that holds one; None where there is none."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(machine))
    assert to_connect(BusSettings(), "events") is None
    assert expected(BusSettings(), "events") == f"ipc://{machine}/wakeful/events.sock"
    (machine / "run").mkdir()
    with socket.socket(socket.AF_UNIX) as daemon:
        daemon.bind(str(machine / "run" / "events.sock"))
        found = to_connect(BusSettings(), "events")
    assert found is not None
    assert found.path == machine / "run" / "events.sock"


def test_ones_own_daemon_goes_before_anothers(machine, monkeypatch):
    """The system's, which only its user may ask, is found where there is no other."""
    (machine / "run").mkdir()
    monkeypatch.setattr(os, "access", lambda path, _mode: machine / "run" not in path.parents)
    with socket.socket(socket.AF_UNIX) as theirs, socket.socket(socket.AF_UNIX) as ours:
        theirs.bind(str(machine / "run" / "control.sock"))
        found = to_connect(BusSettings(), "control")
        assert found is not None
        assert found.path == machine / "run" / "control.sock"
        mine = machine / "tmp" / f"wakeful-{os.geteuid()}"
        mine.mkdir(mode=0o700)
        ours.bind(str(mine / "control.sock"))
        found = to_connect(BusSettings(), "control")
        assert found is not None
        assert found.path == mine / "control.sock"


def test_what_is_configured_counts_alone(machine):
    """For the daemon and its clients alike."""
    settings = BusSettings(events=f"ipc://{machine}/mine")
    assert to_bind(settings, "events") == to_connect(settings, "events")
    assert expected(settings, "events") == f"ipc://{machine}/mine"
