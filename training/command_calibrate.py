"""How sure a command model may say it is: a temperature, and how soon it gives up on a word.

Fitted to the scores of people that had not been heard, by what they really said: of all clips
that are 0.8 sure, eight in ten shall be right. Offsets of ``_unknown_`` and ``_silence_`` are a
threshold of their own for what is no command.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ..models.classifier import calibrated
from ..models.labels import SILENCE, UNKNOWN
from .sureness import Probabilities, calibration_error, unlikeliness

Scores = npt.NDArray[np.float32]

_STEPS = (0.4, 0.2, 0.1, 0.05)


@dataclass(frozen=True)
class Calibration:
    """As a manifest holds it; `error` is how far confidences are from shares right, on average."""

    temperature: float = 1.0
    offsets: Mapping[str, float] = field(default_factory=dict)
    error: float = float("nan")

    def probabilities(self, scores: Scores, labels: Sequence[str]) -> Probabilities:
        """Of [clips, looks, labels] the mean of each clip's looks: [clips, labels]."""
        offsets = np.array([self.offsets.get(name, 0.0) for name in labels])
        found: Probabilities = calibrated(scores, self.temperature, offsets).mean(axis=1)
        return found


def calibrate(scores: Scores, truths: npt.NDArray[np.int64], labels: Sequence[str]) -> Calibration:
    """The temperature and offsets under which what was said was likeliest.

    `scores` are [clips, looks, labels]. Offsets under which fewer clips are right than without them
    are left out: what is likeliest by a little is not worth a mistake.
    """
    free = [name for name in (UNKNOWN, SILENCE) if name in labels]
    plain = replace(_likeliest(scores, truths, labels, ()), offsets=dict.fromkeys(free, 0.0))
    offset = _likeliest(scores, truths, labels, free)
    # Where as many are right with offsets as without, the first of the two is taken.
    found = max((offset, plain), key=lambda one: _right(one.probabilities(scores, labels), truths))
    error = calibration_error(found.probabilities(scores, labels), truths)
    return replace(found, error=error)


def _right(found: Probabilities, truths: npt.NDArray[np.int64]) -> int:
    return int(np.sum(found.argmax(axis=1) == truths))


def _likeliest(
    scores: Scores, truths: npt.NDArray[np.int64], labels: Sequence[str], free: Sequence[str]
) -> Calibration:
    """Each number in turn is searched on a grid that gets finer."""
    values = {"temperature": 0.0, **dict.fromkeys(free, 0.0)}
    for step in _STEPS:
        for name, value in list(values.items()):
            tried = value + step * np.arange(-4, 5)
            costs = [_cost(scores, truths, labels, {**values, name: at}) for at in tried]
            values[name] = float(tried[int(np.argmin(costs))])
    return _calibration(values)


def _calibration(values: Mapping[str, float]) -> Calibration:
    offsets = {name: round(at, 3) for name, at in values.items() if name != "temperature"}
    return Calibration(round(float(np.exp(values["temperature"])), 4), offsets)


def _cost(
    scores: Scores,
    truths: npt.NDArray[np.int64],
    labels: Sequence[str],
    values: Mapping[str, float],
) -> float:
    return unlikeliness(_calibration(values).probabilities(scores, labels), truths)
