"""SVOX Pico: two English voices and four that speak English with an accent, all very quick."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from .accents import ACCENTS, spoken
from .sayable import ascii_only, sayable
from .voice import EngineMissingError, Sound, Speaker, VoiceError, at_16_khz

_ENGLISH = ("en-US", "en-GB")
_HELD_OUT = ("en-GB", "it-IT")
_ACCENT_SHARE = 0.5
_LONGEST_S = 20
_TRIES = 3

_ALONE = """
import json, sys
from py_nanotts import NanoTTS
sys.stdout.buffer.write(NanoTTS().speak(**json.load(sys.stdin)))
"""
"""One text in a process of its own: what the library said before leaves a trace in what it says
next, and now and then it takes the process down."""

_VOLUME = 0.45
"""At its own volume of 1 it clips: 1 in a hundred samples of an American "activate"."""


class Pico:
    """The packages `py-nanotts` and, for accents, `hibari-tts`."""

    name = "pico"
    licence = "Apache-2.0 / Apache-2.0"
    languages = (*_ENGLISH, *(f"en ({accent} accent)" for accent in ACCENTS))

    def __init__(self) -> None:
        if importlib.util.find_spec("py_nanotts") is None:
            raise EngineMissingError("pico is not installed: wakeful voices install pico")
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
        content = _alone(settings | {"text": said}) if said else b""
        if not content:
            raise VoiceError(f"pico: no sound for {text!r} by {speaker.voice}")
        return at_16_khz(np.frombuffer(content, np.int16) / np.float32(32_768), 16_000)


def _alone(settings: Mapping[str, Any]) -> bytes:
    """The samples; none if the library fails at it time and again."""
    for _ in range(_TRIES):
        with contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run(
                [sys.executable, "-I", "-c", _ALONE],
                input=json.dumps(settings).encode(),
                capture_output=True,
                timeout=_LONGEST_S,
                check=False,
            )
            if done.returncode == 0:
                return done.stdout
    return b""


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
