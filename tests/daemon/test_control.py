"""The control socket: each request its reply, and whatever else is sent one named error."""

import collections
import contextlib
import json
import os
import time

import pytest
import zmq
from bus_loop import PATIENCE_S, Loop, asking, in_folder
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon import requests
from wakeful.daemon.inbox import Inbox

HOSTILE = {
    b"": "unreadable",
    b"\x00\xff\x00": "unreadable",
    b"{": "unreadable",
    b"[" * 60_000: "invalid",
    b'{"zzz":' + b"[" * 60_000: "unreadable",
    b'{"request":"\xff"}': "unreadable",
    b'{"request":"mute","id":"\xff"}': "unreadable",
    b"null": "invalid",
    b"{}": "unknown",
    b'{"request":"shutdown"}': "unknown",
    b'{"request":7}': "unknown",
    b'{"request":"mute","really":true}': "invalid",
    b'{"request":"mute","schema":99}': "invalid",
    b'{"request":"mute","id":"' + b"x" * 65 + b'"}': "invalid",
    b'{"request":"replay","since":-1}': "invalid",
    b'{"request":"replay","since":1e400}': "invalid",
    b'{"request":"replay","since":1' + b"0" * 5_000 + b"}": "invalid",
    b'{"request":"replay","since":0,"most":100000}': "invalid",
    b'{"request":"threshold"}': "invalid",
    b'{"request":"threshold","threshold":0}': "invalid",
    b'{"request":"threshold","threshold":1}': "invalid",
    b'{"request":"threshold","threshold":-3}': "invalid",
    b'{"request":"threshold","threshold":"0.5"}': "invalid",
    b'{"request":"threshold","threshold":NaN}': "unreadable",
    b'{"request":"threshold","threshold":0.5,"model":"nobody"}': "refused",
}
"""What may not be sent, and how it is answered."""


@pytest.fixture
def loop(tmp_path):
    """A bus and its control in a folder of their own."""
    loop = Loop(in_folder(tmp_path))
    yield loop
    loop.close()


@pytest.fixture
def peer(loop):
    """A program that asks."""
    with asking(loop.control.endpoint.text) as socket:
        yield socket


def answer(loop, peer, body):
    """The reply to some bytes, as JSON; tends the loop until it is there."""
    peer.send(body if isinstance(body, bytes) else json.dumps(body).encode())
    loop.until(lambda: bool(peer.poll(1)))
    return json.loads(peer.recv_multipart()[-1])


def test_status_is_what_a_late_subscriber_needs(loop, peer):
    """The latest number, what `ready` said, the run, and what is kept."""
    loop.wake()
    status = answer(loop, peer, {"request": "status", "id": "mine"})
    assert status["reply"] == "status"
    assert (status["id"], status["run"], status["pid"]) == ("mine", loop.bus.run, os.getpid())
    assert (status["last"], status["kept_from"], status["ready"]) == (0, 0, True)
    assert status["models"] == ["activate", "computer"]
    assert status["thresholds"] == {"activate": 0.5, "computer": 0.6}


def test_before_the_first_event_there_is_no_latest(loop, peer):
    """Nothing is -1, and the first that can be asked for is 0."""
    status = answer(loop, peer, {"request": "status"})
    assert (status["last"], status["kept_from"]) == (-1, 0)


def test_two_runs_are_told_apart(tmp_path):
    """Each run of the daemon has a name of its own."""
    names = set()
    for _ in range(3):
        loop = Loop(in_folder(tmp_path))
        names.add(loop.bus.run)
        loop.close()
    assert len(names) == 3


def test_steering_reaches_the_wheel(loop, peer):
    """Mute, unmute, thresholds, reload and stop."""
    wheel = loop.wheel
    assert answer(loop, peer, {"request": "mute"})["reply"] == "done"
    assert wheel.is_muted
    answer(loop, peer, {"request": "unmute"})
    assert not wheel.is_muted
    answer(loop, peer, {"request": "threshold", "threshold": 0.9, "model": "computer"})
    assert wheel.thresholds == {"activate": 0.5, "computer": 0.9}
    answer(loop, peer, {"request": "threshold", "threshold": 0.7})
    assert wheel.thresholds == {"activate": 0.7, "computer": 0.7}
    answer(loop, peer, {"request": "reload"})
    answer(loop, peer, {"request": "stop"})
    assert wheel.done == ["reload", "stop"]


