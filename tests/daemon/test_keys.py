"""Keys, on disk and at the door: who is let in, who isn't, and who is thrown out."""

import os
import socket
import stat
from pathlib import Path

import pytest
import zmq
from bus_loop import Loop, asking
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon.doorkeeper import AllowedList
from wakeful.daemon.keys import KeyFolder, KeyNameError, KeysError, checked
from wakeful.daemon.settings import BusSettings
from zmq.utils import z85


@pytest.fixture
def keys(tmp_path):
    """A folder with the daemon's key, and nobody allowed."""
    folder = KeyFolder(tmp_path / "keys")
    folder.make("daemon")
    return folder


@pytest.fixture
def guarded(keys):
    """A daemon on TCP that asks for keys."""
    ports = []
    with socket.socket() as one, socket.socket() as two:
        for each in (one, two):
            each.bind(("127.0.0.1", 0))
            ports.append(each.getsockname()[1])
    events, control = (f"tcp://127.0.0.1:{port}" for port in ports)
    loop = Loop(BusSettings(events=events, control=control, keys=str(keys.folder)))
    yield loop
    loop.close()


def shown(keys, pair):
    """What a client shows: its own pair, and the daemon's key that it trusts."""
    public, secret = pair
    return {
        "curve_serverkey": keys.public("daemon").encode(),
        "curve_publickey": public,
        "curve_secretkey": secret,
    }


def is_answered(loop, peer, tries=20):
    """Whether a request brings a reply, with the loop going round meanwhile."""
    peer.send(b'{"request":"status"}')
    for _ in range(tries):
        loop.tend()
        if peer.poll(20):
            return b'"status"' in peer.recv()
    return False


def test_an_allowed_key_is_let_in_and_no_other(guarded, keys):
    """Neither a stranger's, nor none at all, nor a friend who takes us for another daemon."""
    friend, stranger = zmq.curve_keypair(), zmq.curve_keypair()
    keys.allow("friend", friend[0].decode())
    endpoint = guarded.control.endpoint.text
    with asking(endpoint, **shown(keys, friend)) as peer:
        assert is_answered(guarded, peer, tries=1_000)
    with asking(endpoint, **shown(keys, stranger)) as peer:
        assert not is_answered(guarded, peer)
    with asking(endpoint) as peer:
        assert not is_answered(guarded, peer)
    mistaken = shown(keys, friend) | {"curve_serverkey": stranger[0]}
    with asking(endpoint, **mistaken) as peer:
        assert not is_answered(guarded, peer)


def test_events_are_behind_the_door_too(guarded, keys):
    """A stranger hears nothing while a friend hears all."""
    friend, stranger = zmq.curve_keypair(), zmq.curve_keypair()
    keys.allow("friend", friend[0].decode())
    endpoint = guarded.bus.endpoint.text
    with (
        asking(endpoint, zmq.SUB, **shown(keys, friend)) as one,
        asking(endpoint, zmq.SUB, **shown(keys, stranger)) as other,
    ):
        for subscriber in (one, other):
            subscriber.setsockopt(zmq.SUBSCRIBE, b"")

        def is_heard():
            guarded.wake()
            return bool(one.poll(20))

        guarded.until(is_heard)
        assert not other.poll(50)


def test_a_revoked_key_is_thrown_out_at_once(guarded, keys):
    """Without a restart: its connections end, it can't come back, and others go on."""
    friend, traitor = zmq.curve_keypair(), zmq.curve_keypair()
    keys.allow("friend", friend[0].decode())
    keys.allow("traitor", traitor[0].decode())
    endpoint = guarded.control.endpoint.text
    with (
        asking(endpoint, **shown(keys, friend)) as good,
        asking(endpoint, **shown(keys, traitor)) as bad,
        asking(guarded.bus.endpoint.text, zmq.SUB, **shown(keys, traitor)) as listening,
    ):
        listening.setsockopt(zmq.SUBSCRIBE, b"")
        assert is_answered(guarded, good, tries=1_000)
        assert is_answered(guarded, bad, tries=1_000)

        def is_heard():
            guarded.wake()
            return bool(listening.poll(20))

        guarded.until(is_heard)
        keys.revoke("traitor")
        guarded.tend()
        guarded.until(lambda: guarded.control._socket._socket is not None)
        while listening.poll(100):
            listening.recv_multipart()
        assert not is_answered(guarded, bad)
        guarded.until(lambda: is_answered(guarded, good, tries=5))
        guarded.wake()
        assert not listening.poll(100)


def test_a_key_that_is_allowed_later_gets_in(guarded, keys):
    """Who was refused tries on by themselves, or comes again; no restart is needed."""
    late = zmq.curve_keypair()
    endpoint = guarded.control.endpoint.text
    with asking(endpoint, **shown(keys, late)) as peer:
        assert not is_answered(guarded, peer)
    keys.allow("late", late[0].decode())
    with asking(endpoint, **shown(keys, late)) as peer:
        assert is_answered(guarded, peer, tries=1_000)


