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
from .pace import (
    CANDIDATES,
    FIRST_EPOCHS,
    HEAD_EPOCHS,
    MINED_PART,
    SECOND_EPOCHS,
    WAY_EPOCHS,
    Pace,
    clips_in,
    examples_in,
)

STRIDE = 3
"""Frames a step of ``trigger-default``."""


_BATCH = 256
_RATE = 2.5e-4
"""Eight times as fast, a fit forgot what the backbone knows of people, and missed twice as many."""
_HEAD_RATE = 2e-3
"""The last layer knows nothing yet: until it does, what it sends back would spoil the others."""


class WordError(UsageError):
    """The word can't be trained under this name."""


@dataclass(frozen=True)
class Recipe:
    """Each of so many `ways` has `examples` of its own; their mean is kept.

    Of `candidates` mixtures without the word at most `mined` are learned from: the worst.

    `aim_per_hour` is how many false accepts an hour of held-out speech the threshold shall allow.
    Raises `WordError` for a word that can't be a name.
    """

    word: str
    seed: int = 1
    clips: dict[str, int] = field(
        default_factory=lambda: {"positive": 1_600, "hard": 1_000, "sentence": 1_200}
    )
    ways: int = 3
    examples: int = 26_000
    candidates: int = 50_000
    mined: int = 10_000
    frontend: FrontEndConfig = field(default_factory=FrontEndConfig)
    mixtures: MixtureSettings = field(default_factory=MixtureSettings)
    labels: LabelSettings = field(default_factory=LabelSettings)
    head_fit: FitSettings = field(
        default_factory=lambda: FitSettings(HEAD_EPOCHS, _BATCH, _HEAD_RATE, weight_decay=0.0)
    )
    """Of the last layer alone, before all others."""
    first_fit: FitSettings = field(default_factory=lambda: FitSettings(FIRST_EPOCHS, _BATCH, _RATE))
    way_fit: FitSettings = field(default_factory=lambda: FitSettings(WAY_EPOCHS, _BATCH, _RATE))
    second_fit: FitSettings = field(
        default_factory=lambda: FitSettings(SECOND_EPOCHS, _BATCH, _RATE)
    )
    refit_share: float = 0.25
    """How far from the ways' mean to the second fit: near words fire less, the word too."""
    backbone: bool = True
    """Whether the network begins from the shipped backbone."""
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


def recipe_for(word: str, minutes: float, pace: Pace, seed: int = 1) -> Recipe:
    """What a machine of this pace gets done in about so many minutes."""
    ways, examples = examples_in(minutes, pace)
    return Recipe(
        word=word,
        seed=seed,
        clips=clips_in(minutes, pace),
        ways=ways,
        examples=examples,
        candidates=CANDIDATES * examples,
        mined=examples // MINED_PART,
    )
