"""What systemd is told: ready, reloading, stopping, how it is, and that sound still advances.

The watchdog is fed from `heard` alone, which the loop calls after sound has gone through the whole
pipeline, and from `idle` while the microphone is known to be gone and is looked for: to be deaf and
say so is not to hang. No timer feeds it.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from .companion import Silent
from .events import AudioLost, AudioRestored, Bye, ConfigReloaded, Event, Heartbeat, Muted, Ready
from .pipeline import Pipeline

_START_S = 30
"""While there is no microphone yet the start takes as long as it takes, told every so often."""


class ServiceManager:
    """Who started us, as far as it wants to hear from us (sd_notify(3)); never waits, never fails.

    `environment` holds ``NOTIFY_SOCKET``, a path or, after an ``@``, an abstract name.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.watchdog_s = _watchdog_s(environment) if address else 0.0
        """How long it waits for a sign of life; 0: it doesn't ask for any."""

    def tell(self, **facts: object) -> None:
        """As in ``tell(READY=1, STATUS="listening")``; nobody to tell, or none who reads: lost."""
        if not self._address:
            return
        # A line is a fact: what a device is called must not become another one.
        lines = (f"{key}={' '.join(str(value).split())}" for key, value in facts.items())
        text = "\n".join(lines)
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.setblocking(False)
            to.sendto(text.encode(errors="replace"), self._address)


def _watchdog_s(environment: Mapping[str, str]) -> float:
    pid, usec = environment.get("WATCHDOG_PID", ""), environment.get("WATCHDOG_USEC", "")
    return int(usec) / 1e6 if usec.isdecimal() and pid in {"", str(os.getpid())} else 0.0


class Watchdog(Silent):
    """Tells the service manager, as a companion; `clock` can be replaced in tests."""

    def __init__(
        self, manager: ServiceManager, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._manager, self._clock = manager, clock
        self._is_ready = False
        self._samples = 0
        self._next_ping_s = self._next_plea_s = 0.0
        self._names = self._source = ""

    def reloading(self) -> None:
        """A reload begins; `config.reloaded` ends it."""
        self._manager.tell(RELOADING=1, MONOTONIC_USEC=time.monotonic_ns() // 1_000)

    def heard(self, pipeline: Pipeline) -> None:
        """The sign of life, if there was more sound than at the last one."""
        if not self._is_ready:
            self._is_ready = True
            self._manager.tell(READY=1, STATUS=self._listening())
        if pipeline.samples > self._samples:
            self._ping()
            self._samples = pipeline.samples

    def idle(self) -> None:
        """The sign of life of the loop that looks for its microphone."""
        if not self._is_ready and self._clock() >= self._next_plea_s:
            self._next_plea_s = self._clock() + _START_S / 2
            self._manager.tell(EXTEND_TIMEOUT_USEC=_START_S * 1_000_000)
        self._ping()

    def _ping(self) -> None:
        if self._manager.watchdog_s and self._clock() >= self._next_ping_s:
            self._next_ping_s = self._clock() + self._manager.watchdog_s / 2
            self._manager.tell(WATCHDOG=1)

    def event(self, event: Event) -> None:
        """What changes how it is."""
        match event:
            case Ready():
                self._names, self._source = ", ".join(event.models), event.source
            case AudioLost():
                self._manager.tell(STATUS=f"deaf: {event.reason}")
            case AudioRestored():
                self._source = event.source
                self._manager.tell(STATUS=self._listening() if self._is_ready else "starting")
            case Muted():
                self._manager.tell(STATUS="muted" if event.muted else self._listening())
            case ConfigReloaded():
                self._names = ", ".join(event.models)
                status = f"not reloaded: {event.error}" if event.error else self._listening()
                self._manager.tell(READY=1, STATUS=status)
            case Heartbeat() if not (event.lost or event.muted):
                self._manager.tell(STATUS=f"{self._listening()}, woken {event.wakes} times")
            case Bye():
                self._manager.tell(STOPPING=1, STATUS=f"stopping: {event.reason}")
            case _:
                pass

    def _listening(self) -> str:
        return f"listening for {self._names} on {self._source}"
