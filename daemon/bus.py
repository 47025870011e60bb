"""The events' socket: each event, as it happens, to whoever subscribed, and the last ones kept.

A message is two frames, the event's kind as its topic and the event as JSON. Who reads too slowly
misses some, sees it by the numbers, and asks the control socket for them: nobody holds up the loop.
"""

from __future__ import annotations

import secrets

import zmq

from .bound import LINGER_MS, Bound
from .companion import Silent
from .doorkeeper import Doorkeeper
from .endpoints import to_bind
from .events import Event, encode
from .kept import KeptEvents
from .keys import key_folder
from .pipeline import Pipeline
from .settings import BusSettings

_LIMITS: dict[int, int | bytes] = {
    zmq.SNDHWM: 1_000,  # events that wait for one slow subscriber: some hundred kilobytes
    zmq.RCVHWM: 100,
    zmq.MAXMSGSIZE: 1_024,  # what subscribers send is topics
}


class Bus(Silent):
    """A companion that publishes; raises a `WakefulError` when it can't.

    It owns what `Control` needs too: ZeroMQ's context, the kept events, and who is at the door.
    """

    def __init__(self, settings: BusSettings) -> None:
        self.run = secrets.token_hex(8)
        self.kept = KeptEvents(settings.keep_events)
        self.keys = key_folder(settings)
        endpoint = to_bind(settings, "events")
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._bound: list[Bound] = []
        self._door: Doorkeeper | None = None
        try:
            if self.keys:
                self._door = Doorkeeper(self.context, self.keys)
            self._socket = Bound(self.context, zmq.PUB, endpoint, self.keys, _LIMITS)
        except BaseException:
            self.close()
            raise
        self.endpoint = endpoint
        self.attach(self._socket)

    def attach(self, bound: Bound) -> None:
        """One more socket to be tended, and its place given back at the end."""
        self._bound.append(bound)

    def event(self, event: Event) -> None:
        """Keep it, then send it: who hears of it can ask for it."""
        body = encode(event)
        self.kept.add(event.seq, body)
        self._socket.send([str(event.__struct_config__.tag).encode(), body])

    def heard(self, pipeline: Pipeline) -> None:
        """Let new subscribers in."""
        self.idle()

    def idle(self) -> None:
        """The same: it happens between two pieces of sound, or while there are none."""
        if self._door and self._door.tend():
            # Their connections live on otherwise, and a publisher can't hang up on one of many.
            for bound in self._bound:
                bound.renew()
        for bound in self._bound:
            bound.tend()

    def close(self) -> None:
        """Send what is left, for a fifth of a second at most."""
        for bound in self._bound:
            bound.close()
        if self._door:
            self._door.close()
        self.context.destroy(LINGER_MS)
        for bound in self._bound:
            bound.release()
