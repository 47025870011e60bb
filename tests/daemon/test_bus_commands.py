"""``wakeful events``, ``on``, ``ctl`` and ``keys`` beside a real bus."""

import json
import os
import select
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from bus_loop import PATIENCE_S, Running, in_folder, running
from wakeful.daemon import events, schema
from wakeful.daemon.cli import main
from wakeful.daemon.kinds import is_wanted, kinds
from wakeful.daemon.row import Seen, seen
from wakeful.daemon.runner import Runner, variables
from wakeful.daemon.settings import BusSettings
from wakeful.daemon.wording import words_of
from wakeful.models.errors import UsageError


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder for sockets, and a configuration that names them to every command."""
    settings = in_folder(tmp_path, keep_events=50)
    lines = [f"{key} = {getattr(settings, key)!r}" for key in ("events", "control")]
    config = tmp_path / "wakeful.toml"
    config.write_text("\n".join(["[bus]", *lines, ""]).replace("'", '"'))
    monkeypatch.setenv("WAKEFUL_CONFIG", str(config))
    return settings


@contextmanager
def started(*arguments):
    """A command of ours that runs beside the test, and not after it."""
    command = [sys.executable, "-c", "from wakeful.daemon.cli import main; main()", *arguments]
    environment = os.environ | {"PYTHONWARNINGS": "error"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def run(capfd, monkeypatch):
    """Runs a command to its end, in this process: its exit code, and what it said on both."""

    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["wakeful", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capfd.readouterr()

    return command


def is_there(process, daemon: Running):
    """Tell heartbeats until the command has printed one: it is connected then."""
    is_said(process, daemon, beat)


def beat(loop):
    """A heartbeat."""
    loop.tell(events.Heartbeat, models=["activate"], muted=False, lost=False, heard_s=1, wakes=0)


def wake(loop):
    """The word is heard."""
    loop.wake()


def lines_of(out):
    """Events as they were printed."""
    return [events.decode(line) for line in out.splitlines()]


def test_events_prints_what_happens(place):
    """As JSON, in order, without a gap, from now on."""
    with running(place) as daemon, started("events", "--json", "--count", "60") as process:
        is_there(process, daemon)
        for _ in range(100):
            daemon.do(wake)
        out, err = process.communicate(timeout=PATIENCE_S)
    numbers = [event.seq for event in lines_of(out)]
    assert numbers == list(range(numbers[0], numbers[0] + 60))
    assert err == b""


def test_events_since(place, run):
    """What happened before it was started is asked for; what is no longer kept is told."""
    with running(place) as daemon:
        for _ in range(80):
            daemon.do(wake)
        daemon.do(lambda loop: loop.tell(events.Bye, reason="over"))
        code, out, err = run("events", "--json", "--since", "20", "--topic", "bye", "--count", "1")
    assert code == 0
    assert [(event.seq, event.reason) for event in lines_of(out)] == [(80, "over")]
    assert err == "wakeful: events 20 to 30 can't be had any more\n"


def test_events_survives_a_restart_of_the_daemon(place):
    """It waits, says so, and goes on with the new run from its first event."""
    with started("events", "--json", "--topic", "wake,ready") as process:
        read_until(process.stderr, b"waiting for one")
        with running(place) as daemon:
            daemon.do(lambda loop: loop.tell(events.Ready, models=["one"]))
            is_said(process, daemon, wake)
        with running(place) as daemon:
            daemon.do(lambda loop: loop.tell(events.Ready, models=["two"]))
            read_until(process.stderr, b"was started anew")
            line = b""
            while b'"ready"' not in line or b'"two"' not in line:
                line = process.stdout.readline()
            event = events.decode(line)
    assert (event.seq, event.models) == (0, ["two"])


def is_said(process, daemon, tell):
    """Have something told until the command prints something."""
    for _ in range(int(PATIENCE_S / 0.05)):
        daemon.do(tell)
        if select.select([process.stdout], [], [], 0.05)[0]:
            return
    pytest.fail("it printed nothing")


def read_until(stream, text):
    """Lines, up to one with a text in it."""
    while text not in (line := stream.readline()):
        assert line, f"it ended without saying {text!r}"


def test_events_in_words(place, run):
    """For people: the clock, the number, the kind, and what it says."""
    with running(place) as daemon:
        daemon.do(wake)
        daemon.do(lambda loop: loop.tell(events.AudioLost, reason="unplugged\x1b[31m"))
        code, out, err = run("events", "--since", "0", "--count", "2")
    assert (code, err) == (0, "")
    first, second = out.splitlines()
    assert first.split()[1:] == ["0", "wake", "activate", "0.97"]
    assert second.endswith("audio.lost      unplugged\\x1b[31m")


def test_events_waits_for_a_daemon(place):
    """Started before it, it says so once and hears its first event."""
    with started("events", "--json", "--since", "0", "--count", "1") as process:
        assert b"no daemon at ipc://" in process.stderr.readline()
        with running(place) as daemon:
            daemon.do(lambda loop: loop.tell(events.Ready, models=[]))
            out, err = process.communicate(timeout=PATIENCE_S)
    assert [event.seq for event in lines_of(out)] == [0]
    assert err == b""


def test_an_unknown_topic_is_named(place, run):
    """With the nearest one that there is."""
    code, _, err = run("events", "--topic", "wak")
    assert code == 2
    assert "did you mean wake?" in err


@pytest.mark.parametrize(
    "arguments", [["status"], ["mute"], ["threshold", "0.5"], ["reload"], ["replay"], ["stop"]]
)
def test_ctl_without_a_daemon(place, arguments, run):
    """One line, exit code 1."""
    code, out, err = run("ctl", *arguments)
    assert (code, out) == (1, "")
    assert err.startswith("wakeful: no daemon at ipc://")
    assert err.count("\n") == 1


def test_ctl_tells_a_dead_daemon_from_a_living_one(place, tmp_path, run):
    """A socket that nobody serves any more is no daemon."""
    died = f"""
