"""Clips into what the shipped command model is fitted on: several mixtures of each, as features."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..models.frontend import FrontEnd, FrontEndConfig
from ..synth.levels import Samples
from ..synth.progress import Show
from .command_mixing import Mixing, draw_mixing, mixed

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
        for part in self._chunks(chunks, processes):
            made.append(part)
            show(min(len(made) * _CHUNK, len(jobs)), len(jobs))
        return np.concatenate(made)

    def _chunks(
        self, chunks: Sequence[Sequence[tuple[int, int]]], processes: int
    ) -> Iterator[Features]:
        if processes == 1:
            yield from map(_Worker(self), chunks)
            return
        # Forked: the sound is shared as it lies, not copied into every process.
        with multiprocessing.get_context("fork").Pool(processes, _Worker.begin, (self,)) as pool:
            yield from pool.imap(_Worker.go_on, chunks)


class _Worker:
    """One process's front end, made once."""

    _here: _Worker

    def __init__(self, maker: CommandMaker) -> None:
        self._maker, self._frontend = maker, FrontEnd(maker.frontend)

    @classmethod
    def begin(cls, maker: CommandMaker) -> None:
        cls._here = cls(maker)

    @classmethod
    def go_on(cls, jobs: Sequence[tuple[int, int]]) -> Features:
        return cls._here(jobs)

    def __call__(self, jobs: Sequence[tuple[int, int]]) -> Features:
        return np.stack([self._one(*job) for job in jobs]).astype(np.float16)

    def _one(self, clip: int, copy: int) -> npt.NDArray[np.float32]:
        m = self._maker
        drawn = draw_mixing(np.random.default_rng([m.seed, clip, copy]), m.noises, m.mixing)
        frames: npt.NDArray[np.float32] = self._frontend.whole(
            mixed(m.clips[clip], drawn, m.noises)
        )
        return frames
