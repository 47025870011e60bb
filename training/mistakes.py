"""A network's surest mistakes: which clips it took for what, to be kept beside its figures.

The sound is not kept: a page reads it from the recording again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.ctc import log_softmax
from .corpora import Clip

MOST = 12
"""Of one network."""


@dataclass(frozen=True)
class Mistake:
    """A clip that was taken for something else; `sure` and `believed` are probabilities."""

    file: str
    """With its whole way, for a page may be written from another folder."""
    said: str
    heard: str
    sure: float
    """Of what was heard."""
    believed: float
    """Of what was said."""
    speaker: str = ""
    start_s: float = 0.0
    length_s: float | None = None

    @property
    def clip(self) -> Clip:
        """Where its sound is."""
        return Clip(Path(self.file), self.said, self.speaker, None, self.start_s, self.length_s)


def surest_mistakes(
    clips: Sequence[Clip],
    scores: npt.NDArray[Any],
    truths: Sequence[int],
    names: Sequence[str],
    most: int = MOST,
) -> list[Mistake]:
    """The wrong ones among `clips`, the surest first.

    `scores` [clips, names] are logarithms of shares, to within what is the same for a whole row;
    `truths` are places in `names`.
    """
    if not len(scores):
        return []
    wanted, heard = np.asarray(truths, np.int64), np.argmax(scores, axis=1)
    shares = np.exp(log_softmax(np.asarray(scores, np.float32)))
    wrong = np.flatnonzero(heard != wanted)
    # Of equally sure ones the first stay first, so that a page is the same each time.
    order = wrong[np.argsort(-shares[wrong, heard[wrong]], kind="stable")]
    return [
        _mistake(clips[n], names[wanted[n]], names[heard[n]], shares[n, heard[n]], shares[n, w])
        for n, w in ((int(n), int(wanted[n])) for n in order[:most])
    ]


def _mistake(clip: Clip, said: str, heard: str, sure: float, believed: float) -> Mistake:
    return Mistake(
        file=str(clip.path.absolute()),
        said=said,
        heard=heard,
        sure=round(float(sure), 6),
        believed=round(float(believed), 6),
        speaker=clip.speaker,
        start_s=clip.start_s,
        length_s=clip.length_s,
    )


def surest(mistakes: Sequence[Mistake], most: int = MOST) -> list[Mistake]:
    """The surest of several networks' mistakes, or of one's in several folds."""
    return sorted(mistakes, key=lambda mistake: -mistake.sure)[:most]
