"""The chimes of a running daemon: heard by people, unheard by the daemon itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..models.labels import SILENCE, UNKNOWN
from .chime_sounds import Kind, load_chimes
from .chime_tones import Sound
from .companion import Silent
from .events import Command, Digits, Event, SpeechEnd, Transcript, Wake
from .pipeline import Pipeline
from .player import USUAL_HZ, Player, complain
from .settings import ChimeSettings

_UNKNOWN = {UNKNOWN, SILENCE}


class Loudspeaker(Protocol):
    """What plays a sound and doesn't wait for its end."""

    def play(self, sound: Sound, rate_hz: int, /) -> bool:
        """Begin with it; False if it would fall into the last one."""

    def close(self) -> None:
        """Break off."""


class Chimes(Silent):
    """A companion that plays: each chime at most once between a wake and the next.

    Raises `ChimeError` for a file that can't be played. The pipeline is told what was played, so
    that it is neither taken for speech nor handed on with it.
    """

    def __init__(
        self,
        settings: ChimeSettings,
        player: Loudspeaker | None = None,
        tell: Callable[[str], None] = complain,
    ) -> None:
        chimes = load_chimes(settings, USUAL_HZ)
        self._sounds = {kind: chime.at(USUAL_HZ) for kind, chime in chimes.items()}
        self._references: dict[Kind, npt.NDArray[np.float64]] = {
            kind: chime.reference() for kind, chime in chimes.items()
        }
        self._player: Loudspeaker = player or Player(settings.device, tell)
        self._due: set[Kind] = set()
        self._begun: list[Kind] = []

    def event(self, event: Event) -> None:
        """Play what belongs to it."""
        if isinstance(event, Wake):
            self._due = {"wake", "ended", "not-understood"}
        if (kind := occasion(event)) in self._due:
            assert kind is not None
            self._due.discard(kind)
            self._play(kind)

    def heard(self, pipeline: Pipeline) -> None:
        """Tell the pipeline what it will hear of us."""
        for kind in self._begun:
            pipeline.expect_chime(self._references[kind])
        self._begun.clear()

    def idle(self) -> None:
        """Nobody listens to what was played."""
        self._begun.clear()

    def close(self) -> None:
        """Break off what is being played."""
        self._player.close()

    def _play(self, kind: Kind) -> None:
        if kind in self._sounds and self._player.play(self._sounds[kind], USUAL_HZ):
            self._begun.append(kind)


def occasion(event: Event) -> Kind | None:
    """Which chime an event calls for; whether there is one is the settings' business."""
    match event:
        case Wake():
            return "wake"
        case SpeechEnd(ending="silence" | "longest"):
            return "ended"
        case SpeechEnd(ending="nothing") | Transcript(text="") | Digits(text=""):
            return "not-understood"
        case Command(label=label) if label in _UNKNOWN:
            return "not-understood"
    return None
