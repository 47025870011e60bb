"""Which of Debian's packages hold recorded speech, how much, whose, and what reads it.

Hours and sizes are those of Debian 12. Speakers are a guess: by the credits, else one a language.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..models.errors import UsageError
from .recording import Recording

Reader = Callable[[Path], Iterator[Recording]]
"""An unpacked package -> what is spoken in it, always in the same order."""


@dataclass(frozen=True)
class SpeechSource:
    """One package. `licence` is what its copyright file calls that of the recordings."""

    package: str
    reads: str
    licence: str
    languages: tuple[str, ...]
    hours: float
    speakers: int
    size_mb: float
    narrow_package: str = ""
    """The same at 8 kHz, for machines without a program that reads the first."""

    def wanted(self) -> str:
        """The package that can be read here."""
        from .telephone_prompts import can_read_g722

        return self.narrow_package if self.narrow_package and not can_read_g722() else self.package

    def reader(self) -> Reader:
        """What turns the unpacked package into recordings."""
        module, _, attribute = self.reads.partition(":")
        found: Reader = getattr(importlib.import_module(module, __package__), attribute)
        return found


def _prompts(language: str, licence: str, hours: float, size_mb: float) -> SpeechSource:
    stem = f"asterisk-core-sounds-{language}"
    reads = ".telephone_prompts:recordings"
    return SpeechSource(
        f"{stem}-g722", reads, licence, (language,), hours, 1, size_mb, f"{stem}-wav"
    )


_MANY = "be bg ca da de el en en_GB es fr it ja ko lt ml nb nl nn pt ro ru sl sv zh_tw"
_TOYS = "ca da de el en es fi fr ga gl it lt nds nl nn pt ro ru sl sr sv uk wa"

SOURCES: dict[str, SpeechSource] = {
    "amazon-queen": SpeechSource(
        "flight-of-the-amazon-queen",
        ".amazon_queen:recordings",
        "Flight-of-the-Amazon-Queen-License",
        ("en",),
        hours=4.6,
        speakers=10,
        size_mb=34.9,
    ),
    "steel-sky": SpeechSource(
        "beneath-a-steel-sky",
        ".steel_sky:recordings",
        "Beneath-a-Steel-Sky-License",
        ("en",),
        hours=2.2,
        speakers=10,
        size_mb=66.0,
    ),
    "drascula": SpeechSource(
        "drascula",
        ".drascula:recordings",
        "Drascula-License",
        ("en",),
        hours=0.8,
        speakers=5,
        size_mb=26.3,
    ),
    "asterisk-en": _prompts("en", "CC-BY-SA-3.0", 0.4, 10.6),
    "asterisk-es": _prompts("es", "CC-BY-SA-3.0", 0.4, 13.0),
    "asterisk-fr": _prompts("fr", "CC-BY-SA-3.0", 0.4, 10.8),
    "asterisk-it": _prompts("it", "CC-BY-3.0", 0.4, 10.1),
    "asterisk-ru": _prompts("ru", "CC-BY-3.0", 0.4, 10.6),
    "fillets-cs": SpeechSource(
        "fillets-ng-data-cs",
        ".spoken_files:dialogues",
        "GPL-2",
        ("cs",),
        hours=1.6,
        speakers=5,
        size_mb=39.0,
    ),
    "fillets-nl": SpeechSource(
        "fillets-ng-data-nl",
        ".spoken_files:dialogues",
        "GPL-2",
        ("nl",),
        hours=1.6,
        speakers=5,
        size_mb=32.6,
    ),
    "ktuberling": SpeechSource(
        "ktuberling-data",
        ".spoken_files:toys",
        "GPL-2+",
        tuple(_TOYS.split()),
        hours=0.5,
        speakers=25,
        size_mb=46.7,
    ),
    "tuxpaint": SpeechSource(
        "tuxpaint-stamps-default",
        ".spoken_files:stamps",
        "GPL-2",
        tuple(_MANY.split()),
        hours=2.4,
        speakers=25,
        size_mb=160.9,
    ),
}
"""By the name that is given to `--only` and to its folder."""


HELD_OUT = "drascula"
"""English, by people of whom no other package has a word: what others are measured with."""


def known_sources(names: Iterable[str]) -> dict[str, SpeechSource]:
    """Those of these names, all where there are none; raises `UsageError` for an unknown one."""
    wanted = list(names) or list(SOURCES)
    for name in wanted:
        if name not in SOURCES:
            near = difflib.get_close_matches(name, SOURCES, n=1, cutoff=0.3)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(SOURCES)}"
            raise UsageError(f"no speech is called {name!r}; {hint}")
    return {name: SOURCES[name] for name in dict.fromkeys(wanted)}
