"""Events for a command that runs on and on: it waits for the daemon, and says what went wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator

from .caller import PATIENCE_S, NobodyAnswersError
from .endpoints import expected
from .row import Began, Missed, Seen
from .settings import BusSettings
from .subscription import Subscription

TICK_S = 0.1
_LOOK_S = 0.3


def following(
    settings: BusSettings, since: int | None, say: Callable[[str], None]
) -> Iterator[Seen | None]:
    """Events in their order for ever; None every `TICK_S` or so, for who has other things to do.

    What a person should know of the connection is given to `say`, a line at a time.
    """
    with (yield from _subscribed(settings, since, say)) as subscription:
        presence = _Presence(subscription, say)
        while True:
            for item in subscription.wait(TICK_S):
                match item:
                    case Seen():
                        yield item
                    case Missed():
                        say(f"events {item.first} to {item.last} can't be had any more")
                    case Began():
                        say("the daemon was started anew: its events count from 0 again")
            presence.look()
            yield None


def _subscribed(
    settings: BusSettings, since: int | None, say: Callable[[str], None]
) -> Generator[None, None, Subscription]:
    is_said = False
    while True:
        try:
            return Subscription(settings, since)
        except NobodyAnswersError:
            if not is_said:
                say(f"no daemon at {expected(settings, 'events')}; waiting for one")
            is_said = True
        time.sleep(_LOOK_S)
        yield None


class _Presence:
    """Says that the daemon is gone, or never was there, and that it is back."""

    def __init__(self, subscription: Subscription, say: Callable[[str], None]) -> None:
        self._subscription, self._say = subscription, say
        self._away_since = time.monotonic()
        self._was_connected = self._is_said = False

    def look(self) -> None:
        """A connection takes its time: before that nothing is said."""
        now, is_connected = time.monotonic(), self._subscription.is_connected
        if is_connected and self._is_said:
            self._say("the daemon is there")
            self._is_said = False
        elif not is_connected and self._was_connected:
            self._away_since = now
        elif not is_connected and not self._is_said and now - self._away_since > PATIENCE_S:
            self._say(f"no daemon at {self._subscription.endpoint.text}; waiting for it")
            self._is_said = True
        self._was_connected = is_connected