def test_half_open_handshakes_hold_up_nobody(guarded, keys):
    """Many who connect and say nothing, or garbage."""
    friend = zmq.curve_keypair()
    keys.allow("friend", friend[0].decode())
    host, _, port = guarded.control.endpoint.text.removeprefix("tcp://").rpartition(":")
    raw = [socket.create_connection((host, int(port))) for _ in range(50)]
    for bare in raw[:25]:
        bare.sendall(b"\xff" + b"\0" * 8 + b"\x7f\x03\x00CURVE" + b"\0" * 60)
    with asking(guarded.control.endpoint.text, **shown(keys, friend)) as peer:
        assert is_answered(guarded, peer, tries=1_000)
    for bare in raw:
        bare.close()


def test_without_the_daemons_key_nothing_is_opened(tmp_path):
    """The line says which file is missing and how to make it; the ports stay free."""
    settings = BusSettings(events="tcp://127.0.0.1:5577", keys=str(tmp_path / "none"))
    with pytest.raises(
        KeysError, match=r"none/daemon\.secret: is not there; make it: wakeful keys"
    ):
        Loop(settings)


def test_private_keys_are_private(keys):
    """0600 as they are made; one that others may read is refused."""
    path = keys.folder / "daemon.secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.folder.stat().st_mode) == 0o700
    path.chmod(0o640)
    with pytest.raises(KeysError, match="chmod 600"):
        keys.secret("daemon")


def test_a_key_is_not_replaced_by_mistake(keys):
    """The old one stays until it is asked for twice."""
    before = keys.public("daemon")
    with pytest.raises(KeysError, match="is there already"):
        keys.make("daemon")
    assert keys.public("daemon") == before
    assert keys.make("daemon", replace=True) == keys.public("daemon") != before


def test_public_keys_can_be_typed(tmp_path):
    """None begins with what a command line takes for an option."""
    keys = KeyFolder(tmp_path)
    assert all(keys.make(f"k{n}")[0].isalnum() for n in range(100))


def test_the_list(keys):
    """Names come from files; what is no key lets nobody in and harms nobody."""
    public = zmq.curve_keypair()[0].decode()
    assert keys.allowed() == {}
    path = keys.allow("laptop", f"  {public}\n")
    (path.parent / "broken.public").write_bytes(b"\xff not a key")
    assert keys.allowed() == {public: "laptop"}
    with pytest.raises(KeysError, match=r"is not there; allowed are: laptop"):
        keys.revoke("desktop")
    keys.revoke("laptop")
    assert keys.allowed() == {}


def test_a_daemon_elsewhere_is_trusted_but_not_in_its_own_place(keys, tmp_path):
    """The daemon's own public key is not overwritten by another's."""
    public = zmq.curve_keypair()[0].decode()
    elsewhere = KeyFolder(tmp_path / "client")
    elsewhere.trust(public)
    assert elsewhere.public("daemon") == public
    with pytest.raises(KeysError, match="is that of a daemon here"):
        keys.trust(public)


@pytest.mark.parametrize(
    "name", ["", "..", "../x", "a/b", ".hidden", "-x", "a b", "a\nb", "x" * 65]
)
def test_names_are_plain(keys, name):
    """No name leads out of the folder."""
    with pytest.raises(KeyNameError, match="can't name a key"):
        keys.allow(name, keys.public("daemon"))


@given(st.binary(min_size=32, max_size=32))
def test_every_key_is_one(raw):
    """Any 32 bytes are, once written as ZeroMQ writes them."""
    text = z85.encode(raw).decode()
    assert checked(f" {text}\n") == text


@given(st.text(max_size=39) | st.text(min_size=41, max_size=60).filter(lambda t: t == t.strip()))
def test_anything_else_is_named(text):
    """What is no key is a line, not a traceback."""
    with pytest.raises(KeysError) as error:
        checked(text)
    assert str(error.value).isprintable()


def test_two_changes_within_a_tick_are_both_seen(keys, monkeypatch):
    """A folder's time of change may stand still: a fresh one is looked at again."""
    public = zmq.curve_keypair()[0].decode()
    allowed = AllowedList(keys)
    keys.allow("brief", public)
    frozen = keys.allowed_folder.stat()
    allowed.refresh()
    assert allowed.name_of(z85.decode(public)) == "brief"
    real = Path.stat
    monkeypatch.setattr(
        Path, "stat", lambda self, **k: frozen if self == keys.allowed_folder else real(self, **k)
    )
    keys.revoke("brief")
    assert allowed.refresh()
    assert allowed.name_of(z85.decode(public)) == ""


def test_a_settled_list_is_not_read_again(keys, monkeypatch):
    """Otherwise each round of the loop would read every key."""
    public = zmq.curve_keypair()[0].decode()
    path = keys.allow("friend", public)
    old = 1_000_000_000

    os.utime(path.parent, (old, old))
    allowed = AllowedList(keys)
    monkeypatch.setattr(keys, "allowed", lambda: pytest.fail("was read again"))
    assert not allowed.refresh()
    assert allowed.name_of(z85.decode(public)) == "friend"
    assert allowed.name_of(b"short") == ""
