"""Mixtures into what a network is fitted on: features, labels, and how much each step counts.

Example ``i`` of seed ``s`` comes from a generator of its own, seeded by both: the examples are the
same to the bit however many processes make them, and whatever front end looks at them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..models.frontend import FrontEnd, FrontEndConfig
from ..synth.labels import MASKED, Labels, LabelSettings, label_steps
from ..synth.mixture import Mixture, MixtureSettings, compose, draw_mixture, spoken
from ..synth.palette import Palette
from .forked import forked
from .teacher import Targets, Teacher

__all__ = ["MASKED", "ExampleMaker", "Examples", "LabelSettings", "join", "label_steps"]

Features = npt.NDArray[np.float16]

_CHUNK = 64


@dataclass(frozen=True)
class Examples:
    """`features` [n, frames, bands], `labels` [n, steps]: 1 word, 0 not, `MASKED`.

    `targets` [n, steps, 96] are what a teacher hears in the clean speech, NaN where it can't say.
    """

    features: Features
    labels: Labels
    targets: Targets | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def joined(self, more: Examples) -> Examples:
        """These, then `more`; both taught or neither."""
        return join([self, more])


def join(parts: Sequence[Examples]) -> Examples:
    """All of them, one after the other."""
    targets = [part.targets for part in parts if part.targets is not None]
    return Examples(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate(targets) if targets else None,
    )


@dataclass(frozen=True)
class ExampleMaker:
    """Makes example after example from one palette, for one or several front ends."""

    palette: Palette
    frontends: Sequence[FrontEndConfig]
    stride: int
    seed: int
    mixtures: MixtureSettings = field(default_factory=MixtureSettings)
    labels: LabelSettings = field(default_factory=LabelSettings)
    taught: bool = False
    numbers: Sequence[int] | None = None
    """Example i is the mixture of this number; without it, of the number i."""

    def draw(self, number: int) -> Mixture:
        """What example `number` is made of."""
        drawn = self.numbers[number] if self.numbers is not None else number
        return draw_mixture(np.random.default_rng([self.seed, drawn]), self.palette, self.mixtures)

    def make(self, count: int, processes: int = 1, first: int = 0) -> list[Examples]:
        """`count` examples from number `first` on, once for each front end."""
        numbers = [
            range(at, min(at + _CHUNK, first + count)) for at in range(first, first + count, _CHUNK)
        ]
        made = list(forked(lambda: _Worker(self), numbers, processes))
        return [join([chunk[i] for chunk in made]) for i in range(len(self.frontends))]


class _Worker:
    """One process's front ends, made once."""

    def __init__(self, maker: ExampleMaker) -> None:
        self._maker = maker
        self._frontends = [FrontEnd(config) for config in maker.frontends]
        self._teacher = Teacher() if maker.taught else None

    def __call__(self, numbers: range) -> list[Examples]:
        features: list[list[Features]] = [[] for _ in self._frontends]
        drawn = [self._maker.draw(number) for number in numbers]
        for mixture in drawn:
            samples = compose(mixture, self._maker.palette)
            for into, frontend in zip(features, self._frontends, strict=True):
                into.append(frontend.whole(samples).astype(np.float16))
        labels = np.stack([self._label(mixture) for mixture in drawn])
        targets = np.stack([self._taught(m) for m in drawn]) if self._teacher else None
        return [Examples(np.stack(f), labels, targets) for f in features]

    @property
    def _step_samples(self) -> int:
        return self._maker.frontends[0].hop_samples * self._maker.stride

    def _label(self, mixture: Mixture) -> Labels:
        steps = mixture.length // self._step_samples
        return label_steps(mixture.word_end, steps, self._step_samples, self._maker.labels)

    def _taught(self, mixture: Mixture) -> Targets:
        assert self._teacher
        steps = mixture.length // self._step_samples
        return self._teacher.targets(
            spoken(mixture, self._maker.palette), steps, self._step_samples
        )
