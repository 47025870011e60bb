"""What docs/events.md shows works as it stands there, in each of its languages."""

import json
import os
import re
import select
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from bus_loop import PATIENCE_S, in_folder, running

PAGE = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")


def shown(language, containing):
    """The one example in a language that has some text in it."""
    examples = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (found,) = [example for example in examples if containing in example]
    return found


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The folder that the examples name."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "wakeful").mkdir(mode=0o700)
    return in_folder(tmp_path / "wakeful")


@contextmanager
def beside(command, **options):
    """A program that runs beside the test, and not after it."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(place, command, **options):
    """What a subscriber prints of the first word that it hears."""
    with running(place) as daemon, beside(command, **options) as process:
        for _ in range(int(PATIENCE_S / 0.05)):
            daemon.do(lambda loop: loop.wake())
            if select.select([process.stdout, process.stderr], [], [], 0.05)[0]:
                break
        os.set_blocking(process.stderr.fileno(), False)
        assert not process.stderr.read()
        return process.stdout.readline().decode()


def test_python(place):
    """A dozen lines, and pyzmq."""
    source = shown("python", "SUB")
    assert len([line for line in source.splitlines() if line]) <= 12
    assert first_line(place, [sys.executable, "-c", source]) == "activate 0.97\n"


def test_c(place, tmp_path):
    """A compiler and libzmq."""
    compiler = shutil.which("cc")
    if not compiler or not Path("/usr/include/zmq.h").exists():
        pytest.skip("no C compiler, or no libzmq (apt install gcc libzmq3-dev)")
    (tmp_path / "subscriber.c").write_text(shown("c", "zmq.h"))
    command = [compiler, "-Wall", "-Wextra", "-Werror", "subscriber.c", "-lzmq", "-o", "subscriber"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=PATIENCE_S)
    event = json.loads(first_line(place, [str(tmp_path / "subscriber")]))
    assert (event["event"], event["keyword"]) == ("wake", "activate")


def test_node(place):
    """Node, and its package where NODE_PATH names it."""
    node = shutil.which("node")
    found = [node or "node", "-e", 'require("zeromq")']
    if not node or subprocess.run(found, capture_output=True, check=False).returncode:
        pytest.skip("no Node, or not its package (npm install zeromq; NODE_PATH=...)")
    assert first_line(place, [node, "-e", shown("js", "zeromq")]) == "activate 0.97\n"


def test_asking_in_a_shell(place):
    """The request's example, and that its reply is what the page shows."""
    command = shown("sh", "zmq.REQ").removeprefix("$ ").rpartition("\n{")[0]
    command = command.replace("python3", sys.executable, 1)
    with running(place), beside(["sh", "-c", command]) as process:
        out, err = process.communicate(timeout=PATIENCE_S)
    assert not err
    assert json.loads(out)["reply"] == "status"


def test_every_request_and_reply_is_in_the_tables():
    """None is left out, none is invented."""
    from wakeful.daemon.requests import AnyReply, AnyRequest

    told = set(re.findall(r"^\| `([a-z.]+)` \|", PAGE, re.MULTILINE))
    for kind in (*AnyRequest.__args__, *AnyReply.__args__):
        assert kind.__struct_config__.tag in told
        for field in kind.__struct_fields__:
            assert f"`{field}`" in PAGE


def test_every_event_is_in_the_table():
    """With each of its fields."""
    from wakeful.daemon.events import AnyEvent

    for kind in AnyEvent.__args__:
        assert f"| `{kind.__struct_config__.tag}` |" in PAGE
        for field in kind.__struct_fields__:
            assert f"`{field}`" in PAGE
