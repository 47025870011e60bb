"""The recognizer that asks a Wyoming service: a real one, in another process, and broken ones."""

import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from wakeful.daemon.recognizer import HeardText, RecognizerError, check, load_recognizer
from wakeful.daemon.settings import RecognizerSettings
from wakeful.daemon.wyoming_recognizer import WyomingError
from wakeful.models.errors import UsageError

pytest.importorskip("wyoming", reason="needs the wyoming extra")
pytestmark = pytest.mark.filterwarnings("ignore:'audioop' is deprecated:DeprecationWarning")
SERVICE = Path(__file__).with_name("wyoming_service.py")


@contextmanager
def serving(path, mode):
    """A service, once it can be connected to."""
    process = subprocess.Popen([sys.executable, SERVICE, path, mode])
    try:
        until = time.monotonic() + 60
        while not accepts(path):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        yield f"unix://{path}"
    finally:
        process.kill()
        process.wait()


def accepts(path):
    """Whether somebody listens there: a socket's name is there before it can be connected to."""
    with socket.socket(socket.AF_UNIX) as peer:
        return peer.connect_ex(str(path)) == 0


def settings(address, **given):
    """Of this recognizer."""
    return RecognizerSettings(kind="wyoming", address=address, **given)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """One that answers with what it was given."""
    with serving(tmp_path_factory.mktemp("w") / "s", "facts") as address:
        yield address


def test_every_sample_arrives(service):
    """However long it is, as the service counts them; its line breaks become spaces."""
    recognizer = load_recognizer(settings(service, language="de"))
    for count in (1, 4_095, 4_096, 4_097, 100_000):
        samples = np.random.default_rng(count).integers(-9_000, 9_000, count).astype(np.int16)
        samples[0] = 77
        said = f"{count} samples, {int(samples.sum())} in all, de"
        assert recognizer.recognize(samples) == HeardText(text=said, confidence=1.0)


def test_nothing_understood_is_an_answer(service):
    """An empty text, of which nobody is sure."""
    heard = load_recognizer(settings(service)).recognize(np.zeros(16_000, np.int16))
    assert heard == HeardText(text="", confidence=0.0)


@pytest.mark.parametrize(
    ("mode", "fault", "told"),
    [
        ("tts", WyomingError, "but for no speech to text"),
        ("error", RecognizerError, "no model is loaded"),
        ("mute", WyomingError, "no answer within 0.5 s"),
    ],
)
def test_a_service_that_cannot_is_named(tmp_path, mode, fault, told):
    """Its address, and what is wrong, in one line."""
    with serving(tmp_path / "s", mode) as address:
        with pytest.raises(fault, match=told) as error:
            load_recognizer(settings(address, deadline_s=0.5 if mode == "mute" else 60)).recognize(
                np.ones(9, np.int16)
            )
        assert address in str(error.value)


def test_a_service_that_dies_costs_one_answer(tmp_path):
    """It is refused in one line; the next service at that address is asked again."""
    path = tmp_path / "s"
    with serving(path, "facts") as address:
        recognizer = load_recognizer(settings(address))
    with pytest.raises(RecognizerError, match="does the service run there"):
        recognizer.recognize(np.ones(9, np.int16))
    path.unlink()
    with serving(path, "facts"):
        heard = recognizer.recognize(np.ones(9, np.int16))
    assert isinstance(heard, HeardText)
    assert heard.text.startswith("9 samples")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"[1]\n",
        b'{"type": 5, "data": 5}\n',
        b'{"type": "info", "data": {"asr": 5}}\n',
        b'{"type": "info", "data": {"asr": [{}]}}\n',
        b'{"type": "info", "data_length": 99}\n{}',
        b'{"no": 1}\n',
        b"\xff\xfe\n",
    ],
)
def test_what_speaks_no_wyoming_is_told_in_one_line(answer):
    """Whatever it sends before it closes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        thread = threading.Thread(target=answer_once, args=(server, answer))
        thread.start()
        with pytest.raises(WyomingError, match="tcp://127") as error:
            load_recognizer(settings(address))
        assert "\n" not in str(error.value)
        thread.join()


def answer_once(server, answer):
    """To the first that asks."""
    peer, _ = server.accept()
    with peer:
        peer.recv(1_000)
        peer.sendall(answer)


@pytest.mark.parametrize("address", ["", "server", "tcp://server", "http://a:1", "tcp://a:b", "["])
def test_an_address_is_needed(address):
    """Before anything is connected to."""
    with pytest.raises(UsageError, match=r"recognizer\.address.*tcp://HOST:PORT"):
        check(settings(address))
