"""The events' socket with real subscribers: who hears what, who is kept out, what is left."""

import os
import select
import socket
import stat
import subprocess
import sys
import time
from contextlib import contextmanager

import psutil
import pytest
import zmq
from bus_loop import PATIENCE_S, Loop, asking, in_folder
from wakeful.daemon import events
from wakeful.daemon.bus import Bus
from wakeful.daemon.claim import AlreadyRunningError, PlaceError
from wakeful.daemon.endpoints import EndpointError
from wakeful.daemon.settings import BusSettings

SUBSCRIBER = """
import sys, zmq
socket = zmq.Context().socket(zmq.SUB)
socket.connect(sys.argv[1])
socket.subscribe("")
while True:
    topic, body = socket.recv_multipart()
    print(topic.decode(), body.decode(), flush=True)
    if topic == b"bye":
        break
"""


@contextmanager
def program(source, *arguments):
    """A Python program in a process of its own, which doesn't outlive its test."""
    command = [sys.executable, "-c", source, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def loop(tmp_path):
    """A bus and its control in a folder of their own."""
    loop = Loop(in_folder(tmp_path))
    yield loop
    loop.close()


def subscribed(loop, topic=b"", **options):
    """A subscriber whose subscription has arrived: what it is sent next it gets."""
    context = asking(loop.bus.endpoint.text, zmq.SUB, **options)
    subscriber = context.__enter__()
    subscriber.setsockopt(zmq.SUBSCRIBE, topic)
    subscriber.setsockopt(zmq.SUBSCRIBE, b"heartbeat")

    def is_heard():
        beat(loop)
        return bool(subscriber.poll(20))

    loop.until(is_heard)
    while subscriber.poll(100):
        subscriber.recv_multipart()
    return context, subscriber


def beat(loop):
    """A heartbeat, by which a subscriber sees that it is connected."""
    loop.tell(events.Heartbeat, models=[], muted=False, lost=False, heard_s=0.0, wakes=0)


def test_another_process_hears_every_event_in_order(tmp_path):
    """A program that knows ZeroMQ and nothing of ours gets topic and JSON, and the last word."""
    loop = Loop(in_folder(tmp_path))
    with program(SUBSCRIBER, loop.bus.endpoint.text) as subscriber:
        out = subscriber.stdout.fileno()

        def is_heard():
            beat(loop)
            return bool(select.select([out], [], [], 0.02)[0])

        loop.until(is_heard)
        told = [loop.wake(f"word {n}") for n in range(100)]
        told.append(loop.tell(events.Bye, reason="over"))
        loop.close()
        lines = subscriber.communicate(timeout=PATIENCE_S)[0].splitlines()
    heard = [line.split(b" ", 1) for line in lines if not line.startswith(b"heartbeat ")]
    assert [topic for topic, _ in heard] == [b"wake"] * 100 + [b"bye"]
    assert [events.decode(body) for _, body in heard] == told


def test_a_topic_is_a_filter(loop):
    """Who subscribes to ``speech`` gets both of its kinds and nothing else."""
    context, subscriber = subscribed(loop, b"speech")
    loop.wake()
    start = loop.tell(events.SpeechStart)
    end = loop.tell(events.SpeechEnd, start_sample=0, duration_s=1.0, ending="silence")
    got = [subscriber.recv_multipart() for _ in range(2)]
    assert [topic for topic, _ in got] == [b"speech.start", b"speech.end"]
    assert [events.decode(body) for _, body in got] == [start, end]
    context.__exit__(None, None, None)


def test_a_subscriber_that_never_reads_costs_nothing(tmp_path):
    """200 MB of events for one that is stuck: memory stays, and nothing waits."""
    loop = Loop(in_folder(tmp_path, keep_events=10))
    context, _stuck = subscribed(loop, b"", rcvhwm=1, rcvbuf=4_096)
    loop.tell(events.Bye, reason="x" * 10_000)
    before = psutil.Process().memory_info().rss
    begun = time.process_time()
    for _ in range(20_000):
        loop.tell(events.Bye, reason="x" * 10_000)
    assert time.process_time() - begun < 10
    assert psutil.Process().memory_info().rss - before < 60_000_000
    begun = time.monotonic()
    loop.close()
    assert time.monotonic() - begun < 5
    context.__exit__(None, None, None)


def test_the_sockets_are_ours_alone(loop):
    """Mode 0600, though the process lets others read what it makes."""
    for endpoint in (loop.bus.endpoint, loop.control.endpoint):
        mode = endpoint.path.stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o600


def test_no_moment_in_which_a_socket_is_open_to_others(tmp_path):
    """Already the bind makes it so, whatever the umask: who watches sees no other mode."""
    watcher = """
import os, sys
seen, path = set(), sys.argv[1]
print("up", flush=True)
while 0o600 not in seen or len(seen) > 1:
    try:
        seen.add(os.stat(path).st_mode & 0o777)
    except FileNotFoundError:
        pass
    if len(seen) > 1:
        break
print(sorted(seen))
"""
    settings = in_folder(tmp_path)
    path = settings.events.removeprefix("ipc://")
    with program(watcher, path) as watching:
        assert watching.stdout.readline() == b"up\n"
        before = os.umask(0)
        try:
            loop = Loop(settings)
            assert os.umask(0) == 0
        finally:
            os.umask(before)
        assert watching.communicate(timeout=PATIENCE_S)[0] == b"[384]\n"  # 0o600
    loop.close()


def test_a_dead_daemons_sockets_are_replaced(tmp_path):
    """After SIGKILL the files lie there still; the next daemon takes their places."""
    settings = in_folder(tmp_path)
    died = f"""
import os, signal
from wakeful.daemon.bus import Bus
from wakeful.daemon.settings import BusSettings
bus = Bus(BusSettings(events={settings.events!r}))
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", died], check=False, timeout=PATIENCE_S)
    assert (tmp_path / "events.sock").is_socket()
    loop = Loop(settings)
    context, _ = subscribed(loop)
    context.__exit__(None, None, None)
    loop.close()


def test_a_living_daemon_is_left_alone(loop, tmp_path):
    """A second daemon is told so in one line, and the first one's subscribers notice nothing."""
    context, subscriber = subscribed(loop)
    with pytest.raises(AlreadyRunningError, match="is running already") as error:
        Bus(in_folder(tmp_path))
    assert "\n" not in str(error.value)
    loop.wake()
    assert subscriber.poll(PATIENCE_S * 1_000)
    assert subscriber.recv_multipart()[0] == b"wake"
    context.__exit__(None, None, None)


def test_after_its_end_no_socket_is_left(tmp_path):
    """Who looks for a daemon finds none, instead of a socket that nobody serves."""
    loop = Loop(in_folder(tmp_path))
    loop.close()
    assert {path.name for path in tmp_path.iterdir()} == {"events.sock.lock", "control.sock.lock"}
    loop.close()
    loop.tend()
    loop.wake()
    assert not (tmp_path / "events.sock").exists()


def test_another_programs_socket_and_files_are_left_alone(tmp_path):
    """ZeroMQ would remove them."""
    settings = in_folder(tmp_path)
    path = tmp_path / "events.sock"
    path.write_text("precious")
    with pytest.raises(PlaceError, match="is no socket"):
        Bus(settings)
    assert path.read_text() == "precious"
    path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        with pytest.raises(PlaceError, match="another program listens"):
            Bus(settings)
    assert path.is_socket()


def test_what_could_not_be_had_leaves_nothing_claimed(tmp_path):
    """After a refusal the same place can be had by who comes next."""
    settings = in_folder(tmp_path, control=f"ipc://{tmp_path}/events.sock")
    with pytest.raises(EndpointError, match=r"is bus\.events' place already"):
        Loop(settings)
    with pytest.raises(PlaceError, match="no socket can be made there: No such file"):
        Loop(in_folder(tmp_path, control=f"ipc://{tmp_path}/not/there"))
    Loop(in_folder(tmp_path)).close()


def test_a_taken_port_is_told(free_ports):
    """Another program on the port: one line."""
    ports = BusSettings(**free_ports)
    loop = Loop(ports)
    with pytest.raises(PlaceError, match=r"tcp://127.0.0.1:\d+: can't be listened at: Address"):
        Loop(ports)
    loop.close()


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_hostile_subscribers(transport, tmp_path, free_ports):
    """Garbage, 1 MB frames and connections that say nothing: the others hear every event."""
    settings = in_folder(tmp_path) if transport == "ipc" else BusSettings(**free_ports)
    loop = Loop(settings)
    context, subscriber = subscribed(loop)
    raw = [connected(loop.bus.endpoint) for _ in range(20)]
    for number, peer in enumerate(raw[:10]):
        peer.sendall(os.urandom(1_000 * (number + 1)))
    with asking(loop.bus.endpoint.text, zmq.XSUB) as big:
        for _ in range(20):
            # No subscription: to take back one of such a length overflows the sender's own stack.
            big.send(b"x" * 1_000_000)
        told = [loop.wake(str(n)) for n in range(50)]
        loop.tend()
    got = [events.decode(subscriber.recv_multipart()[1]) for _ in told]
    assert got == told
    for peer in raw:
        peer.close()
    context.__exit__(None, None, None)
    loop.close()


def connected(endpoint):
    """A bare connection, without a word of ZeroMQ's."""
    if endpoint.path:
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(str(endpoint.path))
        return peer
    host, _, port = endpoint.text.removeprefix("tcp://").rpartition(":")
    return socket.create_connection((host, int(port)))


@pytest.fixture
def free_ports():
    """Two endpoints on loopback that nobody had a moment ago."""
    with socket.socket() as one, socket.socket() as two:
        for each in (one, two):
            each.bind(("127.0.0.1", 0))
        ports = [each.getsockname()[1] for each in (one, two)]
    names = zip(("events", "control"), ports, strict=True)
    return {name: f"tcp://127.0.0.1:{port}" for name, port in names}
