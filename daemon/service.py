"""The daemon: a loop over the microphone, with everything that rides along, steered from outside.

Start-up, main loop and shutdown in this order: whatever may be wrong is found before the device is
opened; `ready` is said once it is, if that takes until somebody plugs it in; at the end `bye` goes
out, the companions close, and the device last of all.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from ..models.errors import UsageError
from . import requests
from .absent import Absent
from .bus import Bus
from .chime import Chimes
from .companion import Companion
from .config import config_path, load
from .config_text import Tree
from .control import Control
from .devices import DeviceError
from .handoff import Handoff
from .hearing import Hearing, open_hearing
from .heartbeat import Heart
from .interruption import Signals
from .journal import Journal
from .listen import reopened
from .loop import Loop
from .muted import MutedWatch
from .opening import RawFormat, open_source
from .reload import Reloader
from .settings import AudioSettings, Settings
from .source import SAMPLE_RATE_HZ, Source
from .wall_clock import WallClock
from .watchdog import ServiceManager, Watchdog

Part = TypeVar("Part", bound=Companion)

_PIECE_SAMPLES = SAMPLE_RATE_HZ // 10
"""Companions are asked this often at least, however much sound has piled up."""


@dataclass(frozen=True)
class Wanted:
    """What the command line says: read again, with the file, at every reload."""

    config: str | None = None
    flags: Tree | None = None
    real_time: bool = True

    def settings(self) -> Settings:
        """What is in force now; raises `ConfigError`."""
        return load(self.config, self.flags)

    def hearing(self) -> Hearing:
        """The same with its models ready; raises a `WakefulError`."""
        return open_hearing(self.settings(), self.config)

    def files(self, hearing: Hearing) -> list[Path]:
        """What all of it was read from."""
        config = config_path(self.config)
        manifests = [model.bundle.path for model in hearing.models]
        networks = [path.with_suffix(".tflite") for path in manifests]
        return [*([config] if config else []), *manifests, *networks]


class Service:
    """One run of the daemon, and what can be done to it from outside (`control.Steer`).

    Raises a `WakefulError` for whatever keeps it from starting.
    """

    def __init__(self, wanted: Wanted, manager: ServiceManager | None = None) -> None:
        self._wanted = wanted
        hearing = wanted.hearing()
        settings = hearing.settings
        with ExitStack() as undo:
            bus = _kept(undo, Bus(settings.bus))
            control = _kept(undo, Control(settings.bus, self, bus))
            sounding: list[Companion] = [
                _kept(undo, Chimes(settings.chime)),
                _kept(undo, Handoff(settings.recognizer, settings.segment)),
                *_metrics(settings, undo),
            ]
            source = _source(settings.audio, wanted)
            self.loop = self._loop(hearing, source)
            self._heart = Heart(self.loop, settings.bus.heartbeat_s)
            self._reloader, watchdog = self._watched(manager or ServiceManager())
            self.loop.companions += [bus, *sounding, *self._clocks(settings), self._heart]
            self.loop.companions += [self._reloader, Journal()]
            # What steers comes after what it steers; what proves that all went well, last.
            self.loop.companions += [control, watchdog]
            undo.pop_all()

    def _loop(self, hearing: Hearing, source: Source) -> Loop:
        return Loop(
            hearing,
            source,
            [],
            partial(reopened, hearing.settings.audio.device),
            signals=Signals(hangups=True),
            piece_samples=_PIECE_SAMPLES,
        )

    def _watched(self, manager: ServiceManager) -> tuple[Reloader, Watchdog]:
        watchdog = Watchdog(manager)
        wanted = self._wanted
        return Reloader(self.loop, wanted.hearing, wanted.files, watchdog.reloading), watchdog

    def _clocks(self, settings: Settings) -> list[Companion]:
        if settings.audio.input != "mic":
            return []
        return [WallClock(self.loop.stamp), MutedWatch()]

    def run(self) -> None:
        """Until it is told to stop, or the sound ends; raises `SourceError` where it breaks off."""
        self.loop.run()

    def status(self) -> requests.Standing:
        """How it is."""
        loop = self.loop
        return requests.Standing(
            ready=loop.pipeline.samples > 0,
            source=loop.stamp.source,
            models=loop.hearing.names,
            thresholds=loop.pipeline.thresholds,
            muted=loop.muted,
            lost=loop.lost,
            heard_s=round(loop.pipeline.samples / SAMPLE_RATE_HZ, 3),
            wakes=self._heart.wakes,
        )

    def mute(self) -> None:
        """Hear nothing from the next block on."""
        self.loop.mute(True)

    def unmute(self) -> None:
        """Hear again."""
        self.loop.mute(False)

    def threshold(self, threshold: float, model: str | None) -> None:
        """Another threshold until the next reload; raises `UsageError` for an unknown model."""
        names = self.loop.hearing.names
        if model is not None and model not in names:
            raise UsageError(f"model {model!r} is not listened for; there are {', '.join(names)}")
        for name in [model] if model else names:
            self.loop.pipeline.set_threshold(name, threshold)

    def reload(self) -> None:
        """Begin to read the configuration and the models again."""
        self._reloader.ask()

    def stop(self) -> None:
        """End after this piece of sound."""
        self.loop.stop("asked to stop")


def _kept(undo: ExitStack, part: Part) -> Part:
    """A companion that is closed if what comes after it can't be had."""
    undo.callback(part.close)
    return part


def _source(audio: AudioSettings, wanted: Wanted) -> Source:
    """The source; a microphone that isn't there yet is waited for in the loop."""
    try:
        return open_source(audio, RawFormat(), wanted.real_time)
    except DeviceError as error:
        return Absent(audio.device, error)


def _metrics(settings: Settings, undo: ExitStack) -> list[Companion]:
    """Nothing of it is loaded where nobody asks for it."""
    if not settings.health.metrics_port:
        return []
    from .metrics import Metrics

    return [_kept(undo, Metrics(settings.health))]
