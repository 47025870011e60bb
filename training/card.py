"""One sound on a page: a player, and on its axis of time the waveform, features and score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..models.frontend import FrontEnd, FrontEndConfig
from ..synth.levels import Samples
from ..synth.page import Markup, player, tag
from ..synth.picture import HEIGHT, WIDTH, area, heat, mark, wave_path
from ..synth.timeline import timeline
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
    length = max(1, len(card.sound))
    marks = [part for sample in card.marks for part in mark(sample / length)]
    wave = area("wave", "waveform", tag("path", d=wave_path(card.sound)), *marks)
    score = _score(card.scores, card.threshold) if len(card.scores) else []
    seen = "features and score" if score else "features"
    mel = area("mel", seen, heat(frames, low, high), *marks, *score)
    length_s = len(card.sound) / _RATE_HZ
    said = tag("p", f"{card.said}; {length_s:.1f} s", class_="faint")
    sound = timeline(wave, mel, length_s=length_s, heard=player(card.sound))
    return tag("article", tag("h3", card.title), said, sound)


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