def test_who_waits_for_ready_is_told_then(loop, peer):
    """No answer before; the status at that moment."""
    loop.wheel.is_ready = False
    peer.send(b'{"request":"ready","id":"1"}')
    with asking(loop.control.endpoint.text) as other:
        answer(loop, other, {"request": "status"})
        loop.until(lambda: len(loop.control._waiting) == 1)
        assert not peer.poll(0)
        loop.wheel.is_ready = True
        loop.until(lambda: bool(peer.poll(1)))
        reply = json.loads(peer.recv())
        assert (reply["reply"], reply["id"], reply["ready"]) == ("status", "1", True)
        assert answer(loop, other, {"request": "ready"})["ready"]


def test_only_so_many_may_wait_for_ready(loop, peer):
    """The 65th is refused, and the others are still told."""
    loop.wheel.is_ready = False
    for number in range(65):
        peer.send(f'{{"request":"ready","id":"{number}"}}'.encode())
    loop.until(lambda: bool(peer.poll(1)))
    refused = json.loads(peer.recv())
    assert (refused["error"], refused["id"]) == ("refused", "64")
    loop.wheel.is_ready = True
    loop.control.idle()
    told = []
    while len(told) < 64:
        assert peer.poll(PATIENCE_S * 1_000)
        told.append(json.loads(peer.recv()))
    assert [(reply["reply"], reply["id"]) for reply in told] == [
        ("status", str(number)) for number in range(64)
    ]


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: body[:24].decode("latin-1"))
def test_what_makes_no_sense_is_answered_by_its_error(loop, peer, body):
    """One reply with a name for programs and a line for people; the next request is served."""
    reply = answer(loop, peer, body)
    assert (reply["reply"], reply["error"]) == ("error", HOSTILE[body])
    assert reply["message"]
    assert "\n" not in reply["message"]
    assert answer(loop, peer, {"request": "status"})["reply"] == "status"
    assert loop.wheel.thresholds == {"activate": 0.5, "computer": 0.6}


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_no_bytes_raise(body):
    """Whatever is sent is a request or a `RequestError`."""
    with contextlib.suppress(requests.RequestError):
        assert isinstance(requests.decode_request(body), requests.Request)


def test_a_req_socket_is_answered_too(loop):
    """The simplest of ZeroMQ's sockets puts an empty frame before what it sends."""
    with asking(loop.control.endpoint.text, zmq.REQ) as peer:
        assert answer(loop, peer, {"request": "status"})["reply"] == "status"


@pytest.mark.parametrize("frames", [[b"a", b"b"], [b"", b"", b""], [b""] * 1_000, [b"x"] * 5_000])
def test_messages_of_many_frames(loop, peer, frames):
    """Only letters are letters; of the others no more than a little is looked at at once."""
    peer.send_multipart(frames)
    loop.until(lambda: bool(peer.poll(1)))
    assert json.loads(peer.recv_multipart()[-1])["error"] == "unreadable"
    assert answer(loop, peer, {"request": "status"})["reply"] == "status"


def test_a_message_of_a_megabyte_ends_its_connection(loop, peer):
    """The sender is hung up on, others go on."""
    for _ in range(5):
        with asking(loop.control.endpoint.text) as hostile:
            hostile.send(b"x" * 1_000_000)
            assert answer(loop, peer, {"request": "status"})["reply"] == "status"
            assert not hostile.poll(50)