import os, zmq
zmq.Context().socket(zmq.ROUTER).bind({place.control!r})
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", died], check=True, timeout=PATIENCE_S)
    assert (tmp_path / "control.sock").is_socket()
    code, _, err = run("ctl", "status")
    assert code == 1
    assert "no daemon at" in err


def test_ctl_status(place, run):
    """In words, and as JSON for programs."""
    with running(place) as daemon:
        daemon.do(wake)
        code, out, _ = run("ctl", "status")
        assert code == 0
        assert "activate at 0.5, computer at 0.6" in out
        code, out, _ = run("ctl", "status", "--json")
    status = json.loads(out)
    assert (code, status["reply"], status["last"]) == (0, "status", 0)


def test_ctl_steers(place, run):
    """Each command does what it says, or says why not."""
    with running(place) as daemon:
        assert run("ctl", "mute")[:2] == (0, "muted\n")
        assert daemon.wheel.is_muted
        assert run("ctl", "unmute")[:2] == (0, "listens\n")
        assert not daemon.wheel.is_muted
        assert run("ctl", "threshold", "0.7", "--model", "computer")[0] == 0
        assert daemon.wheel.thresholds["computer"] == 0.7
        code, _, err = run("ctl", "threshold", "0.7", "--model", "nobody")
        assert (code, err) == (1, "wakeful: there is no model nobody\n")
        assert run("ctl", "threshold", "1.5")[0] == 2
        assert run("ctl", "ready")[0] == 0
        assert run("ctl", "stop")[:2] == (0, "ends\n")
    assert daemon.wheel.done == ["stop"]


RELOADED = [
    ({}, 0, "reloaded\n"),
    ({"restart_needed_for": ["bus.events"]}, 0, "reloaded; only a restart changes bus.events\n"),
    ({"error": "config x: broken"}, 1, "the former configuration stays: config x: broken\n"),
]


@pytest.mark.parametrize(("fields", "code", "said"), RELOADED)
def test_ctl_reload_says_how_it_went(place, fields, code, said):
    """The event that tells it is waited for: a bad configuration is an exit code."""
    with running(place) as daemon, started("ctl", "reload") as process:
        for _ in range(int(PATIENCE_S / 0.05)):
            if daemon.wheel.done or process.poll() is not None:
                break
            select.select([], [], [], 0.05)
        daemon.do(wake)
        daemon.do(lambda loop: loop.tell(events.ConfigReloaded, models=["activate"], **fields))
        out, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == code
        assert (err if code else out).decode().endswith(said)


