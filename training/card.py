"""One sound on a page: a player, and on its axis of time the waveform, features and score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..models.frontend import FrontEnd, FrontEndConfig
from ..synth.levels import Samples
from ..synth.page import Markup, player, tag
from ..synth.picture import HEIGHT, WIDTH, area, heat, wave_path
from .measure import Scores

_RATE_HZ = 16_000


@dataclass(frozen=True)
class Card:
    """A sound, what it is, and what a network made of it.

    `scores` are those of its steps, no number where the network slept; there may be none. `marks`
    are the samples at which a line is drawn: where a word begins and ends.
    """

    title: str
    said: str
    sound: Samples
    threshold: float = 1.0
    scores: Scores = field(default_factory=lambda: np.zeros(0))
    marks: Sequence[int] = ()


def drawn(card: Card, frontend: FrontEndConfig) -> Markup:
    """An article; the score lies over the features, from 0 below to 1 above."""
    frames = FrontEnd(frontend).whole(card.sound)
    low, high = np.percentile(frames, [5, 99.5]) if frames.size else (0.0, 1.0)
    marks = [_mark(sample / max(1, len(card.sound))) for sample in card.marks]
    wave = area("wave", "waveform", tag("path", d=wave_path(card.sound)), *marks)
    score = _score(card.scores, card.threshold) if len(card.scores) else []
    seen = "features and score" if score else "features"
    mel = area("mel", seen, heat(frames, low, high), *marks, *score)
    plot = tag("div", wave, mel, tag("div", class_="cursor"), class_="plot")
    said = f"{card.said}; {len(card.sound) / _RATE_HZ:.1f} s"
    heading = tag("h2", card.title)
    return tag("article", heading, tag("p", said, class_="faint"), plot, player(card.sound))


def _mark(share: float) -> Markup:
    x = f"{WIDTH * share:.1f}"
    return tag("line", class_="end", x1=x, x2=x, y1="0", y2=str(HEIGHT))


def _score(scores: Scores, threshold: float) -> list[Markup]:
    """The score, broken where the gate was closed, and the threshold."""
    way, pen = "", "M"
    for i, score in enumerate(scores.tolist(), 1):
        if np.isnan(score):
            pen = "M"
            continue
        way += f"{pen}{WIDTH * i / len(scores):.1f} {HEIGHT * (1 - score):.1f}"
        pen = "L"
    y = f"{HEIGHT * (1 - threshold):.1f}"
    line = tag("line", class_="asked", x1="0", x2=str(WIDTH), y1=y, y2=y)
    return [tag("path", d=way, class_="under"), tag("path", d=way, class_="score"), line]