def test_a_flood_costs_the_flooder_his_answers_and_not_us_the_sound(loop, peer):
    """In one call no more than a few requests are answered, however many wait."""
    answer(loop, peer, {"request": "status"})
    with asking(loop.control.endpoint.text) as flooder:
        for _ in range(500):
            flooder.send(b'{"request":"status"}')
        asked: list[int] = []
        loop.wheel.status = count_calls(loop.wheel.status, asked)
        answered_at_once = []

        def are_all_answered():
            before = len(asked)
            loop.control.idle()
            answered_at_once.append(len(asked) - before)
            return len(asked) == 500

        time.sleep(0.2)  # so that a heap of them lies there; without it the test is only weaker
        loop.until(are_all_answered)
        assert max(answered_at_once) <= 16


def count_calls(function, calls):
    """The same function, each of whose calls leaves something in a list."""

    def counted():
        calls.append(1)
        return function()

    return counted


def test_one_who_never_reads_his_answers_holds_up_nobody(loop, peer):
    """Replies that he doesn't take are dropped."""
    with asking(loop.control.endpoint.text, rcvhwm=1) as stuck:
        for _ in range(20):
            loop.wake("x" * 2_000)
        for _ in range(300):
            stuck.send(b'{"request":"replay","since":0}')
            loop.tend()
        begun = time.process_time()
        assert answer(loop, peer, {"request": "status"})["reply"] == "status"
        assert time.process_time() - begun < 5


def test_replay_is_given_in_pages(tmp_path):
    """From the number asked for, or the oldest kept, so many at once, and where to go on."""
    loop = Loop(in_folder(tmp_path, keep_events=20))
    for _ in range(50):
        loop.wake()
    with asking(loop.control.endpoint.text) as peer:
        page = answer(loop, peer, {"request": "replay", "since": 7, "most": 15})
        assert [event["seq"] for event in page["events"]] == list(range(30, 45))
        assert (page["kept_from"], page["next"], page["last"]) == (30, 45, 49)
        page = answer(loop, peer, {"request": "replay", "since": 45, "most": 15})
        assert [event["seq"] for event in page["events"]] == list(range(45, 50))
        assert page["next"] == 50
        for beyond in (None, 50, 99):
            page = answer(loop, peer, {"request": "replay", "since": beyond})
            assert (page["events"], page["next"]) == ([], 50)
    loop.close()


def test_half_a_message_is_forgotten_when_everybody_is_hung_up_on(tmp_path):
    """What a connection began that is no more has no end: the next letter is read whole."""
    loop = Loop(in_folder(tmp_path))
    inbox = Inbox(loop.control._socket)
    inbox._begun = [b"somebody", b"half"]
    loop.control._socket.renew()
    loop.until(lambda: bool(loop.control._socket._socket))
    with asking(loop.control.endpoint.text) as peer:
        peer.send(b"hello")
        letters = []
        loop.control._inbox = inbox

        def is_there():
            letters.extend(inbox.letters(1))
            return bool(letters)

        end = time.monotonic() + PATIENCE_S
        while not is_there():
            assert time.monotonic() < end
            time.sleep(0.01)
        assert letters[0].body == b"hello"
    loop.close()


class Given:
    """A socket from which given messages are read frame by frame."""

    def __init__(self, messages):
        self.renewals = 0
        ends = [(frame, at == len(m) - 1) for m in messages for at, frame in enumerate(m)]
        self.frames = collections.deque(ends)

    def receive(self):
        """The next frame, and whether it ends its message."""
        return self.frames.popleft() if self.frames else None


@given(st.lists(st.integers(1, 450), max_size=8), st.integers(1, 5))
def test_letters_are_told_apart_however_long(lengths, most):
    """Each message is one letter to its sender, and no call takes more than its share of frames."""
    messages = [[b"from %d" % n, *[b"x"] * (length - 1)] for n, length in enumerate(lengths)]
    frames = Given(messages)
    inbox, letters = Inbox(frames), []
    while frames.frames:
        before = len(frames.frames)
        some = list(inbox.letters(most))
        assert len(some) <= most
        assert before - len(frames.frames) <= 200
        letters += some
    assert [letter.envelope[0] for letter in letters] == [message[0] for message in messages]
    for letter, message in zip(letters, messages, strict=True):
        assert letter.body == (b"x" if len(message) == 2 else b"")
