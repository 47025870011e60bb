"""One of the older digit networks alone: fitted on a split, measured, and kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..models.errors import UsageError
from ..synth.progress import bar
from .corpora import Corpus
from .corpora_cache import Stored
from .corpora_splits import random_split
from .digit_older import (
    SYSTEMS,
    Fitted,
    budget,
    fit_system,
    measured_pace,
    sides,
    store_takes,
)
from .digit_sources import digit_corpus
from .scalars import loss_writer
from .train_options import Say


class SpeakerError(UsageError):
    """Nobody of this name speaks in the corpus."""


@dataclass(frozen=True)
class OneRequest:
    """What `wakeful train digits-lstm-…` is asked for."""

    name: str
    data: Path
    out: Path
    ninefold: bool
    leave_out: str | None = None
    minutes: float = 10.0
    seed: int = 1
    tensorboard: Path | None = None


def train_one(request: OneRequest, say: Say) -> Fitted:
    """Fit it and write ``NAME.npz``; a run that was stopped goes on from its last epoch."""
    corpus = digit_corpus(request.data)
    kept = _kept(request, corpus)
    work = request.out / f".{request.name}-work"
    takes, bad = store_takes(corpus.clips, work / "takes", bar(" clips"))
    if bad:
        say(f"{len(bad)} clips left out, {bad[0].path.name} first: {bad[0].reason}")
    system = next(s for s in SYSTEMS if s.network == request.name)
    system = replace(system, ninefold=request.ninefold)

    def tested(stored: Stored) -> bool:
        return stored.name.partition("#")[0] in kept

    parted = sides(takes, tested, system.ninefold, request.seed)
    sizes = len(parted.train), len(parted.validation), len(parted.test)
    allowed = budget(system, measured_pace(system, takes), sizes, 60 * request.minutes)
    say(f"{allowed.epochs} epochs of {allowed.clips} clips at most, {sizes[0]} there are")
    board = loss_writer(request.tensorboard) if request.tensorboard else lambda progress: None
    return fit_system(
        system,
        takes,
        parted,
        allowed,
        request.seed,
        checkpoint=work / "fit.npz",
        keep=request.out / f"{request.name}.npz",
        report=board,
    )


def _kept(request: OneRequest, corpus: Corpus) -> frozenset[str]:
    """The names of the files to measure on; raises `SpeakerError`."""
    if request.leave_out is None:
        _, kept = random_split(corpus.clips, np.random.default_rng(request.seed))
        return frozenset(clip.path.name for clip in kept)
    if request.leave_out not in corpus.speakers:
        raise SpeakerError(
            f"--leave-out {request.leave_out}: nobody's name; there are "
            f"{', '.join(corpus.speakers)}"
        )
    return frozenset(c.path.name for c in corpus.clips if c.speaker == request.leave_out)
