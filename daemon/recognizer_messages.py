"""What the daemon and its recognizer's process say to each other: one message, one packet."""

from __future__ import annotations

import msgspec

from .recognizer import About, Heard, Manner
from .settings import RecognizerSettings


class Load(msgspec.Struct, frozen=True, tag=True):
    """The first message: load this."""

    settings: RecognizerSettings


class Task(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Make something of the first `samples` samples of a slot; none means that nobody spoke."""

    number: int
    slot: int
    samples: int
    about: About


class Loaded(msgspec.Struct, frozen=True, tag=True):
    """Ready for the first task, and how it may be asked."""

    manner: Manner = Manner()


class Unable(msgspec.Struct, frozen=True, tag=True):
    """The recognizer can't be loaded, and its process ends."""

    reason: str


class Done(msgspec.Struct, frozen=True, tag=True):
    """The answer to a task."""

    number: int
    heard: Heard


class Refused(msgspec.Struct, frozen=True, tag=True):
    """A task gets no answer."""

    number: int
    reason: str


Reply = Loaded | Unable | Done | Refused

LONGEST_BYTES = 1 << 17
"""No packet is longer: below what a socket takes at once."""

_ENCODER = msgspec.json.Encoder()
_FROM_DAEMON: msgspec.json.Decoder[Load | Task] = msgspec.json.Decoder(Load | Task)
_FROM_PROCESS: msgspec.json.Decoder[Reply] = msgspec.json.Decoder(Reply)


def encode(message: Load | Task | Reply) -> bytes:
    """One packet."""
    return _ENCODER.encode(message)


def decode_order(packet: bytes) -> Load | Task:
    """What the daemon wants."""
    return _FROM_DAEMON.decode(packet)


def decode_reply(packet: bytes) -> Reply:
    """What a recognizer's process says; raises `msgspec.DecodeError` for anything else."""
    return _FROM_PROCESS.decode(packet)
