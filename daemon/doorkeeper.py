"""Who may connect: ZeroMQ asks at each handshake (ZAP, RFC 27), and the folder of keys answers.

No thread: `tend` answers who is waiting and returns. A handshake takes that much longer, up to a
tenth of a second, and the loop nothing.
"""

from __future__ import annotations

import time
from contextlib import suppress

import zmq
from zmq.utils import z85

from .keys import ZAP_DOMAIN, KeyFolder

_AT_ONCE = 8
"""So many are answered in one call: a crowd at the door must not hold up the loop."""

_COARSE_S = 1.0
"""A folder's time of change may stand still for so long, whatever is changed in it."""


class Doorkeeper:
    """Answers for all sockets of one context; there can be only one of them."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], keys: KeyFolder) -> None:
        self._list = AllowedList(keys)
        self._socket = context.socket(zmq.REP)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.bind("inproc://zeromq.zap.01")

    def tend(self) -> bool:
        """Answer those who wait; True if somebody was revoked since the last call."""
        is_revoked = self._list.refresh()
        with suppress(zmq.Again):
            for _ in range(_AT_ONCE):
                question = self._socket.recv_multipart(zmq.NOBLOCK)
                self._socket.send_multipart(self._answer(question), zmq.NOBLOCK)
        return is_revoked

    def _answer(self, question: list[bytes]) -> list[bytes]:
        version, request, domain, _address, _identity, mechanism, *credentials = question
        name = ""
        if (domain, mechanism) == (ZAP_DOMAIN, b"CURVE") and len(credentials) == 1:
            name = self._list.name_of(credentials[0])
        verdict = [b"200", b"OK"] if name else [b"400", b"this key is not on the list"]
        return [version, request, *verdict, name.encode(), b""]

    def close(self) -> None:
        """Nobody gets in any more."""
        self._socket.close(0)


class AllowedList:
    """The allowed keys, read again when their folder has changed."""

    def __init__(self, keys: KeyFolder) -> None:
        self._keys = keys
        self._names: dict[str, str] = {}
        self._seen: int | None = None
        self.refresh()

    def refresh(self) -> bool:
        """Look whether it has changed; True if a key is no longer in it."""
        changed_ns = self._changed_ns()
        if changed_ns == self._seen:
            return False
        # What was changed just now may change once more within the same tick of the file system.
        is_settled = abs(time.time() - changed_ns / 1e9) > _COARSE_S
        before, self._names = self._names, self._keys.allowed()
        self._seen = changed_ns if is_settled else None
        return not before.keys() <= self._names.keys()

    def name_of(self, credential: bytes) -> str:
        """Whose 32 bytes these are; empty if they are nobody's who is allowed."""
        if len(credential) != 32:
            return ""
        return self._names.get(z85.encode(credential).decode(), "")

    def _changed_ns(self) -> int:
        try:
            return self._keys.allowed_folder.stat().st_mtime_ns
        except OSError:
            return 0
