"""SVOX Pico: two English voices, very quick."""

from __future__ import annotations

import numpy as np

from .voice import EngineMissingError, Sound, Speaker, VoiceError, at_16_khz


class Pico:
    """The package `py-nanotts`."""

    name = "pico"
    licence = "Apache-2.0"

    def __init__(self) -> None:
        try:
            from py_nanotts import NanoTTS
        except ImportError as error:
            raise EngineMissingError(
                "pico is not installed: pip install 'wakeful[synth]'"
            ) from error
        self._tts = NanoTTS()

    def voices(self, held_out: bool) -> list[str]:
        """One is kept for validation."""
        return ["en-GB"] if held_out else ["en-US"]

    def draw(self, rng: np.random.Generator, held_out: bool) -> Speaker:
        """Speed and pitch."""
        speed, pitch = (round(float(rng.uniform(*span)), 3) for span in ((0.75, 1.4), (0.65, 1.5)))
        return Speaker(self.name, self.voices(held_out)[0], {"speed": speed, "pitch": pitch})

    def speak(self, text: str, speaker: Speaker) -> Sound:
        """Markup in the text would be obeyed, so it is made harmless first."""
        plain = text.replace("&", " and ").replace("<", " ").replace(">", " ")
        content = self._tts.speak(plain, voice=speaker.voice, **speaker.parameters)
        if not content:
            raise VoiceError(f"pico: no sound for {text!r}")
        return at_16_khz(np.frombuffer(content, np.int16) / np.float32(32_768), 16_000)
