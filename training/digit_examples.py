"""Examples for the digit network: mixed once, heard once, learnt from by every fit that may.

What the backbone makes of them is kept, since no fit changes it: a fit then takes a quarter of the
time, and there is one for each speaker. Each example belongs to one speaker ("" for synthetic
voices), so that a fit that must not hear somebody leaves theirs out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from ..models.digit_strings import LEAD_FRAMES
from ..models.errors import WakefulError
from ..models.frontend import FrontEnd
from ..models.whole_file import whole
from .digit_mix import Words, draw, mixed
from .tract import tracts

if TYPE_CHECKING:
    from .asr_examples import Batch

STRIDE = 3
_NONE = -1
_PART = 500
_HEARD_AT_ONCE = 100
_MOST_TOKENS = 8
_MASKED_SHARE, _MASKED_BANDS, _MASKED_FRAMES = 0.4, 6, 8
_WARPED_SHARE, _TEMPOS = 0.6, (0.85, 1.5)
_COLOURED_SHARE = 0.6
_TRACT_SHARE, _TRACTS = 0.7, (0.84, 1.18)

Frames = npt.NDArray[np.float32]


class DigitExamplesError(WakefulError):
    """A file of examples is broken."""


@dataclass(frozen=True)
class DigitExamples:
    """`features` float16 [n, frames, bands], or what the backbone makes of them.

    `tokens` int8, -1 where a row has no more; `frames` int16: how many of a row's are heard.
    """

    features: npt.NDArray[np.float16]
    tokens: npt.NDArray[np.int8]
    frames: npt.NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.features)


Report = Callable[[int, int], None]


def make_examples(
    words: Words, counts: Mapping[str, int], folder: Path, seed: int, report: Report
) -> None:
    """So many for each speaker, in files of 500, those that are there already left as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    done, total = 0, sum(counts.values())
    for speaker, count in counts.items():
        for path, first, last in _parts(folder, speaker, count):
            if not path.is_file():
                _write(path, _made(words, speaker, range(first, last), seed))
            done += last - first
            report(done, total)


def hear_examples(
    folder: Path, heard: Path, counts: Mapping[str, int], lower: Any, seed: int, report: Report
) -> None:
    """Everything in `folder` through the network `lower`, into files of the same names.

    Changed first as people and microphones differ: `_changed` tells how.
    """
    heard.mkdir(parents=True, exist_ok=True)
    parts = [part for who, n in counts.items() for part in _parts(folder, who, n)]
    for number, (path, first, _) in enumerate(parts, 1):
        if not (heard / path.name).is_file():
            rng = np.random.default_rng([seed, first, *path.name.encode()])
            _write(heard / path.name, _through(lower, _read(path), rng))
        report(number, len(parts))


