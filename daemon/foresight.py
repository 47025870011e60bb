"""The word heard before its block is whole: what has come of one is looked at where it may decide.

Blocks of 60 ms are cheap, and a word that is recognised in the first half of one would wait for the
second. So where the next step may fire, the part of the block that is there is heard in a scratch
copy of the stream's states, again and again until it fills a block, and nothing of that is kept but
the word. Where it is done depends on the sound alone, never on how that was cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

import numpy as np

from ..models.frontend import FrontEnd, FrontEndState, Past
from .ear import Ear, Heard
from .source import Samples


class Features(Protocol):
    """A front end's state, wherever it is kept."""

    @property
    def past(self) -> Past:
        """What the next block is heard with."""


class Foresight:
    """Of one stream, whose ears may be several."""

    def __init__(self, frontend: FrontEnd, ears: Sequence[Ear]) -> None:
        self._frontend, self._ears = frontend, ears
        self._block = frontend.config.block_samples

    @cached_property
    def _scratch(self) -> FrontEndState:
        # Many streams never come near a word.
        return self._frontend.new_state()

    @property
    def patience_samples(self) -> int:
        """How much sound after the last block to wait for: before that there will be no word."""
        return min(ear.patience_samples for ear in self._ears)

    def look(self, number: int, begun: Samples, features: Features) -> list[Heard]:
        """The words that end where block number `number` has come to."""
        self._scratch.resume(features.past)
        frames = self._frontend.step(self._scratch, np.resize(begun, self._block))
        return [heard for ear in self._ears for heard in ear.foresee(number, frames, len(begun))]