def test_ctl_replay(place, run):
    """Everything that is kept, page after page."""
    with running(place) as daemon:
        for _ in range(60):
            daemon.do(wake)
        daemon.do(beat)
        assert run("ctl", "ready")[0] == 0
        code, out, err = run("ctl", "replay", "--json")
    assert code == 0
    assert [event.seq for event in lines_of(out)] == list(range(11, 61))
    assert err == "wakeful: events 0 to 10 can't be had any more\n"


PROGRAM = """
import json, os, sys
body = sys.stdin.read()
assert json.loads(body) == json.loads(os.environ["WAKEFUL_JSON"])
with open(sys.argv[1], "a") as out:
    print(os.environ["WAKEFUL_EVENT"], os.environ["WAKEFUL_SEQ"],
          os.environ["WAKEFUL_KEYWORD"], sys.argv[2], file=out)
"""


def test_on_runs_a_program_for_each_event(place, tmp_path, run):
    """The event in its environment and on its standard input; no shell looks at it."""
    out = tmp_path / "out"
    words = 'a b; touch x $(id) "'
    command = [sys.executable, "-c", PROGRAM, str(out), words]
    with running(place) as daemon:
        for _ in range(6):
            daemon.do(wake)
        daemon.do(beat)
        arguments = ("--since", "1", "--count", "5", "--at-once", "1", "wake", "--")
        code, _, err = run("on", *arguments, *command)
    assert (code, err) == (0, "")
    assert out.read_text().splitlines() == [f"wake {n} activate {words}" for n in range(1, 6)]
    assert not Path("x").exists()


def test_on_names_a_program_that_is_not_there(place, run):
    """Before anything is waited for."""
    code, _, err = run("on", "wake", "--", "no-such-program")
    assert code == 2
    assert "no-such-program" in err


def test_on_tells_a_program_that_failed(place, run):
    """And goes on with the next event."""
    with running(place) as daemon:
        for _ in range(2):
            daemon.do(wake)
        arguments = ("--since", "0", "--count", "2", "wake", "--")
        code, _, err = run("on", *arguments, sys.executable, "-c", "raise SystemExit(7)")
    assert code == 0
    assert err.count("ended with code 7") == 2


def an_event(number, **fields):
    """A wake."""
    return seen(
        events.encode(
            events.Wake(
                seq=number,
                time=1.0,
                sample=0,
                source="mic",
                keyword=fields.get("keyword", "activate"),
                model="activate",
                score=0.5,
            )
        )
    )


def test_slow_programs_are_bounded_and_lose_nothing(tmp_path):
    """Never more of them at once than allowed; every event gets its turn."""
    gate, out = tmp_path / "gate", tmp_path / "out"
    waits = """
import os, sys, time
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
with open(sys.argv[2], "a") as out:
    out.write(os.environ["WAKEFUL_SEQ"] + "\\n")
"""
    said = []
    runner = Runner([sys.executable, "-c", waits, str(gate), str(out)], 3, said.append)
    for number in range(12):
        runner.add(an_event(number))
        runner.tend()
        assert len(runner._running) <= 3
    assert len(runner._waiting) == 9
    gate.touch()
    runner.finish()
    assert sorted(map(int, out.read_text().split())) == list(range(12))
    assert said == []


def test_who_is_interrupted_begins_no_more(tmp_path):
    """What waits is given up and told; what runs is waited for."""
    out, said = tmp_path / "out", []
    writes = "import os, sys; open(sys.argv[1], 'a').write(os.environ['WAKEFUL_SEQ'])"
    runner = Runner([sys.executable, "-W", "ignore", "-c", writes, str(out)], 1, said.append)
    for number in range(3):
        runner.add(an_event(number))
    runner.tend()
    runner.give_up()
    assert out.read_text() == "0"
    assert said == ["2 events still waited for their program: given up"]


def test_a_program_that_does_not_read_is_not_waited_for():
    """However long the event: standard input is a file."""
    said = []
    runner = Runner([sys.executable, "-c", ""], 1, said.append)
    runner.add(an_event(0, keyword="x" * 1_000_000))
    runner.finish()
    assert said == []


