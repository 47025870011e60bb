"""A subscriber that misses nothing which can still be had, and survives the daemon's restarts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import msgspec
import zmq
from zmq.utils.monitor import recv_monitor_message

from ..models.errors import WakefulError
from . import requests as r
from .caller import (
    Caller,
    NobodyAnswersError,
    NotLetInError,
    RefusedError,
    connected,
    found,
    unknown_key,
)
from .keys import key_folder
from .row import Item, Row, Seen, seen
from .settings import BusSettings

_ASK_PATIENCE_S = 2.0
_NEWS = zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_DISCONNECTED


class NoEventError(WakefulError):
    """What was published there is no event."""


class Subscription:
    """Connected to a daemon; to be closed. Raises `NobodyAnswersError` if none is there.

    It subscribes to all topics: gaps in the numbers show only to who gets every one.
    """

    def __init__(self, settings: BusSettings, since: int | None = None) -> None:
        self._settings = settings
        self.endpoint = found(settings, "events")
        self._row = Row(self._ask, since)
        self.is_connected = False
        """False too from when the daemon went until it is back."""
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        try:
            self._socket = connected(self._context, zmq.SUB, self.endpoint, key_folder(settings))
        except BaseException:
            self.close()
            raise
        self._socket.setsockopt(zmq.SUBSCRIBE, b"")
        self._news = self._socket.get_monitor_socket(_NEWS)
        self._poller = zmq.Poller()
        for socket in (self._socket, self._news):
            self._poller.register(socket, zmq.POLLIN)

    def wait(self, timeout_s: float) -> Iterator[Item]:
        """What has come, after waiting for it so long at most; nothing if nothing came.

        Raises a `WakefulError` when the daemon doesn't let us in, or is none.
        """
        self._poller.poll(round(timeout_s * 1_000))
        while self._news.poll(0):
            if self._is_welcome():
                yield from self._row.connected()
        with suppress(zmq.Again):
            while True:
                yield from self._row.live(_event(self._socket.recv_multipart(zmq.NOBLOCK)))

    def _is_welcome(self) -> bool:
        """Take up one piece of news of the connection; True if it has just come about."""
        news = recv_monitor_message(self._news)["event"]
        if news == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            raise NotLetInError(unknown_key(self.endpoint))
        self.is_connected = news == zmq.EVENT_HANDSHAKE_SUCCEEDED
        return self.is_connected

    def _ask(self, since: int | None) -> r.Events | None:
        try:
            with Caller(self._settings) as caller:
                reply = caller.ask(r.Replay(since=since), _ASK_PATIENCE_S)
        except (NobodyAnswersError, RefusedError):
            return None
        return reply if isinstance(reply, r.Events) else None

    def close(self) -> None:
        """Nothing more comes."""
        self._context.destroy(0)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()


def _event(frames: list[bytes]) -> Seen:
    try:
        return seen(frames[-1])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NoEventError(f"what was published is no event: {error}") from error
