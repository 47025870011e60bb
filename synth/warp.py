"""Another speaker out of a clip: pitch, vocal tract and range changed with WORLD."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .voice import Sound
from .world import Rows, Speech, analysed, has_world

__all__ = ["Warp", "draw_warp", "has_world", "warped"]

_TINY = 1e-16


@dataclass(frozen=True)
class Warp:
    """Factors: of the formants (a vocal tract's length), of the pitch, and of its range."""

    formants: float
    pitch: float
    range: float


def draw_warp(rng: np.random.Generator) -> Warp:
    """Pitch mostly goes with the vocal tract, as it does in people."""
    formants = rng.uniform(0.82, 1.22)
    together = formants * rng.uniform(0.85, 1.18)
    pitch = together if rng.random() < 0.8 else rng.uniform(0.7, 1.4)
    return Warp(*(round(float(v), 3) for v in (formants, pitch, rng.uniform(0.6, 1.5))))


def warped(sound: Sound, warp: Warp) -> Sound:
    """The clip as another speaker would have said it; raises `EngineMissingError` without WORLD."""
    speech = analysed(sound)
    log_spectrum = _stretched(np.log(speech.spectrum + _TINY), warp.formants)
    breath = _stretched(speech.breath, warp.formants)
    return Speech(_moved(speech.pitch_hz, warp), np.exp(log_spectrum), breath).sound()


def _stretched(rows: Rows, factor: float) -> Rows:
    """Each row along its frequencies: what was at f comes to lie at f times the factor."""
    at = np.arange(rows.shape[1]) / factor
    left = np.minimum(at.astype(int), rows.shape[1] - 2)
    share = np.minimum(at - left, 1.0)
    mixed: Rows = rows[:, left] * (1 - share) + rows[:, left + 1] * share
    return mixed


def _moved(pitch: Rows, warp: Warp) -> Rows:
    """The voiced frames' pitch, its range about its geometric mean, then its height."""
    voiced = pitch > 0
    moved = pitch.copy()
    if voiced.any():
        middle = np.exp(np.log(pitch[voiced]).mean())
        moved[voiced] = middle * (pitch[voiced] / middle) ** warp.range * warp.pitch
    return moved
