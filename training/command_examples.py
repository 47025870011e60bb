"""Clips into what the shipped command model is fitted on: several mixtures of each, as features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..models.frontend import FrontEnd, FrontEndConfig
from ..synth.levels import Samples
from ..synth.progress import Show
from .command_mixing import Mixing, draw_mixing, mixed
from .forked import forked

Features = npt.NDArray[np.float16]
_CHUNK = 64


@dataclass(frozen=True)
class CommandMaker:
    """Example ``(clip, copy)`` comes from a generator seeded by both, however many make them."""

    clips: Sequence[Samples]
    noises: Sequence[Samples]
    frontend: FrontEndConfig
    seed: int
    mixing: Mixing = field(default_factory=Mixing)

    def make(
        self,
        jobs: Sequence[tuple[int, int]],
        processes: int = 1,
        show: Show = lambda done, total: None,
    ) -> Features:
        """[jobs, frames, bands] of (clip, copy) in order."""
        made = []
        chunks = [jobs[at : at + _CHUNK] for at in range(0, len(jobs), _CHUNK)]
        for part in forked(lambda: _Worker(self), chunks, processes):
            made.append(part)
            show(min(len(made) * _CHUNK, len(jobs)), len(jobs))
        return np.concatenate(made)


class _Worker:
    """One process's front end, made once."""

    def __init__(self, maker: CommandMaker) -> None:
        self._maker, self._frontend = maker, FrontEnd(maker.frontend)

    def __call__(self, jobs: Sequence[tuple[int, int]]) -> Features:
        return np.stack([self._one(*job) for job in jobs]).astype(np.float16)

    def _one(self, clip: int, copy: int) -> npt.NDArray[np.float32]:
        m = self._maker
        drawn = draw_mixing(np.random.default_rng([m.seed, clip, copy]), m.noises, m.mixing)
        frames: npt.NDArray[np.float32] = self._frontend.whole(
            mixed(m.clips[clip], drawn, m.noises)
        )
        return frames