def _through(lower: Any, examples: DigitExamples, rng: np.random.Generator) -> DigitExamples:
    features, frames = examples.features.astype(np.float32), examples.frames.copy()
    for row in range(len(frames)):
        frames[row] = _changed(features[row], int(frames[row]), rng)
    made = [
        lower(features[at : at + _HEARD_AT_ONCE], training=False).numpy()
        for at in range(0, len(features), _HEARD_AT_ONCE)
    ]
    steps = -(-frames // STRIDE)
    hidden = np.concatenate(made).astype(np.float16)
    return DigitExamples(hidden, examples.tokens, steps.astype(np.int16))


def read_examples(folder: Path, counts: Mapping[str, int]) -> DigitExamples:
    """All examples of some speakers, as many of each; raises `DigitExamplesError`."""
    parts = [part for who, n in counts.items() for part in _parts(folder, who, n)]
    read = [(_read(path), last - first) for path, first, last in parts]
    return DigitExamples(
        np.concatenate([r.features[:n] for r, n in read]),
        np.concatenate([r.tokens[:n] for r, n in read]),
        np.concatenate([r.frames[:n] for r, n in read]),
    )


def _parts(folder: Path, speaker: str, count: int) -> Iterator[tuple[Path, int, int]]:
    for first in range(0, count, _PART):
        yield (
            folder / f"{speaker or 'synthetic'}-{first:06d}.npz",
            first,
            min(count, first + _PART),
        )


def _made(words: Words, speaker: str, numbers: range, seed: int) -> DigitExamples:
    frontend = FrontEnd()
    features: list[npt.NDArray[np.float16]] = []
    tokens = np.full((len(numbers), _MOST_TOKENS), _NONE, np.int8)
    frames = np.zeros(len(numbers), np.int16)
    for row, number in enumerate(numbers):
        rng = np.random.default_rng([seed, number, *speaker.encode()])
        example = mixed(words, draw(words, speaker, rng))
        features.append(frontend.whole(example.samples).astype(np.float16))
        tokens[row, : len(example.tokens)] = example.tokens
        frames[row] = example.frames
    return DigitExamples(np.stack(features), tokens, frames)


def _write(path: Path, made: DigitExamples) -> None:
    with whole(path) as beside, beside.open("wb") as file:
        np.savez(file, features=made.features, tokens=made.tokens, frames=made.frames)


def _read(path: Path) -> DigitExamples:
    try:
        with np.load(path) as saved:
            return DigitExamples(saved["features"], saved["tokens"], saved["frames"])
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DigitExamplesError(
            f"{path}: not a file of examples ({error}); take it away and run it again"
        ) from error


@dataclass(frozen=True)
class DigitBatches:
    """Batches of one epoch after the other, in drawn order.

    Those of a batch are of like length: what fills up a row is computed for nothing. Examples that
    the backbone has heard are taken as they are; `plain` ones are changed anew each time.
    """

    examples: DigitExamples
    batch: int
    seed: int
    plain: bool = False

    def __call__(self, epoch: int) -> Iterator[Batch]:
        """Every example once, but for those that fill no batch."""
        rng = np.random.default_rng([self.seed, epoch])
        count = self.count()
        drawn = rng.permutation(len(self.examples))[: count * self.batch]
        length = self.examples.frames[drawn] * rng.uniform(0.9, 1.1, len(drawn))
        batches = drawn[np.argsort(length)].reshape(count, self.batch)
        for rows in batches[rng.permutation(count)]:
            yield self._batch(rows, rng)

    def count(self) -> int:
        """Batches an epoch."""
        return len(self.examples) // self.batch

    def _batch(self, rows: npt.NDArray[np.int64], rng: np.random.Generator) -> Batch:
        # Here, since it imports Keras, which mixing needs as little as whoever reads.
        from .asr_examples import Batch

        features = self.examples.features[rows].astype(np.float32)
        frames = self.examples.frames[rows].astype(np.int32)
        if self.plain:
            frames = np.array(
                [_changed(one, int(n), rng) for one, n in zip(features, frames, strict=True)]
            )
        stride = STRIDE if self.plain else 1
        steps = (-(-frames // stride)).astype(np.int32)
        tokens = self.examples.tokens[rows].astype(np.int32)
        lengths = (tokens != _NONE).sum(axis=1).astype(np.int32)
        return Batch(features[:, : stride * steps.max()], steps, np.maximum(tokens, 0), lengths)


def _changed(frames: Frames, heard: int, rng: np.random.Generator) -> int:
    """Change one example in place, each in some of them; returns how many frames are heard now.

    Quicker or slower at the same pitch; by a longer or shorter throat, which moves what is heard
    along the bands; duller, brighter or hollow, which in logarithms is a curve over the bands; some
    bands and a moment masked, none of which may be relied upon.
    """
    if rng.random() < _WARPED_SHARE:
        heard = _sped(frames, heard, float(np.exp(rng.uniform(*np.log(_TEMPOS)))))
    if rng.random() < _TRACT_SHARE:
        own = tracts(_TRACTS)[rng.integers(len(tracts(_TRACTS)))]
        frames[LEAD_FRAMES:heard] = frames[LEAD_FRAMES:heard] @ own
    if rng.random() < _COLOURED_SHARE:
        frames[LEAD_FRAMES:heard] += _curve(frames.shape[1], rng)
    if rng.random() < _MASKED_SHARE:
        wide = int(rng.integers(1, _MASKED_BANDS + 1))
        low = int(rng.integers(frames.shape[1] - wide))
        frames[:, low : low + wide] = 0.0
    if rng.random() < _MASKED_SHARE:
        wide = int(rng.integers(1, _MASKED_FRAMES + 1))
        start = int(rng.integers(len(frames) - wide))
        frames[start : start + wide] = 0.0
    return heard


def _sped(frames: Frames, heard: int, tempo: float) -> int:
    """What is said so many times as quickly; what would no longer fit in is not made longer."""
    said = frames[LEAD_FRAMES:heard].copy()
    count = min(len(frames) - LEAD_FRAMES, max(1, round(len(said) / tempo)))
    at = np.linspace(0, len(said) - 1, count)
    before = np.minimum(at.astype(int), max(0, len(said) - 2))
    share = (at - before)[:, np.newaxis].astype(np.float32)
    after = np.minimum(before + 1, len(said) - 1)
    end = LEAD_FRAMES + count
    frames[LEAD_FRAMES:end] = said[before] * (1 - share) + said[after] * share
    frames[end:] = frames[end - 1]
    return end


def _curve(bands: int, rng: np.random.Generator) -> Frames:
    """A tilt and a slow wave, in the features' unit: half the logarithm of a band's power."""
    at = np.linspace(-1, 1, bands)
    tilt, height = rng.normal(0, 0.5), rng.normal(0, 0.35)
    wave = np.sin(np.pi * (at * rng.uniform(0.5, 2.0) + rng.uniform(0, 2)))
    curve: Frames = (tilt * at + height * wave).astype(np.float32)
    return curve
