"""The older digit systems on one corpus: sound stored nine-fold, features, splits, timed fits.

What is measured on is in no way heard before: a recording whose take is tested on is left out with
all nine of its variants, and so is one that early stopping watches. (Where variants of one take may
fall on both sides, a split measures memory.)
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.digits import DIGITS, MASKED, RAW_RATE_HZ, RAW_SAMPLES, build
from ..models.features import DIGITS_MEL
from ..synth.levels import Samples, to_float
from ..synth.ninefold import nine
from ..synth.progress import Show
from .classify import Labelled, Recipe, fit_classifier, scores
from .confusion import confusion
from .corpora import Clip
from .corpora_cache import Cache, Stored
from .corpora_sound import Bad
from .fit import Progress
from .mistakes import Mistake, surest_mistakes
from .weights import save_weights

Array = npt.NDArray[np.float32]
UNCHANGED = "x1.0+0"
_VALIDATION_SHARE = 0.1
_PATIENCE = 8
_MOST_EPOCHS = 100


@dataclass(frozen=True)
class System:
    """One of the four: which network, which features, one recording as one or as nine."""

    name: str
    network: str
    features: str
    ninefold: bool
    published: float
    """Its micro-F1 on a random split, as its makers gave it."""
    batch: int
    share: float
    """Of the minutes of a comparison."""


SYSTEMS = (
    System("digits-lstm-raw", "digits-lstm-raw", "raw", False, 0.10, 32, 0.10),
    System("digits-lstm-mel", "digits-lstm-mel", "mel", False, 0.917, 32, 0.36),
    System("digits-lstm-raw-augmented", "digits-lstm-raw-augmented", "raw", True, 0.10, 32, 0.12),
    System("digits-lstm-mel-augmented", "digits-lstm-mel", "mel", True, 0.955, 32, 0.42),
)


def raw(samples: Samples) -> Array:
    """[17640, 1]: 0.8 s, a shorter clip filled up with `MASKED`."""
    kept = to_float(samples[:RAW_SAMPLES])
    filled = np.full((RAW_SAMPLES, 1), MASKED, np.float32)
    filled[: len(kept), 0] = kept
    return filled


def mel(samples: Samples) -> Array:
    """[64 bands, 35 frames], about 0 and 1 wide over speech."""
    return (DIGITS_MEL.whole(samples).T + 8.0) / 4.0


@dataclass(frozen=True)
class Takes:
    """All recordings, and of each the digit, the speaker and which take it is of."""

    stored: tuple[Stored, ...]
    recorded: Mapping[tuple[str, str, str], Clip] = field(default_factory=dict)
    """By digit, speaker and the file's name: where each take is."""

    def clip(self, row: int) -> Clip:
        """The take that a recording was made from."""
        stored = self.stored[row]
        name = stored.name.partition("#")[0]
        unknown = Clip(Path(name), stored.label, stored.speaker)
        return self.recorded.get((stored.label, stored.speaker, name), unknown)

    def names(self) -> npt.NDArray[np.str_]:
        """The file's name alone: all variants of a take have the same."""
        return np.array([s.name.partition("#")[0] for s in self.stored])

    def variants(self) -> npt.NDArray[np.str_]:
        """Which of nine."""
        return np.array([s.name.partition("#")[2] for s in self.stored])

    def digits(self) -> npt.NDArray[np.int64]:
        """What is said."""
        return np.array([int(s.label) for s in self.stored])

    def speakers(self) -> npt.NDArray[np.str_]:
        """By whom."""
        return np.array([s.speaker for s in self.stored])

    @cached_property
    def _mel(self) -> npt.NDArray[np.float16]:
        """Made once: seven fits hear the same."""
        return np.stack([mel(s.samples) for s in self.stored]).astype(np.float16)

    def features(self, kind: str, rows: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """Of some recordings, in the order of `rows`."""
        if kind == "mel":
            return self._mel[rows]
        return np.stack([raw(self.stored[n].samples) for n in rows])


def store_takes(clips: Sequence[Clip], folder: Path, show: Show) -> tuple[Takes, tuple[Bad, ...]]:
    """Each clip as nine, made once, at 22.05 kHz and 0.8 s at most; raises as `Cache.fill`."""
    cache = Cache(folder, rate_hz=RAW_RATE_HZ, longest_s=RAW_SAMPLES / RAW_RATE_HZ, size=250)
    bad = cache.fill(clips, nine, show=show)
    recorded = {(clip.label, clip.speaker, clip.path.name): clip for clip in clips}
    return Takes(tuple(cache.read()), recorded), bad


@dataclass(frozen=True)
class Sides:
    """Numbers of recordings: to fit, to stop by, to measure."""

    train: npt.NDArray[np.int64]
    validation: npt.NDArray[np.int64]
    test: npt.NDArray[np.int64]


def sides(takes: Takes, tested: Callable[[Stored], bool], ninefold: bool, seed: int) -> Sides:
    """Tested takes apart, of the others a tenth to stop by; variants only to fit on."""
    names, plain = takes.names(), takes.variants() == UNCHANGED
    test = np.array([tested(s) for s in takes.stored])
    others = np.unique(names[~test])
    count = max(1, round(_VALIDATION_SHARE * len(others)))
    watched = np.random.default_rng(seed).choice(others, count, replace=False)
    stopping = np.isin(names, watched) & ~test
    train = ~test & ~stopping & (plain | ninefold)
    return Sides(*(np.flatnonzero(rows) for rows in (train, stopping & plain, test & plain)))


@dataclass(frozen=True)
class Pace:
    """How long a network takes: seconds to learn from a batch, and to hear one."""

    learns_s: float
    hears_s: float


def measured_pace(system: System, takes: Takes) -> Pace:
    """By one batch that is learnt from and heard, after one that isn't counted."""
    from ..models.keras_import import keras

    model = build(system.network)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    rows = np.arange(system.batch) % len(takes.stored)
    x, y = takes.features(system.features, rows), takes.digits()[rows]
    learns, hears = [], []
    for _ in range(2):
        began = time.monotonic()
        model.train_on_batch(x, y)
        learns.append(time.monotonic() - began)
        began = time.monotonic()
        model.predict_on_batch(x)
        hears.append(time.monotonic() - began)
    return Pace(learns[-1], hears[-1])


@dataclass(frozen=True)
class Budget:
    """What a fit may do in its time: clips an epoch, epochs, clips to stop by and to measure."""

    clips: int
    epochs: int
    validation: int
    test: int


def budget(system: System, pace: Pace, sizes: tuple[int, int, int], seconds: float) -> Budget:
    """Whole epochs where there is time for some; else what of one there is time for.

    A quarter of the time is for hearing, where hearing everything would take more.
    """
    train, validation, test = sizes

    def hearing_s(clips: int) -> float:
        return math.ceil(clips / system.batch) * pace.hears_s

    heard = int(0.25 * seconds / pace.hears_s) * system.batch
    test = min(test, max(system.batch, heard // 2))
    left_s = max(0.0, seconds - hearing_s(test))
    learning_s = math.ceil(train / system.batch) * pace.learns_s
    epochs = int(left_s / (learning_s + hearing_s(validation)))
    if epochs >= 1:
        return Budget(train, min(epochs, _MOST_EPOCHS), validation, test)
    validation = min(validation, max(system.batch, heard // 4))
    left_s = max(0.0, left_s - hearing_s(validation))
    clips = max(1, int(left_s / pace.learns_s)) * system.batch
    return Budget(min(train, clips), 1, validation, test)


@dataclass(frozen=True)
class Fitted:
    """What one fit gave: a table of what was said and heard, and how it came about."""

    confusion: npt.NDArray[np.int64]
    epochs: int
    clips: int
    """That were learnt from, `of` as many as there are."""
    of: int
    losses: tuple[float, ...]
    seconds: float
    mistakes: tuple[Mistake, ...] = ()
    """The surest; an older run kept none."""

    @property
    def micro_f1(self) -> float:
        """Over all digits together; where each clip gets one answer, the share that is right."""
        right = float(np.trace(self.confusion))
        wrong = float(self.confusion.sum()) - right
        # Each wrong answer is missed by one digit and falsely told by another.
        return 2 * right / max(1.0, 2 * right + wrong + wrong)


def fit_system(
    system: System,
    takes: Takes,
    parted: Sides,
    allowed: Budget,
    seed: int,
    *,
    checkpoint: Path,
    keep: Path | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Fitted:
    """Fit as long as is allowed or as validation gets better, and measure on the test side.

    `keep` is where the weights go, if they are wanted.
    """
    rng = np.random.default_rng([seed, 2])
    train, validation, test = (
        _some(side, count, rng)
        for side, count in (
            (parted.train, allowed.clips),
            (parted.validation, allowed.validation),
            (parted.test, allowed.test),
        )
    )
    model = build(system.network)
    began = time.monotonic()

    def told(done: int, epochs: int, loss: float, accuracy: float | None) -> None:
        elapsed_s = time.monotonic() - began
        report(Progress(done, epochs, loss, elapsed_s, elapsed_s / done * (epochs - done)))

    history = fit_classifier(
        model,
        _labelled(system, takes, train),
        Recipe(epochs=allowed.epochs, batch=system.batch, patience=_PATIENCE),
        seed,
        validation=_labelled(system, takes, validation),
        checkpoint=checkpoint,
        report=told,
    )
    if keep:
        save_weights(keep, model)
    found = scores(model, takes.features(system.features, test))
    said = takes.digits()[test]
    losses = tuple(round(loss, 4) for loss in history.losses)
    return Fitted(
        confusion=confusion(said.tolist(), found.argmax(axis=1).tolist(), len(DIGITS)),
        epochs=len(losses),
        clips=len(train),
        of=len(parted.train),
        losses=losses,
        seconds=round(history.seconds, 1),
        mistakes=tuple(
            surest_mistakes([takes.clip(n) for n in test.tolist()], found, said.tolist(), DIGITS)
        ),
    )


def _some(
    rows: npt.NDArray[np.int64], count: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    if count >= len(rows):
        return rows
    return np.sort(rng.choice(rows, count, replace=False))


def _labelled(system: System, takes: Takes, rows: npt.NDArray[np.int64]) -> Labelled:
    return Labelled(takes.features(system.features, rows), takes.digits()[rows])
