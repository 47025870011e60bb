"""The control socket: answers what is asked, one reply to each request, and never raises or waits.

Whoever may connect may send anything: each message is answered by what it asked for or by one named
error. Only so many are looked at in one call, so that a flood of them costs the flooder its answers
and not us the sound.
"""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Protocol, TypedDict

import msgspec
import zmq

from ..models.errors import WakefulError
from . import requests as r
from .bound import Bound
from .bus import Bus
from .companion import Silent
from .endpoints import EndpointError, to_bind
from .inbox import Inbox, Letter
from .pipeline import Pipeline
from .settings import BusSettings

_LIMITS: dict[int, int | bytes] = {
    zmq.SNDHWM: 100,  # replies that wait for one who doesn't read them
    zmq.RCVHWM: 64,
    zmq.MAXMSGSIZE: 65_536,
}
_AT_ONCE = 16
_MOST_WAITING = 64


class Steer(Protocol):
    """What can be done to the daemon from outside: the loop's side of the requests.

    Each is called in the loop's thread and returns at once. A `WakefulError` is the asker's answer.
    """

    def status(self) -> r.Standing:
        """How it is."""

    def mute(self) -> None:
        """Hear nothing from now on."""

    def unmute(self) -> None:
        """Listen again."""

    def threshold(self, threshold: float, model: str | None) -> None:
        """Another threshold, of one model or of all; raises a `WakefulError` for an unknown one."""

    def reload(self) -> None:
        """Begin to read the configuration again."""

    def stop(self) -> None:
        """End soon, with `bye`."""


class Where(TypedDict):
    """The fields that every reply carries."""

    run: str
    last: int


class Control(Silent):
    """A companion that answers; raises a `WakefulError` when it can't be reached."""

    def __init__(self, settings: BusSettings, steer: Steer, bus: Bus) -> None:
        self.endpoint = to_bind(settings, "control")
        if self.endpoint == bus.endpoint:
            raise EndpointError(
                f"bus.control: {self.endpoint.text} is bus.events' place already; name another"
            )
        self._steer, self._bus = steer, bus
        self._socket = Bound(bus.context, zmq.ROUTER, self.endpoint, bus.keys, _LIMITS)
        bus.attach(self._socket)
        self._inbox = Inbox(self._socket)
        self._version = version("wakeful")
        self._waiting: list[tuple[Letter, str]] = []

    def heard(self, pipeline: Pipeline) -> None:
        """Answer what was asked meanwhile."""
        self.idle()

    def idle(self) -> None:
        """The same; and tell those who wait for it once it listens."""
        if self._waiting and self._steer.status().ready:
            waiting, self._waiting = self._waiting, []
            for letter, asked_as in waiting:
                self._socket.send(letter.answered(r.encode(self._status(asked_as))))
        for letter in self._inbox.letters(_AT_ONCE):
            reply = self._reply(letter)
            if reply:
                self._socket.send(letter.answered(r.encode(reply)))

    def close(self) -> None:
        """Send what is left."""
        self._socket.close()

    def _reply(self, letter: Letter) -> r.Reply | None:
        try:
            request = r.decode_request(letter.body)
        except r.RequestError as error:
            return r.Failure(id="", error=error.error, message=error.message, **self._where())
        try:
            return self._done(request, letter)
        except WakefulError as error:
            return r.Failure(id=request.id, error="refused", message=str(error), **self._where())

    def _done(self, request: r.AnyRequest, letter: Letter) -> r.Reply | None:
        match request:
            case r.AskStatus():
                return self._status(request.id)
            case r.AskReady():
                return self._when_ready(request, letter)
            case r.Replay():
                return self._events(request)
            case r.Mute():
                self._steer.mute()
            case r.Unmute():
                self._steer.unmute()
            case r.SetThreshold():
                self._steer.threshold(request.threshold, request.model)
            case r.Reload():
                self._steer.reload()
            case r.Stop():
                self._steer.stop()
        return r.Done(id=request.id, **self._where())

    def _when_ready(self, request: r.AskReady, letter: Letter) -> r.Reply | None:
        if self._steer.status().ready:
            return self._status(request.id)
        if len(self._waiting) >= _MOST_WAITING:
            message = f"{_MOST_WAITING} wait already"
            return r.Failure(id=request.id, error="refused", message=message, **self._where())
        self._waiting.append((letter, request.id))
        return None

    def _status(self, asked_as: str) -> r.Status:
        return r.Status(
            id=asked_as,
            kept_from=self._bus.kept.first,
            version=self._version,
            pid=os.getpid(),
            **self._where(),
            **msgspec.structs.asdict(self._steer.status()),
        )

    def _events(self, request: r.Replay) -> r.Events:
        kept = self._bus.kept
        since = kept.last + 1 if request.since is None else request.since
        page = kept.since(since, request.most)
        return r.Events(
            id=request.id,
            events=[msgspec.Raw(body) for body in page.bodies],
            kept_from=kept.first,
            next=page.next,
            **self._where(),
        )

    def _where(self) -> Where:
        return {"run": self._bus.run, "last": self._bus.kept.last}
