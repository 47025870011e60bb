"""SVOX Pico: two English voices and four that speak English with an accent, all very quick."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from .accents import ACCENTS, spoken
from .sayable import ascii_only, sayable
from .voice import EngineMissingError, Sound, Speaker, VoiceError, at_16_khz

_ENGLISH = ("en-US", "en-GB")
_HELD_OUT = ("en-GB", "it-IT")
_ACCENT_SHARE = 0.5
_FIRST = "a"
"""Said before everything: a voice's first clip after another's differs by what that one left."""

_VOLUME = 0.45
"""At its own volume of 1 it clips: 1 in a hundred samples of an American "activate"."""


class Pico:
    """The packages `py-nanotts` and, for accents, `hibari-tts`."""

    name = "pico"
    licence = "Apache-2.0 / Apache-2.0"
    languages = (*_ENGLISH, *(f"en ({accent} accent)" for accent in ACCENTS))

    def __init__(self) -> None:
        try:
            from py_nanotts import NanoTTS
        except ImportError as error:
            raise EngineMissingError(
                "pico is not installed: wakeful voices install pico"
            ) from error
        self._tts = NanoTTS()
        self._g2p = _g2p()

    def voices(self, held_out: bool) -> list[str]:
        """An English one and an accent are kept for validation."""
        there = (*_ENGLISH, *(ACCENTS if self._g2p else ()))
        return [name for name in there if (name in _HELD_OUT) == held_out]

    def draw(self, rng: np.random.Generator, held_out: bool) -> Speaker:
        """As often with an accent as without; speed and pitch."""
        voices = self.voices(held_out)
        accented = [name for name in voices if name in ACCENTS]
        among = accented if accented and rng.random() < _ACCENT_SHARE else voices[:1]
        voice = str(rng.choice(among))
        return Speaker(self.name, voice, self._drawn(rng))

    def _drawn(self, rng: np.random.Generator) -> dict[str, float]:
        spans = {"speed": (0.75, 1.4), "pitch": (0.65, 1.5)}
        return {name: round(float(rng.uniform(*span)), 3) for name, span in spans.items()}

    @cached_property
    def _phonemes(self) -> Any:
        """Loaded when somebody with an accent speaks."""
        return self._g2p(british=False)

    def speak(self, text: str, speaker: Speaker) -> Sound:
        """Markup in the text would be obeyed, so it is made harmless first."""
        plain = sayable(text, self.name)
        if speaker.voice in ACCENTS:
            said = spoken(self._phonemes(plain), speaker.voice) if self._g2p else ""
        else:
            said = _harmless(plain)
        return self._said(said, text, speaker)

    def _said(self, said: str, text: str, speaker: Speaker) -> Sound:
        settings = {"voice": speaker.voice, "volume": _VOLUME, **speaker.parameters}
        self._tts.speak(_FIRST, voice=speaker.voice)
        content = self._tts.speak(said, **settings) if said else b""
        if not content:
            raise VoiceError(f"pico: no sound for {text!r} by {speaker.voice}")
        return at_16_khz(np.frombuffer(content, np.int16) / np.float32(32_768), 16_000)


def _harmless(text: str) -> str:
    plain = ascii_only(text)
    return plain.replace("&", " and ").replace("<", " ").replace(">", " ")


def _g2p() -> Any:
    """The grapheme-to-phoneme step's class; without it there are no accents."""
    try:
        from hibari.g2p import G2P
    except ImportError:
        return None
    return G2P
