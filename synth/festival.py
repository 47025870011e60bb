"""Festival: two diphone voices and a statistical one; slow, and unlike all the others."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from .sayable import ascii_only, sayable
from .voice import EngineMissingError, Sound, Speaker, VoiceError, at_16_khz

_VOICES = ("kal_diphone", "ked_diphone")
_HELD_OUT = ("cmu_us_slt_arctic_hts",)
"""The speaker that Flite keeps for validation too."""

_FOLDER = Path("/usr/share/festival/voices")
_LONGEST_S = 120


class Festival:
    """`text2wave` on the path (``apt install festival festvox-kallpc16k ...``)."""

    name = "festival"
    licence = "X11-like / BSD-like"
    languages = ("en-US",)

    def __init__(self) -> None:
        program = shutil.which("text2wave")
        self._there = {folder.name for folder in _FOLDER.glob("*/*")}
        if not program or not self._there & {*_VOICES, *_HELD_OUT}:
            raise EngineMissingError(
                "festival is not installed with a voice: wakeful voices install festival"
            )
        self._program = program

    def voices(self, held_out: bool) -> list[str]:
        """Of those that we know, the installed ones; one is kept for validation."""
        return [name for name in (_HELD_OUT if held_out else _VOICES) if name in self._there]

    def draw(self, rng: np.random.Generator, held_out: bool) -> Speaker:
        """Length, and nothing else: its pitch belongs to the voice."""
        parameters = {"duration_stretch": round(float(rng.uniform(0.8, 1.3)), 3)}
        return Speaker(self.name, str(rng.choice(self.voices(held_out))), parameters)

    def speak(self, text: str, speaker: Speaker) -> Sound:
        """Text goes through a file; what is evaluated is a name of ours and a number."""
        import soundfile

        plain = ascii_only(sayable(text, self.name))
        stretch = float(speaker.parameters["duration_stretch"])
        if speaker.voice not in self.voices(False) + self.voices(True):
            raise VoiceError(f"festival: no voice {speaker.voice!r}")
        settings = f"(begin (voice_{speaker.voice}) {_length(speaker.voice, stretch)})"
        with tempfile.TemporaryDirectory() as folder:
            said, heard = Path(folder, "text"), Path(folder, "sound.wav")
            said.write_text(plain)
            command = [self._program, "-eval", settings, "-o", str(heard), str(said)]
            done = subprocess.run(command, capture_output=True, timeout=_LONGEST_S, check=False)
            if done.returncode or not heard.is_file() or heard.stat().st_size < 100:
                raise VoiceError(f"festival: no sound for {text!r} by {speaker.voice}")
            samples, rate_hz = soundfile.read(heard, dtype="float32")
        return at_16_khz(samples, rate_hz)


def _length(voice: str, stretch: float) -> str:
    """A statistical voice takes its own engine's rate, and no notice of the usual stretch."""
    if voice.endswith("_hts"):
        rate = f'(list (list "-r" {1 / stretch:.4f}))'
        return f"(set! hts_engine_params (append hts_engine_params {rate}))"
    return f"(Parameter.set 'Duration_Stretch {stretch})"
