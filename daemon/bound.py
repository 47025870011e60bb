"""A server's socket at its endpoint: open to nobody else, and to no one who is slow or hostile."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress

import zmq

from ..models.errors import UsageError
from .claim import Claim, PlaceError
from .endpoints import Endpoint
from .keys import KeyFolder

LINGER_MS = 200
"""How long a closed socket may go on sending: enough for ``bye``, no hold-up for the end."""

_HANDSHAKE_MS = 5_000
"""Who has not said by then who they are is hung up on."""


class KeysNeededError(UsageError):
    """A place that other machines can reach, and no keys."""


class Bound:
    """A bound socket, none of whose calls waits; raises a `WakefulError` when it can't be had.

    `limits` are further options of ZeroMQ's: queue lengths, the size of a message.
    """

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        kind: int,
        endpoint: Endpoint,
        keys: KeyFolder | None,
        limits: Mapping[int, int | bytes],
    ) -> None:
        check_reach(endpoint, keys)
        self._context, self._kind, self.endpoint = context, kind, endpoint
        # Within this machine the rights of the socket's file say who may connect.
        curve = keys.daemon_options() if keys and not endpoint.path else {}
        self._options = {**limits, **curve}
        self._claim = Claim(endpoint.path) if endpoint.path else None
        self._socket: zmq.Socket[bytes] | None = None
        self.renewals = 0
        """How often everybody was hung up on: half a message from before has no other half."""
        try:
            self._socket = self._open()
        except zmq.ZMQError as error:
            self.release()
            reason = f"{error.strerror}; is something else there?"
            raise PlaceError(f"{endpoint.text}: can't be listened at: {reason}") from error

    def send(self, frames: Sequence[bytes]) -> None:
        """Send a message to whom it may concern; who can't take it at once doesn't get it."""
        if self._socket:
            with suppress(zmq.Again):
                self._socket.send_multipart(frames, zmq.NOBLOCK)

    def receive(self) -> tuple[bytes, bool] | None:
        """A frame, and whether it was its message's last; None when there is none."""
        if self._socket:
            with suppress(zmq.Again):
                frame = self._socket.recv(zmq.NOBLOCK)
                return frame, not self._socket.getsockopt(zmq.RCVMORE)
        return None

    def tend(self) -> None:
        """Let ZeroMQ take up new peers, which it does in calls alone; go on with a renewal."""
        if self._socket:
            self._socket.getsockopt(zmq.EVENTS)
            return
        # The port may not be free yet: the next call tries again.
        with suppress(zmq.ZMQError):
            self._socket = self._open()

    def renew(self) -> None:
        """Hang up on everybody; who comes back, within a moment, shows their key again."""
        if self._socket:
            self._socket.close(0)
        self._socket = None
        self.renewals += 1

    def close(self) -> None:
        """Send what is left, in a thread of ZeroMQ's; a second call does nothing."""
        if self._socket:
            self._socket.close(LINGER_MS)
        self._socket = None

    def release(self) -> None:
        """Give the place back. After the context's end: until then ZeroMQ may yet clear it away."""
        if self._claim:
            self._claim.release()

    def _open(self) -> zmq.Socket[bytes]:
        opened = self._context.socket(self._kind)
        try:
            self._prepare(opened)
            _bind_privately(opened, self.endpoint.text)
        except BaseException:
            opened.close(0)
            raise
        return opened

    def _prepare(self, opened: zmq.Socket[bytes]) -> None:
        opened.setsockopt(zmq.LINGER, LINGER_MS)
        opened.setsockopt(zmq.HANDSHAKE_IVL, _HANDSHAKE_MS)
        opened.setsockopt(zmq.TCP_KEEPALIVE, 1)
        opened.setsockopt(zmq.IPV6, int("[" in self.endpoint.text))
        for option, value in self._options.items():
            opened.setsockopt(option, value)


def check_reach(endpoint: Endpoint, keys: KeyFolder | None) -> None:
    """Raises a `UsageError` unless this may be bound: beyond this machine, only with keys."""
    if endpoint.is_beyond and keys is None:
        raise KeysNeededError(
            f"{endpoint.text}: other machines could reach it; name 127.0.0.1, or make keys "
            "(wakeful keys new daemon) and set bus.keys to their folder"
        )
    if not endpoint.is_numeric:
        raise UsageError(
            f"{endpoint.text}: is a name; to listen there, give the address, or * for all of them"
        )


def _bind_privately(opened: zmq.Socket[bytes], text: str) -> None:
    """Bind, which ZeroMQ does in this very call: its file is ours alone from its first moment."""
    before = os.umask(0o177)
    try:
        opened.bind(text)
    finally:
        os.umask(before)
