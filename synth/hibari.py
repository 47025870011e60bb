"""hibari: a small copy of one of Kokoro's voices, thirty times quicker than real time.

The package carries "heart". Further voices are used when the package's own command has fetched
them; nothing is fetched here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .sayable import sayable
from .voice import EngineMissingError, Sound, Speaker, VoiceError, at_16_khz

_RATE_HZ = 24_000
_HELD_OUT = ("heart", "emma")
"""Copies of Kokoro's af_heart and bf_emma, which training never hears from Kokoro either."""


class Hibari:
    """The package `hibari-tts`."""

    name = "hibari"
    licence = "Apache-2.0 / Apache-2.0"
    languages = ("en-US", "en-GB")

    def __init__(self) -> None:
        try:
            from hibari import Hibari as Model
            from hibari.voices import VOICES
        except ImportError as error:
            raise EngineMissingError(
                "hibari is not installed: wakeful voices install hibari"
            ) from error
        self._model = Model
        self._here = [name for name in VOICES if _is_here(name, VOICES[name])]
        self._loaded: dict[str, Any] = {}

    def voices(self, held_out: bool) -> list[str]:
        """Those on this machine; the one that comes with the package is for validation."""
        return [name for name in self._here if (name in _HELD_OUT) == held_out]

    def draw(self, rng: np.random.Generator, held_out: bool) -> Speaker:
        """Speed, and the seed of its breath: the same twice is the same to the bit."""
        parameters = {
            "speed": round(float(rng.uniform(0.75, 1.35)), 3),
            "seed": int(rng.integers(1 << 31)),
        }
        return Speaker(self.name, str(rng.choice(self.voices(held_out))), parameters)

    def speak(self, text: str, speaker: Speaker) -> Sound:
        """Raises `VoiceError` for a text without a sound that the model knows."""
        if speaker.voice not in self._loaded:
            self._loaded[speaker.voice] = self._model(voice=speaker.voice)
        sound = self._loaded[speaker.voice](sayable(text, self.name), **speaker.parameters)
        if not len(sound):
            raise VoiceError(f"hibari: nothing in {text!r} can be said")
        return at_16_khz(sound, _RATE_HZ)


def _is_here(name: str, voice: dict[str, Any]) -> bool:
    """In the package, or whole where its own command puts what it fetches."""
    from hibari.voices import voice_path

    try:
        size = Path(voice_path(name, download_missing=False)).stat().st_size
    except FileNotFoundError:
        return False
    return bool(size == voice["bytes"])