def test_variables():
    """Each field by its name; what a variable can't hold is left to standard input."""
    event = an_event(4, keyword="hey\0 you")
    found = variables(event)
    assert (found["WAKEFUL_EVENT"], found["WAKEFUL_SEQ"]) == ("wake", "4")
    assert (found["WAKEFUL_KEYWORD"], found["WAKEFUL_SCORE"]) == ("hey you", "0.5")
    assert json.loads(found["WAKEFUL_JSON"])["keyword"] == "hey\0 you"
    assert set(variables(an_event(4, keyword="x" * 200_000))) & {"WAKEFUL_KEYWORD"} == set()
    nested = variables(Seen("command", 1, b'{"event":"command","slots":{"room":"hall"}}'))
    assert json.loads(nested["WAKEFUL_SLOTS"]) == {"room": "hall"}


def test_a_missing_program_is_a_usage_error():
    """So that a typing error is told at once."""
    with pytest.raises(UsageError, match="no program that can be run"):
        Runner(["/no/such"], 1, print)


def test_every_kind_has_words():
    """No event of ours is shown to a person as bare JSON."""
    import msgspec
    from wakeful.daemon.events import AnyEvent

    samples = {str: "x", int: 1, float: 1.0, bool: True}
    for kind in AnyEvent.__args__:
        fields = {
            field.name: samples.get(field.type, ["x"])
            for field in msgspec.structs.fields(kind)
            if field.required
        }
        body = json.dumps(fields | {"event": kind.__struct_config__.tag, "ending": "end"})
        event = msgspec.json.decode(body, type=AnyEvent)
        assert "{" not in words_of(events.encode(event))[1]


def test_an_event_of_a_later_version_is_shown_as_it_is():
    """Unknown kinds and changed fields are no reason to fall."""
    assert words_of(b'{"event":"new","time":3,"x":1}') == (3.0, '{"event":"new","time":3,"x":1}')
    assert words_of(b'{"event":"wake","word":"x"}')[1] == '{"event":"wake","word":"x"}'


def test_topics():
    """A name up to a dot means all below it, and no other."""
    assert is_wanted("speech.start", ["speech"])
    assert not is_wanted("wakeful", ["wake"])
    assert {"wake", "speech.end", "bye"} <= set(kinds())


def test_the_schema_in_the_documents_is_current():
    """To write it anew: python -m wakeful.daemon.schema > docs/events.schema.json."""
    path = Path(__file__).parents[2] / "docs" / "events.schema.json"
    assert json.loads(path.read_text(encoding="utf-8")) == schema.schema()


def test_keys_on_the_command_line(tmp_path, monkeypatch, run):
    """Two machines: keys made on each, exchanged, allowed, and used by the commands over TCP."""
    monkeypatch.setenv("WAKEFUL_CONFIG", "")
    server, client = tmp_path / "server", tmp_path / "client"
    daemons = run("keys", "new", "daemon", "--folder", str(server))[1].strip()
    ours = run("keys", "new", "client", "--folder", str(client))[1].strip()
    assert run("keys", "trust", daemons, "--folder", str(client))[0] == 0
    assert run("keys", "allow", "laptop", ours, "--folder", str(server))[0] == 0
    listed = json.loads(run("keys", "list", "--json", "--folder", str(server))[1])
    assert (listed["own"], listed["allowed"]) == ({"daemon": daemons}, {"laptop": ours})
    ports = two_ports()
    places = {"events": f"tcp://127.0.0.1:{ports[0]}", "control": f"tcp://127.0.0.1:{ports[1]}"}
    config = tmp_path / "client.toml"
    lines = [f'{key} = "{value}"' for key, value in places.items()]
    config.write_text("\n".join(["[bus]", *lines, f'keys = "{client}"', ""]))
    with running(BusSettings(keys=str(server), **places)) as daemon:  # type: ignore[arg-type]
        daemon.do(wake)
        arguments = ("--since", "0", "--count", "1", "--config", str(config))
        code, out, err = run("events", "--json", *arguments)
        assert (code, err) == (0, "")
        assert [event.seq for event in lines_of(out.encode())] == [0]
        assert run("keys", "revoke", "laptop", "--folder", str(server))[0] == 0
        code, _, err = run("ctl", "status", "--config", str(config))
        assert code == 1
        assert "doesn't know our key" in err


def two_ports():
    """Ports that nobody had a moment ago."""
    import socket

    with socket.socket() as one, socket.socket() as two:
        for each in (one, two):
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in (one, two)]
