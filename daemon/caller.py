"""Asking a running daemon: a request, one reply, or a line that says why there is none."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import NoReturn

import msgspec
import zmq

from ..models.errors import UsageError, WakefulError
from . import requests as r
from .claim import is_answered
from .endpoints import Endpoint, Which, expected, to_connect
from .keys import KeyFolder, key_folder
from .settings import BusSettings

PATIENCE_S = 3.0
ADVICE = "start it with  wakeful daemon  or  wakeful service install"


class NobodyAnswersError(WakefulError):
    """No daemon is there, or it hangs."""


class NotLetInError(WakefulError):
    """A daemon is there, and it isn't ours to ask."""


class RefusedError(WakefulError):
    """The daemon answered that it can't or won't."""


def found(settings: BusSettings, which: Which) -> Endpoint:
    """Where the daemon's socket is; raises `NobodyAnswersError` if none lives there."""
    endpoint = to_connect(settings, which)
    if endpoint is None:
        raise NobodyAnswersError(f"no daemon at {expected(settings, which)}; {ADVICE}")
    if endpoint.path:
        try:
            if is_answered(endpoint.path):
                return endpoint
        except PermissionError as error:
            raise NotLetInError(
                f"the daemon at {endpoint.text} is another user's: ask it as that user, or as root"
            ) from error
        raise NobodyAnswersError(f"no daemon at {endpoint.text} any more; {ADVICE}")
    return endpoint


def unknown_key(endpoint: Endpoint) -> str:
    """What to do about a daemon that hangs up on us at the handshake."""
    return f"the daemon at {endpoint.text} doesn't know our key; there: wakeful keys allow NAME KEY"


def connected(
    context: zmq.Context[zmq.Socket[bytes]], kind: int, endpoint: Endpoint, keys: KeyFolder | None
) -> zmq.Socket[bytes]:
    """A client's socket, which comes back by itself when the daemon does."""
    if endpoint.is_beyond and keys is None:
        raise UsageError(
            f"{endpoint.text}: is another machine; make a key (wakeful keys new client), have it "
            "allowed there, trust its daemon's here, and set bus.keys to their folder"
        )
    options: dict[int, int | bytes] = {zmq.LINGER: 0, zmq.IPV6: 1, zmq.RECONNECT_IVL_MAX: 1_000}
    if keys and not endpoint.path:
        options |= keys.client_options()
    socket = context.socket(kind)
    for option, value in options.items():
        socket.setsockopt(option, value)
    socket.connect(endpoint.text)
    return socket


class Caller:
    """One who asks, one request after the other; to be closed.

    Raises a `WakefulError` if no daemon is there.
    """

    def __init__(self, settings: BusSettings) -> None:
        self.endpoint = found(settings, "control")
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        try:
            keys = key_folder(settings)
            self._socket = connected(self._context, zmq.DEALER, self.endpoint, keys)
        except BaseException:
            self.close()
            raise
        self._refusals = self._socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
        self._poller = zmq.Poller()
        for socket in (self._socket, self._refusals):
            self._poller.register(socket, zmq.POLLIN)
        self._asked = 0

    def ask(self, request: r.Request, patience_s: float = PATIENCE_S) -> r.AnyReply:
        """Its reply; raises `RefusedError` for a `Failure`, `NobodyAnswersError` for silence."""
        self._asked += 1
        request = msgspec.structs.replace(request, id=str(self._asked))
        with suppress(zmq.Again):  # Earlier requests wait still: the silence says what is wrong.
            self._socket.send(r.encode(request), zmq.NOBLOCK)
        reply = self._reply_to(request.id, time.monotonic() + patience_s)
        if reply is None:
            self._raise_silence(patience_s)
        if isinstance(reply, r.Failure):
            raise RefusedError(reply.message)
        return reply

    def _reply_to(self, asked_as: str, until: float) -> r.AnyReply | None:
        """What comes to an earlier request, too late, is passed over."""
        while (left_s := until - time.monotonic()) > 0:
            if (self._socket, zmq.POLLIN) not in self._poller.poll(round(left_s * 1_000)):
                return None  # It is too late, or we were refused.
            try:
                reply = r.decode_reply(self._socket.recv_multipart()[-1])
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise NobodyAnswersError(
                    f"{self.endpoint.text}: its answer makes no sense ({error}); is this a "
                    "wakeful daemon, and of this version?"
                ) from error
            if reply.id in (asked_as, ""):
                return reply
        return None

    def _raise_silence(self, patience_s: float) -> NoReturn:
        if self._refusals.poll(0):
            raise NotLetInError(unknown_key(self.endpoint))
        raise NobodyAnswersError(f"no answer from {self.endpoint.text} within {patience_s:g} s")

    def close(self) -> None:
        """Nothing is asked any more."""
        self._context.destroy(0)

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()
