"""eSpeak NG: eight accents of English times dozens of variants, each quick to speak."""

from __future__ import annotations

import io
import shutil
import subprocess

import numpy as np

from .sayable import sayable
from .voice import EngineMissingError, Sound, Speaker, VoiceError, at_16_khz

_ACCENTS = (
    "en-us", "en-gb", "en-gb-scotland", "en-029",
    "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-us-nyc",
)  # fmt: skip
_VARIANTS = (
    "m1", "m2", "m3", "m4", "m5", "m6", "m8", "f1", "f2", "f3", "f4", "klatt2", "klatt4",
    "Alex", "Andrea", "Annie", "Denis", "Diogo", "Gene", "Hugo", "Jacky", "John", "Mario",
    "Michael", "Mike", "Nguyen", "Reed", "Storm", "Steph", "Alicia", "David", "Henrique",
    "boris", "caleb", "edward", "grandpa", "ian", "iven", "max", "miguel", "pablo",
    "quincy", "rob", "robert", "steph2", "victor", "zac",
)  # fmt: skip
_HELD_OUT = ("m7", "f5", "klatt", "klatt3", "adam", "benjamin", "sandro", "shelby")
_LONGEST_S = 30


class Espeak:
    """`espeak-ng` on the path (``apt install espeak-ng``)."""

    name = "espeak-ng"
    licence = "GPL-3.0 / GPL-3.0"
    languages = ("en-US", "en-GB", "en-029")
    _accents: tuple[str, ...] = _ACCENTS
    _any_script = False

    def __init__(self) -> None:
        program = shutil.which("espeak-ng")
        if not program:
            raise EngineMissingError("espeak-ng is not installed: wakeful voices install espeak-ng")
        self._program = program

    def voices(self, held_out: bool) -> list[str]:
        """Every accent with every variant."""
        variants = _HELD_OUT if held_out else _VARIANTS
        return [f"{accent}+{variant}" for accent in self._accents for variant in variants]

    def draw(self, rng: np.random.Generator, held_out: bool) -> Speaker:
        """Words a minute and pitch vary as people do."""
        parameters = {"rate": int(rng.integers(115, 205)), "pitch": int(rng.integers(25, 75))}
        return Speaker(self.name, str(rng.choice(self.voices(held_out))), parameters)

    def speak(self, text: str, speaker: Speaker) -> Sound:
        """The text goes in as data, never through a shell and never as an option."""
        import soundfile

        plain = sayable(text, self.name, self._any_script)
        p = speaker.parameters
        options = ["-v", speaker.voice, "-s", str(p["rate"]), "-p", str(p["pitch"]), "--stdin"]
        done = subprocess.run(
            [self._program, *options, "--stdout"],
            input=plain.encode(),
            capture_output=True,
            timeout=_LONGEST_S,
            check=False,
        )
        if done.returncode or len(done.stdout) < 100:
            raise VoiceError(f"espeak-ng: no sound for {text!r} by {speaker.voice}")
        samples, rate_hz = soundfile.read(io.BytesIO(done.stdout), dtype="float32")
        return at_16_khz(samples, rate_hz)
