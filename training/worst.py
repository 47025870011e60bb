"""Where a step did worst on what was held out: words of low score, other sound of high score."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from ..synth.palette import Clip
from .calibrate import best
from .measure import PAUSE, Scores

_LEAST = 0.05
"""What scores less came near to nothing."""


@dataclass(frozen=True)
class Peak:
    """Step `step` of stream `stream` scored `score`, and nothing near it more."""

    stream: int
    step: int
    score: float


def peaks(streams: Sequence[Scores], apart_steps: int, most: int) -> list[Peak]:
    """The highest scores at least `apart_steps` from a higher one, the highest first."""
    found = [p for n, scores in enumerate(streams) for p in _of_one(n, scores, apart_steps, most)]
    return sorted(found, key=lambda p: (-p.score, p.stream, p.step))[:most]


def _of_one(number: int, scores: Scores, apart_steps: int, most: int) -> list[Peak]:
    left, found = scores.copy(), list[Peak]()
    while len(found) < most and best(left) >= _LEAST:
        step = int(left.argmax())
        found.append(Peak(number, step, float(left[step])))
        left[max(0, step - apart_steps) : step + apart_steps + 1] = 0.0
    return found


class Places:
    """Which recording lies where in streams that `joined` made of `clips`."""

    def __init__(self, clips: Sequence[Clip], stream_lengths: Sequence[int]) -> None:
        self._clips = clips
        self._ends = [*accumulate(len(c.samples) + PAUSE for c in clips)]
        self._streams = [0, *accumulate(stream_lengths)]

    def of(self, stream: int, sample: int) -> tuple[Clip, float]:
        """The recording that sounds there or sounded last, and the seconds since it began."""
        at = self._streams[stream] + sample
        number = min(bisect_right(self._ends, at), len(self._clips) - 1)
        clip = self._clips[number]
        return clip, (at - self._ends[number] + len(clip.samples) + PAUSE) / 16_000


def least_sure(words: Sequence[Scores], threshold: float, most: int) -> list[int]:
    """The numbers of the words that a threshold misses, the least sure first."""
    highest = np.array([best(scores) for scores in words])
    return [int(i) for i in np.argsort(highest, kind="stable") if highest[i] < threshold][:most]


@dataclass(frozen=True)
class NearWord:
    """A text that must not wake it: how many clips say it, how many of them fire, how surely."""

    text: str
    said: int
    fired: int
    highest: float


def near_words(texts: Sequence[str], scores: Sequence[Scores], threshold: float) -> list[NearWord]:
    """The texts that fire, those that do so most often first."""
    heard: dict[str, list[float]] = defaultdict(list)
    for text, one in zip(texts, scores, strict=True):
        heard[text].append(best(one))
    found = [
        NearWord(text, len(all_of), sum(s >= threshold for s in all_of), max(all_of))
        for text, all_of in heard.items()
    ]
    firing = [word for word in found if word.fired]
    return sorted(firing, key=lambda w: (-w.fired, w.said, -w.highest, w.text))
