"""Mixtures into what a network is fitted on: features, labels, and how much each step counts.

Example ``i`` of seed ``s`` comes from a generator of its own, seeded by both: the examples are the
same to the bit however many processes make them, and whatever front end looks at them.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..models.frontend import FrontEnd, FrontEndConfig
from ..synth.mixture import Mixture, MixtureSettings, compose, draw_mixture
from ..synth.palette import Palette

Labels = npt.NDArray[np.int8]
Features = npt.NDArray[np.float16]

MASKED = -1
"""The label of a step that counts neither as the word nor as anything else."""

_CHUNK = 64


@dataclass(frozen=True)
class LabelSettings:
    """Where in time, counted from the word's end, a step says "word" and where it needn't care."""

    from_s: float = -0.03
    to_s: float = 0.18
    unsure_before_s: float = 0.15
    unsure_after_s: float = 0.25


@dataclass(frozen=True)
class Examples:
    """`features` [n, frames, bands], `labels` [n, steps]: 1 word, 0 not, `MASKED`."""

    features: Features
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)

    def joined(self, more: Examples) -> Examples:
        """These, then `more`."""
        return Examples(
            np.concatenate([self.features, more.features]),
            np.concatenate([self.labels, more.labels]),
        )


def label_steps(
    word_end: int | None, steps: int, step_samples: int, settings: LabelSettings | None = None
) -> Labels:
    """Labels of `steps` steps, the first of which ends at sample `step_samples`."""
    labels = np.zeros(steps, np.int8)
    if word_end is None:
        return labels
    s = settings or LabelSettings()
    after_s = (np.arange(1, steps + 1) * step_samples - word_end) / 16_000
    unsure = (after_s >= s.from_s - s.unsure_before_s) & (after_s <= s.to_s + s.unsure_after_s)
    labels[unsure] = MASKED
    labels[(after_s >= s.from_s) & (after_s <= s.to_s)] = 1
    return labels


@dataclass(frozen=True)
class ExampleMaker:
    """Makes example after example from one palette, for one or several front ends."""

    palette: Palette
    frontends: Sequence[FrontEndConfig]
    stride: int
    seed: int
    mixtures: MixtureSettings = field(default_factory=MixtureSettings)
    labels: LabelSettings = field(default_factory=LabelSettings)

    def draw(self, number: int) -> Mixture:
        """What example `number` is made of."""
        return draw_mixture(np.random.default_rng([self.seed, number]), self.palette, self.mixtures)

    def make(self, count: int, processes: int = 1, first: int = 0) -> list[Examples]:
        """`count` examples from number `first` on, once for each front end."""
        numbers = [
            range(at, min(at + _CHUNK, first + count)) for at in range(first, first + count, _CHUNK)
        ]
        made = list(self._chunks(numbers, processes))
        labels = np.concatenate([chunk_labels for _, chunk_labels in made])
        return [
            Examples(np.concatenate([features[i] for features, _ in made]), labels)
            for i in range(len(self.frontends))
        ]

    def _chunks(
        self, numbers: Sequence[range], processes: int
    ) -> Iterator[tuple[list[Features], Labels]]:
        if processes == 1:
            yield from map(_Worker(self), numbers)
            return
        # Forked: the sound is shared as it lies, not copied into every process.
        context = multiprocessing.get_context("fork")
        with context.Pool(processes, _Worker.begin, (self,)) as pool:
            yield from pool.imap(_Worker.go_on, numbers)


class _Worker:
    """One process's front ends, made once."""

    _here: _Worker

    def __init__(self, maker: ExampleMaker) -> None:
        self._maker = maker
        self._frontends = [FrontEnd(config) for config in maker.frontends]

    @classmethod
    def begin(cls, maker: ExampleMaker) -> None:
        cls._here = cls(maker)

    @classmethod
    def go_on(cls, numbers: range) -> tuple[list[Features], Labels]:
        return cls._here(numbers)

    def __call__(self, numbers: range) -> tuple[list[Features], Labels]:
        features: list[list[Features]] = [[] for _ in self._frontends]
        labels = []
        for number in numbers:
            mixture = self._maker.draw(number)
            samples = compose(mixture, self._maker.palette)
            for into, frontend in zip(features, self._frontends, strict=True):
                into.append(frontend.whole(samples).astype(np.float16))
            labels.append(self._label(mixture))
        return [np.stack(f) for f in features], np.stack(labels)

    def _label(self, mixture: Mixture) -> Labels:
        step_samples = self._maker.frontends[0].hop_samples * self._maker.stride
        steps = mixture.length // step_samples
        return label_steps(mixture.word_end, steps, step_samples, self._maker.labels)
