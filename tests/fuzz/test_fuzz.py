"""Whatever reads input from outside takes it or refuses it in one line, however it is broken."""

import contextlib

import numpy as np
import pytest
import zmq
from bus_loop import Loop, asking, in_folder
from hypothesis import given, settings
from hypothesis import strategies as st
from mutation import mutated
from targets import TARGETS, NotOneLineError, Target, found_cases
from wakeful.daemon import requests
from wakeful.models.errors import WakefulError

FOUND = [(name, path) for name in TARGETS for path in found_cases(name)]


@pytest.mark.parametrize(("name", "path"), FOUND, ids=lambda value: getattr(value, "name", value))
def test_what_was_found_once_is_mended(name, path):
    """Inputs on which a reader once failed are read or refused as one does."""
    TARGETS[name](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_taken(name):
    """Broken input is made of good one: every seed is read without a word."""
    for seed in TARGETS[name].seeds():
        TARGETS[name].read(seed)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1))
def test_broken_input_is_refused_in_one_line(name, seed):
    """Good input, changed in some places at random, brings about nothing but a refusal."""
    TARGETS[name](mutated(TARGETS[name].seeds(), np.random.default_rng(seed)))


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=40)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_refused_in_one_line(name, data):
    """So does anything at all."""
    TARGETS[name](data)


def test_a_failure_is_a_finding():
    """The harness sees what it is there for: a traceback, and a refusal of two lines."""

    def fail(_data):
        raise ZeroDivisionError

    def two_lines(_data):
        raise WakefulError("one\ntwo")

    with pytest.raises(ZeroDivisionError):
        Target(fail, list)(b"")
    with pytest.raises(NotOneLineError):
        Target(two_lines, list)(b"")


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    """A bus and its control in a folder of their own."""
    loop = Loop(in_folder(tmp_path_factory.mktemp("bus")))
    yield loop
    loop.close()


@settings(max_examples=60)
@given(frames=st.lists(st.binary(max_size=200), min_size=1, max_size=6), seed=st.integers(0, 999))
def test_the_control_socket_answers_after_anything(loop, frames, seed):
    """Frames of any number and content, and broken requests, keep nobody else from an answer."""
    broken = mutated(TARGETS["request"].seeds(), np.random.default_rng(seed))
    with asking(loop.control.endpoint.text, zmq.DEALER) as hostile:
        for message in (frames, [broken], [b"", broken]):
            with contextlib.suppress(zmq.Again):
                hostile.send_multipart(message, zmq.NOBLOCK)
        with asking(loop.control.endpoint.text) as peer:
            peer.send(requests.encode(requests.AskStatus(id="me")))
            loop.until(lambda: bool(peer.poll(1)))
            assert isinstance(requests.decode_reply(peer.recv()), requests.Status)
