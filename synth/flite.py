"""Flite: four classic voices, stretched and shifted into more."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from .sayable import ascii_only, sayable
from .voice import EngineMissingError, Sound, Speaker, VoiceError, at_16_khz

_LONGEST_S = 30
_OWN_PITCH = "rms"
"""This voice has the pitch that it was recorded with, whatever is asked for."""


class Flite:
    """`flite` on the path (``apt install flite``)."""

    name = "flite"
    licence = "BSD-like / BSD-like"
    languages = ("en-US", "en-GB")

    def __init__(self) -> None:
        program = shutil.which("flite")
        if not program:
            raise EngineMissingError("flite is not installed: wakeful voices install flite")
        self._program = program

    def voices(self, held_out: bool) -> list[str]:
        """One is kept for validation."""
        return ["slt"] if held_out else ["kal16", "awb", "rms"]

    def draw(self, rng: np.random.Generator, held_out: bool) -> Speaker:
        """Length and, for more than half of them, pitch."""
        parameters: dict[str, float] = {"duration_stretch": round(float(rng.uniform(0.8, 1.3)), 3)}
        if rng.random() < 0.6:
            parameters["int_f0_target_mean"] = int(rng.integers(75, 230))
        voice = str(rng.choice(self.voices(held_out)))
        if voice == _OWN_PITCH:
            parameters.pop("int_f0_target_mean", None)
        return Speaker(self.name, voice, parameters)

    def speak(self, text: str, speaker: Speaker) -> Sound:
        """Through files: flite takes no text on standard input and gives no sound on its output."""
        import soundfile

        plain = ascii_only(sayable(text, self.name))
        settings = [a for k, v in speaker.parameters.items() for a in ("--setf", f"{k}={v}")]
        with tempfile.TemporaryDirectory() as folder:
            said, heard = Path(folder, "text"), Path(folder, "sound.wav")
            said.write_text(plain)
            to = ["-f", str(said), "-o", str(heard)]
            command = [self._program, "-voice", speaker.voice, *settings, *to]
            done = subprocess.run(command, capture_output=True, timeout=_LONGEST_S, check=False)
            if done.returncode or not heard.is_file() or heard.stat().st_size < 100:
                raise VoiceError(f"flite: no sound for {text!r} by {speaker.voice}")
            samples, rate_hz = soundfile.read(heard, dtype="float32")
        return at_16_khz(samples, rate_hz)
