"""What a training run does, all in one frozen object: it travels to the manifest."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any

from ..models.errors import UsageError
from ..models.frontend import FrontEndConfig
from ..synth.mixture import MixtureSettings
from .examples import LabelSettings
from .fit import FitSettings

STRIDE = 3
"""Frames a step of ``trigger-default``."""

_EXAMPLES_A_MINUTE = 1_000
_PASSES = 10


class WordError(UsageError):
    """The word can't be trained under this name."""


@dataclass(frozen=True)
class Recipe:
    """`mined` more examples are mixed around what the first network fired on by mistake.

    `aim_per_hour` is how many false accepts an hour of held-out speech the threshold shall allow.
    Raises `WordError` for a word that can't be a name.
    """

    word: str
    seed: int = 1
    examples: int = 24_000
    mined: int = 8_000
    frontend: FrontEndConfig = field(default_factory=FrontEndConfig)
    mixtures: MixtureSettings = field(default_factory=MixtureSettings)
    labels: LabelSettings = field(default_factory=LabelSettings)
    first_fit: FitSettings = field(default_factory=lambda: FitSettings(epochs=_PASSES))
    second_fit: FitSettings = field(
        default_factory=lambda: FitSettings(epochs=_PASSES // 2, peak_rate=1e-3)
    )
    aim_per_hour: float = 0.5

    def __post_init__(self) -> None:
        _ = self.name

    @property
    def name(self) -> str:
        """The bundle's name: the word in small letters, what is neither letter nor digit a dash."""
        name = re.sub(r"[^\w]+", "-", self.word.lower()).strip("-_")
        if not name:
            raise WordError(f"word {self.word!r}: holds no letter; give a word or a phrase")
        return name

    def to_dict(self) -> dict[str, Any]:
        """As the work folder and the manifest hold it."""
        return asdict(self)


def recipe_for(word: str, minutes: float, seed: int) -> Recipe:
    """What two cores get done in about so many minutes."""
    examples = max(2_000, round(minutes * _EXAMPLES_A_MINUTE / 2_000) * 2_000)
    return Recipe(word=word, seed=seed, examples=examples, mined=examples // 3)
