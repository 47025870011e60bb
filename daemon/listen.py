"""Listening for a person or a pipe: the loop with one onlooker, a report."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Protocol

from .companion import Silent
from .events import Event
from .hearing import open_hearing
from .loop import Loop
from .pipeline import Pipeline
from .settings import Settings
from .source import Source


class Report(Protocol):
    """Where events go, and what may look on between them."""

    def event(self, event: Event) -> None:
        """One event."""

    def heard(self, pipeline: Pipeline) -> None:
        """Some sound has been worked on."""


class Reporting(Silent):
    """A report as a companion of the loop."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def event(self, event: Event) -> None:
        """Hand it on."""
        self._report.event(event)

    def heard(self, pipeline: Pipeline) -> None:
        """Let it look."""
        self._report.heard(pipeline)


def reopened(device: str) -> Source:
    """The microphone once more, looked for anew; raises `DeviceError` while it isn't there."""
    from .microphones import open_microphone

    return open_microphone(device, anew=True)


class Listener:
    """Trigger models made ready for one source; raises a `WakefulError` if one of them isn't.

    `reopen` and `wait` can be replaced, so that tests need neither a microphone nor patience;
    `config` is the file named on the command line, beside which profiles lie.
    """

    def __init__(
        self,
        settings: Settings,
        reopen: Callable[[str], Source] = reopened,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
        config: str | None = None,
    ) -> None:
        self._hearing = open_hearing(settings, config)
        self._reopen, self._wait = partial(reopen, settings.audio.device), wait
        self.model_names = self._hearing.names

    def run(self, source: Source, out: Report) -> None:
        """Listen until the sound ends or a signal comes; says `ready` first and `bye` last.

        Also where the sound breaks off; that `SourceError` is raised after the `bye`.
        """
        Loop(self._hearing, source, [Reporting(out)], self._reopen, wait=self._wait).run()
