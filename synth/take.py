"""One take of a clip: drawn first, then said, then looked at. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

import numpy as np

from .carried import keyword_span
from .engines import draw_engine
from .faults import Fault, fault_of
from .phrases import Texts
from .trim import trimmed
from .voice import Engine, Sound, Speaker, VoiceError
from .warp import Warp, draw_warp, warped

Reason = Fault | Literal["unsayable", "word not found", "heard as another"]
Span = tuple[int, int]

_HELD_OUT_SHARE = 0.12
_CARRIED_SHARE = 0.25
_WARPED_SHARE, _WARPED_LONG_SHARE = 0.5, 0.15


class Ears(Protocol):
    """Somebody who is asked whether a clip says the word."""

    def says(self, sound: Sound, word: str) -> bool:
        """Whether it does, or nearly."""


@dataclass(frozen=True)
class Drawn:
    """All that was drawn for one take."""

    text: str
    speaker: Speaker
    warp: Warp | None
    split: str
    carried: bool = False

    def row(self) -> dict[str, Any]:
        """As a manifest lists it."""
        return {
            "text": self.text,
            "engine": self.speaker.engine,
            "voice": self.speaker.voice,
            "parameters": dict(self.speaker.parameters),
            "warp": asdict(self.warp) if self.warp else None,
            "split": self.split,
        }


@dataclass(frozen=True)
class Take:
    """What came of it: a sound, and in it the word if it holds one; or why it is of no use."""

    drawn: Drawn
    sound: Sound
    keyword: Span | None = None
    reason: Reason = ""


@dataclass(frozen=True)
class Studio:
    """What is there to make takes with, in one process."""

    engines: Mapping[str, Engine]
    texts: Texts
    warps: bool
    ears: Ears | None = None

    def draw(self, kind: str, rng: np.random.Generator) -> Drawn:
        """A text, a speaker and a change of speaker; a quarter of the positives are carried."""
        held_out = self._able(bool(rng.random() < _HELD_OUT_SHARE))
        engine = draw_engine(self.engines, rng, held_out, quick=kind == "sentence")
        carried = kind == "positive" and bool(rng.random() < _CARRIED_SHARE) and self.texts.english
        text = self.texts.draw("carried" if carried else kind, rng)
        share = _WARPED_LONG_SHARE if kind == "sentence" else _WARPED_SHARE
        speaker = engine.draw(rng, held_out)
        warp = draw_warp(rng) if rng.random() < share and self.warps else None
        return Drawn(text, speaker, warp, "validation" if held_out else "train", carried)

    def _able(self, held_out: bool) -> bool:
        """The split that was drawn, else the other: Piper has no voice for validation."""
        there = any(engine.voices(held_out) for engine in self.engines.values())
        return held_out if there else not held_out

    def take(self, kind: str, drawn: Drawn) -> Take:
        """Say it, and look at it."""
        try:
            sound = trimmed(self.engines[drawn.speaker.engine].speak(drawn.text, drawn.speaker))
        except VoiceError:
            return Take(drawn, np.zeros(0, np.float32), reason="unsayable")
        if fault := fault_of(sound, drawn.text):
            return Take(drawn, sound, reason=fault)
        if kind != "positive":
            return self._changed(drawn, sound, None)
        span = self._carried(drawn, sound) if drawn.carried else (0, len(sound))
        if span is None:
            return Take(drawn, sound, reason="word not found")
        return self._judged(self._changed(drawn, sound, span))

    def _carried(self, drawn: Drawn, phrase: Sound) -> Span | None:
        """The same speaker says the word alone, to find it by."""
        word = self.texts.word
        try:
            alone = self.engines[drawn.speaker.engine].speak(f"{word}.", drawn.speaker)
        except VoiceError:
            return None
        return keyword_span(trimmed(alone), phrase, drawn.text.startswith(word))

    def _changed(self, drawn: Drawn, sound: Sound, span: Span | None) -> Take:
        """Another speaker, in the same time: nothing moves, so the word stays where it was."""
        if drawn.warp:
            made = warped(sound, drawn.warp)[: len(sound)]
            sound = np.pad(made, (0, len(sound) - len(made)))
        return Take(drawn, sound, span, fault_of(sound, drawn.text))

    def _judged(self, take: Take) -> Take:
        if take.reason or not self.ears or self.ears.says(take.sound, self.texts.word):
            return take
        return Take(take.drawn, take.sound, take.keyword, "heard as another")
