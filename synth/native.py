"""Voices of other languages than English, by the engines that have some.

Kokoro has some too, but for these it needs a grapheme-to-phoneme step that no package here carries;
Piper, Flite, festival and hibari are installed with English voices only.
"""

from __future__ import annotations

import re
import subprocess

import numpy as np

from .espeak import Espeak
from .pico import Pico
from .sayable import sayable
from .voice import EngineMissingError, Sound, Speaker

_CODE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*", re.IGNORECASE)
_LONGEST_S = 10
_PICO = ("de-DE", "es-ES", "fr-FR", "it-IT")


class NativeEspeak(Espeak):
    """eSpeak's own voice of a language, by every variant. Kept ones are kept in every language."""

    _any_script = True

    def __init__(self, language: str) -> None:
        super().__init__()
        self._accents = (self._known(language),)

    def _known(self, language: str) -> str:
        """Raises `EngineMissingError`; voices that need the program mbrola don't count."""
        if not _CODE.fullmatch(language):
            raise EngineMissingError(f"language {language!r}: give a code such as de or pt-br")
        command = [self._program, f"--voices={language}"]
        listed = subprocess.run(command, capture_output=True, timeout=_LONGEST_S, check=False)
        rows = [line.split() for line in listed.stdout.decode(errors="replace").splitlines()]
        plain = {row[1] for row in rows[1:] if len(row) > 4 and not row[4].startswith("mb/")}
        if language.lower() not in plain:
            raise EngineMissingError(
                f"espeak-ng has no voice of {language!r}; it lists them: espeak-ng --voices"
            )
        return language.lower()


class NativePico(Pico):
    """German, Spanish, French or Italian by the voice that speaks English with that accent."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._native = [voice for voice in _PICO if voice.lower().startswith(language.lower())]
        if not self._native or not _CODE.fullmatch(language):
            raise EngineMissingError(
                f"pico has no voice of {language!r} but {', '.join(v[:2] for v in _PICO)}"
            )

    def voices(self, held_out: bool) -> list[str]:
        """There is but one, and it is for training."""
        return [] if held_out else self._native

    def draw(self, rng: np.random.Generator, held_out: bool) -> Speaker:
        """Speed and pitch."""
        return Speaker(self.name, self._native[0], self._drawn(rng))

    def speak(self, text: str, speaker: Speaker) -> Sound:
        """Its own letters, umlauts and accents with them."""
        # Markup in the text would be obeyed.
        return self._said(re.sub(r"[<>&]", " ", sayable(text, self.name)), text, speaker)
