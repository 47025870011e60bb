"""The daemon's hold on the recognizer's process: started, asked, heard, replaced; never waited for.

All of it is called between two pieces of sound. A process that dies, hangs or talks nonsense is
killed, told once, and followed by another after a pause that grows for as long as none answers.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from . import recognizer_messages as messages
from .recognizer import Manner
from .recognizer_messages import Done, Refused
from .settings import RecognizerSettings
from .sound_slots import SoundSlots

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_LOADING_S = 120.0
_GRACE_S = 0.2
_REAP_S = 2.0
"""What was killed is gone in milliseconds, on a busy machine in some tenths of a second."""

_LOADING, _IDLE = -1, -2
"""What a process does that works on no task."""


@dataclass(frozen=True)
class Died:
    """The process is no more, or as good as."""

    reason: str


@dataclass
class _Child:
    process: subprocess.Popen[bytes]
    link: socket.socket
    due: float
    """When it is given up, on the worker's clock, unless it is idle."""
    task: int = _LOADING
    manner: Manner = field(default_factory=Manner)


class RecognizerWorker:
    """One process, started by the first `poll`; it dies with the thread that called that."""

    def __init__(
        self,
        settings: RecognizerSettings,
        slots: SoundSlots,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._slots, self._clock = settings, slots, clock
        self._child: _Child | None = None
        self._fallen: _Child | None = None
        self._killed: list[subprocess.Popen[bytes]] = []
        self._start_at, self._pause_s = clock(), _FIRST_PAUSE_S

    @property
    def is_idle(self) -> bool:
        """It would begin with a task at once."""
        return self._child is not None and self._child.task == _IDLE

    @property
    def manner(self) -> Manner:
        """How it may be asked before all is surely said."""
        return self._child.manner if self._child else Manner()

    @property
    def pid(self) -> int | None:
        """The process's number, while there is one."""
        return self._child.process.pid if self._child else None

    def send(self, task: messages.Task) -> bool:
        """Give an idle process a task; False if it has just died, which `poll` is about to tell."""
        child = self._child
        assert child is not None
        assert child.task == _IDLE
        try:
            child.link.send(messages.encode(task))
        except (BrokenPipeError, ConnectionResetError):
            return False
        child.task, child.due = task.number, self._clock() + self._settings.deadline_s
        return True

    def poll(self) -> Done | Refused | Died | None:
        """What has happened since, if anything has; a system call where nothing has."""
        if self._killed:
            self._killed = [process for process in self._killed if process.poll() is None]
        if self._fallen:
            return self._bury(self._fallen)
        if self._child:
            return self._receive(self._child)
        return self._start() if self._clock() >= self._start_at else None

    def _start(self) -> Died | None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        ours.send(messages.encode(messages.Load(self._settings)))
        with theirs:
            fds = theirs.fileno(), self._slots.fileno()
            try:
                process = _process(*fds, self._slots.slot_samples)
            except OSError as error:
                ours.close()
                return self._dead(f"can't be started: {error.strerror}")
        self._child = _Child(process, ours, self._clock() + _LOADING_S)
        return None

    def _receive(self, child: _Child) -> Done | Refused | Died | None:
        try:
            packet = child.link.recv(messages.LONGEST_BYTES)
        except BlockingIOError:
            return self._look_at_the_clock(child)
        except ConnectionResetError:  # it died with a message of ours unread
            packet = b""
        if packet:
            return self._understand(child, packet)
        child.link.close()
        child.due = self._clock() + _GRACE_S
        self._child, self._fallen = None, child
        return self._bury(child)

    def _look_at_the_clock(self, child: _Child) -> Died | None:
        if child.task == _IDLE or self._clock() < child.due:
            return None
        if child.task == _LOADING:
            return self._replace(child, f"was not ready after {_LOADING_S:.0f} s")
        return self._replace(child, f"gave no answer within {self._settings.deadline_s:g} s")

    def _understand(self, child: _Child, packet: bytes) -> Done | Refused | Died | None:
        try:
            reply = messages.decode_reply(packet)
        except msgspec.DecodeError as error:
            return self._replace(child, f"answered with garbage: {error}")
        match reply:
            case messages.Unable():
                return self._replace(child, reply.reason)
            case messages.Loaded() if child.task == _LOADING:
                child.task, child.manner = _IDLE, reply.manner
                return None
            case Done() | Refused() if child.task == reply.number:
                child.task, self._pause_s = _IDLE, _FIRST_PAUSE_S
                return reply
        return self._replace(child, "answered what it was not asked")

    def _replace(self, child: _Child, reason: str) -> Died:
        child.link.close()
        child.process.kill()
        self._killed.append(child.process)
        self._child = None
        return self._dead(reason)

    def _bury(self, child: _Child) -> Died | None:
        """It closed the socket, and so is about to end: how did it? If only by our hand."""
        status = child.process.poll()
        if status is None:
            if self._clock() >= child.due:
                child.process.kill()
            return None
        self._fallen = None
        if status < 0:
            return self._dead(f"was ended by {signal.Signals(-status).name}")
        return self._dead(f"ended with exit code {status}")

    def _dead(self, reason: str) -> Died:
        self._start_at = self._clock() + self._pause_s
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        return Died(reason)

    def close(self) -> None:
        """End it: a moment to finish what it does, then the hard way."""
        left = list(self._killed)
        for child in filter(None, (self._child, self._fallen)):
            child.link.close()
            left.append(child.process)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(_GRACE_S)
            child.process.kill()
        for process in left:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_REAP_S / len(left))
        self._child, self._fallen, self._killed = None, None, []


def _process(link: int, memory: int, slot_samples: int) -> subprocess.Popen[bytes]:
    # -P: what happens to lie in the current folder is not what the recognizer imports.
    command = [sys.executable, "-P", "-m", f"{__package__}.recognizer_process"]
    return subprocess.Popen(
        [*command, str(link), str(memory), str(slot_samples)],
        pass_fds=(link, memory),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # ours belongs to the events
    )
