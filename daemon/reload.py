"""Configuration and models read again while it listens: in a thread, and only if all is right.

Asked for by SIGHUP, by a request, or by a file that changed. What is new takes over between two
blocks; what is wrong changes nothing and is told in `config.reloaded`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from ..models.errors import WakefulError
from .companion import Silent, Told
from .events import ConfigReloaded
from .hearing import Hearing
from .loop import Loop
from .off_loop import OffLoop
from .pipeline import Pipeline
from .settings import Settings

_LOOK_EVERY_S = 1.0
_FIXED = ("audio.input", "audio.device", "bus", "chime", "recognizer", "health")
"""What only a restart can change, as keys or whole branches."""

Signature = tuple[tuple[int, int, int] | None, ...]
"""What tells whether files are what they were: of each, or None where there is none."""


@dataclass(frozen=True)
class Fresh:
    """What a reload has made ready, off the loop."""

    hearing: Hearing
    pipeline: Pipeline


class Reloader(Silent):
    """A companion that reloads: `open_anew` is called in a thread, raises a `WakefulError`.

    `begun` is called when a reload begins; `files` are looked at every second.
    """

    def __init__(
        self,
        loop: Loop,
        open_anew: Callable[[], Hearing],
        files: Callable[[Hearing], Sequence[Path]],
        begun: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._loop, self._open_anew, self._files = loop, open_anew, files
        self._begun, self._clock = begun, clock
        self._hangups = 0
        self._asked = False
        self._job: OffLoop[Fresh] | None = None
        self._awaited: Fresh | None = None
        self._told: list[Told] = []
        self._loaded = self._seen = signature(files(loop.hearing))
        self._next_look_s = clock() + _LOOK_EVERY_S

    def ask(self) -> None:
        """Reload as soon as nothing is being reloaded."""
        self._asked = True

    def heard(self, pipeline: Pipeline) -> None:
        """See how far it is."""
        self.idle()

    def idle(self) -> None:
        """See how far it is."""
        if self._loop.signals.hangups > self._hangups:
            self._hangups, self._asked = self._loop.signals.hangups, True
        if self._clock() >= self._next_look_s:
            self._next_look_s = self._clock() + _LOOK_EVERY_S
            self._look()
        if self._awaited:
            self._await()
        elif self._job:
            self._collect()
        elif self._asked:
            self._begin()

    def told(self) -> list[Told]:
        """How the last one went."""
        told, self._told = self._told, []
        return told

    def _look(self) -> None:
        """A file that changed, and has not since: a model is two files, written one by one."""
        found = signature(self._files(self._loop.hearing))
        if found == self._seen and found != self._loaded:
            self._asked = True
        self._seen = found

    def _begin(self) -> None:
        self._asked = False
        self._loaded = self._seen = signature(self._files(self._loop.hearing))
        self._begun()
        self._job = OffLoop(self._fresh)

    def _fresh(self) -> Fresh:
        hearing = self._open_anew()
        return Fresh(hearing, hearing.pipeline(self._loop.stamp))

    def _collect(self) -> None:
        if not self._job or not self._job.wait():
            return
        job, self._job = self._job, None
        try:
            self._awaited = job.result()
        except WakefulError as error:
            self._say(error=str(error))
        else:
            self._loop.take_over(self._awaited.hearing, self._awaited.pipeline)

    def _await(self) -> None:
        """It takes over once nobody's speech is being taken down."""
        if self._awaited and self._loop.hearing is self._awaited.hearing:
            self._awaited = None
            self._loaded = self._seen = signature(self._files(self._loop.hearing))
            self._say()

    def _say(self, error: str = "") -> None:
        loop = self._loop
        fixed = changed(loop.first_settings, loop.hearing.settings)
        make = partial(
            ConfigReloaded, models=loop.hearing.names, error=error, restart_needed_for=fixed
        )
        self._told.append(Told(loop.pipeline.samples, make))


def signature(files: Sequence[Path]) -> Signature:
    """Which files these are, as far as the directory tells."""
    return tuple(_signature(file) for file in files)


def _signature(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def changed(before: Settings, after: Settings) -> list[str]:
    """The keys of what differs and can only be changed by a restart."""
    return [key for key in _FIXED if _value(before, key) != _value(after, key)]


def _value(settings: msgspec.Struct, key: str) -> object:
    value: object = settings
    for part in key.split("."):
        value = getattr(value, part)
    return value
