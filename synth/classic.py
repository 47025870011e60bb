"""Ten seconds as the classic trigger learnt from: a quiet background, a few words laid over it.

`draw_classic` decides everything and touches no sound; `compose_classic` makes the sound with pydub
and draws nothing. Segments are (first, last) milliseconds, both of which belong to them.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.features import TRIGGER_CLASSIC, Frames
from .classic_labels import LENGTH_MS, classic_labels
from .classic_stock import SAMPLE_RATE_HZ, ClassicError, Stock
from .labels import Labels
from .levels import Samples

MOST_ACTIVATES = 4
MOST_NEGATIVES = 2
_BACKGROUND_DB = -20.0
_LEVEL_DBFS = -20.0
_LEVEL_WITHIN_DB = 0.05
_LEVEL_PASSES = 12

Segment = tuple[int, int]


@dataclass(frozen=True)
class Insertion:
    """A clip by its name, and the milliseconds that it takes up, the last included."""

    clip: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class ClassicMixture:
    """All that was drawn. `left_out` are the clips that no free stretch was long enough for."""

    background: str
    offset_ms: int
    activates: tuple[Insertion, ...]
    negatives: tuple[Insertion, ...]
    left_out: tuple[str, ...]

    def labels(self) -> Labels:
        """[1375, 1]: 1 for 50 steps after the end of each activate."""
        return classic_labels(activate.end_ms for activate in self.activates)


def overlaps(
    first_ms: npt.ArrayLike, last_ms: npt.ArrayLike, taken: Iterable[Segment]
) -> npt.NDArray[np.bool_]:
    """Whether a segment, or each of many, shares a millisecond with any that is taken."""
    first, last = np.asarray(first_ms), np.asarray(last_ms)
    shared = np.zeros(first.shape, bool)
    for taken_first, taken_last in taken:
        shared |= (first <= taken_last) & (last >= taken_first)
    return shared


def draw_segment(
    rng: np.random.Generator, length_ms: int, taken: Iterable[Segment]
) -> Segment | None:
    """One of all the free places, each as likely as the other; None where there is none.

    To try again until a place is free would draw the same, but go on for ever where none is.
    """
    first_ms = np.arange(LENGTH_MS - length_ms + 1)
    free_ms = first_ms[~overlaps(first_ms, first_ms + length_ms - 1, taken)]
    if not len(free_ms):
        return None
    first = int(rng.choice(free_ms))
    return first, first + length_ms - 1


def draw_classic(rng: np.random.Generator, stock: Stock) -> ClassicMixture:
    """A background, where in it to begin, 0 to 4 activates, and then 0 to 2 negatives."""
    background, length_ms = list(stock.backgrounds.items())[rng.integers(len(stock.backgrounds))]
    offset_ms = int(rng.integers(length_ms - LENGTH_MS, endpoint=True))
    activates, no_place = _draw_insertions(rng, stock.activates, MOST_ACTIVATES, ())
    negatives, none_either = _draw_insertions(rng, stock.negatives, MOST_NEGATIVES, activates)
    return ClassicMixture(background, offset_ms, activates, negatives, no_place + none_either)


def _draw_insertions(
    rng: np.random.Generator, lengths_ms: Mapping[str, int], most: int, before: Iterable[Insertion]
) -> tuple[tuple[Insertion, ...], tuple[str, ...]]:
    """Those that found a place, and the names of those that didn't; a clip may come twice."""
    taken = [(i.start_ms, i.end_ms) for i in before]
    placed: list[Insertion] = []
    no_place: list[str] = []
    clips, count = list(lengths_ms.items()), int(rng.integers(most, endpoint=True))
    for name, length_ms in (clips[i] for i in rng.integers(len(clips), size=count)):
        segment = draw_segment(rng, length_ms, taken)
        if segment is None:
            no_place.append(name)
        else:
            taken.append(segment)
            placed.append(Insertion(name, *segment))
    return tuple(placed), tuple(no_place)


def compose_classic(mixture: ClassicMixture, stock: Stock) -> Samples:
    """The sound of it: 441,000 samples at 44.1 kHz. The same mixture gives the same samples.

    At -20 dBFS by pydub's measure, but for silence, and what is too short to get there at full
    scale. Raises `ClassicError` without pydub, or for a recording that has gone since.
    """
    sound = _segment(stock.background(mixture.background, mixture.offset_ms))
    sound = sound.apply_gain(_BACKGROUND_DB)
    for insertion in (*mixture.activates, *mixture.negatives):
        length_ms = insertion.end_ms - insertion.start_ms + 1
        clip = stock.clip(insertion.clip)[: length_ms * SAMPLE_RATE_HZ // 1_000]
        sound = sound.overlay(_segment(clip), position=insertion.start_ms)
    return np.array(_levelled(sound).get_array_of_samples(), np.int16)


def features(samples: Samples) -> Frames:
    """What ``trigger-classic`` is fed: [5511, 101], the transposed spectrogram."""
    return TRIGGER_CLASSIC.whole(samples)


def _levelled(sound: Any) -> Any:
    """Once is enough, unless the gain clips, or so little is there that its level is a guess."""
    for _ in range(_LEVEL_PASSES):
        gain_db = _LEVEL_DBFS - sound.dBFS
        if math.isinf(gain_db) or abs(gain_db) < _LEVEL_WITHIN_DB:
            break
        sound = sound.apply_gain(gain_db)
    return sound


def _segment(samples: Samples) -> Any:
    made = _pydub()
    data = samples.tobytes()
    return made(data=data, sample_width=2, frame_rate=SAMPLE_RATE_HZ, channels=1)


def _pydub() -> Any:
    # It warns when it is loaded: of ffmpeg, which we don't use, and of audioop's future.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from pydub import AudioSegment
        except ImportError as error:
            raise ClassicError(
                "classic composition: pydub is not installed: pip install 'wakeful[synth]'"
            ) from error
    return AudioSegment
