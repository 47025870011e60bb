"""The daemon's loop as far as its sockets see it: a real bus and a real control, tended as there.

`running` has them in a thread; an error in that thread fails the test. What the loop would do when
it is steered is kept by `Wheel`.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import zmq
from wakeful.daemon import events, requests
from wakeful.daemon.bus import Bus
from wakeful.daemon.control import Control
from wakeful.daemon.settings import BusSettings
from wakeful.models.errors import UsageError

PATIENCE_S = 30.0
"""Far more than anything here takes: a busy machine is no failure."""


class Wheel:
    """What was steered, and how the daemon stands."""

    def __init__(self) -> None:
        self.done: list[object] = []
        self.thresholds = {"activate": 0.5, "computer": 0.6}
        self.is_ready = True
        self.is_muted = False

    def status(self) -> requests.Standing:
        """As the test has it."""
        return requests.Standing(
            ready=self.is_ready,
            source="mic:test",
            models=list(self.thresholds),
            thresholds=dict(self.thresholds),
            muted=self.is_muted,
            lost=False,
            heard_s=1.5,
            wakes=2,
        )

    def mute(self) -> None:
        """Kept."""
        self.is_muted = True

    def unmute(self) -> None:
        """Kept."""
        self.is_muted = False

    def threshold(self, threshold: float, model: str | None) -> None:
        """Set, or refused for a model that isn't there."""
        if model and model not in self.thresholds:
            raise UsageError(f"there is no model {model}")
        for name in [model] if model else self.thresholds:
            self.thresholds[name] = threshold

    def reload(self) -> None:
        """Kept."""
        self.done.append("reload")

    def stop(self) -> None:
        """Kept."""
        self.done.append("stop")


class Loop:
    """A bus with its control, and events for it, numbered and dated as the loop does it."""

    def __init__(self, settings: BusSettings, wheel: Wheel | None = None) -> None:
        self.wheel = wheel or Wheel()
        self.bus = Bus(settings)
        try:
            self.control = Control(settings, self.wheel, self.bus)
        except BaseException:
            self.bus.close()
            raise
        self._stamp = events.Stamp("mic:test", 1_000.0)

    def tend(self) -> None:
        """What happens between two pieces of sound."""
        self.bus.idle()
        self.control.idle()

    def tell(self, make: Callable[..., events.Event], **fields: object) -> events.Event:
        """An event happens."""
        event = make(**fields, **self._stamp.at(16_000))
        self.bus.event(event)
        self.control.event(event)
        return event

    def wake(self, keyword: str = "activate") -> events.Event:
        """The word was heard."""
        return self.tell(events.Wake, keyword=keyword, model="activate", score=0.97)

    def until(self, is_so: Callable[[], bool]) -> None:
        """Tend until something has come about."""
        end = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < end, "waited for it in vain"
            self.tend()
            time.sleep(0.005)

    def close(self) -> None:
        """As at the daemon's end."""
        self.control.close()
        self.bus.close()


class Running:
    """A loop in its thread; what is to be done there is handed in."""

    def __init__(self, settings: BusSettings) -> None:
        self.wheel = Wheel()
        self._settings = settings
        self._work: queue.SimpleQueue[Callable[[Loop], object]] = queue.SimpleQueue()
        self._ended, self._up = threading.Event(), threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._up.wait(PATIENCE_S)

    def _run(self) -> None:
        try:
            loop = Loop(self._settings, self.wheel)
            self._up.set()
            while not self._ended.is_set() or not self._work.empty():
                while not self._work.empty():
                    self._work.get()(loop)
                loop.tend()
                self._ended.wait(0.005)
            loop.close()
        except BaseException as failure:
            self._failure = failure
        finally:
            self._up.set()

    def do(self, work: Callable[[Loop], object]) -> None:
        """Have it done in the loop's thread, soon."""
        self._work.put(work)

    def end(self) -> None:
        """Stop; raises what went wrong in the thread."""
        self._ended.set()
        self._thread.join(PATIENCE_S)
        if self._failure:
            raise self._failure


@contextmanager
def running(settings: BusSettings) -> Iterator[Running]:
    """A loop that runs while the context lasts."""
    loop = Running(settings)
    try:
        yield loop
    finally:
        loop.end()


@contextmanager
def asking(endpoint: str, kind: int = zmq.DEALER, **options: object) -> Iterator[zmq.Socket[bytes]]:
    """A plain ZeroMQ socket, as any program would have it; gone with its context."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    try:
        socket = context.socket(kind)
        for name, value in options.items():
            setattr(socket, name, value)
        socket.connect(endpoint)
        yield socket
    finally:
        context.destroy(0)


def in_folder(folder: Path, **others: object) -> BusSettings:
    """Sockets in a folder of the test."""
    places = {name: f"ipc://{folder / name}.sock" for name in ("events", "control")}
    return BusSettings(**(places | others))  # type: ignore[arg-type]
