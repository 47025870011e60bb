"""Another speaker out of a clip: pitch, vocal tract and range changed with WORLD."""

from __future__ import annotations

import sys
import types
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .voice import SAMPLE_RATE_HZ, EngineMissingError, Sound

_FRAME_MS = 5.0
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
    world = _world()
    wave = sound.astype(np.float64)
    rough, times = world.dio(wave, SAMPLE_RATE_HZ, f0_floor=60, f0_ceil=500, frame_period=_FRAME_MS)
    pitch = world.stonemask(wave, rough, times, SAMPLE_RATE_HZ)
    spectrum = world.cheaptrick(wave, pitch, times, SAMPLE_RATE_HZ)
    breath = world.d4c(wave, pitch, times, SAMPLE_RATE_HZ)
    log_spectrum = _stretched(np.log(spectrum + _TINY), warp.formants)
    made = world.synthesize(
        _moved(pitch, warp),
        np.ascontiguousarray(np.exp(log_spectrum)),
        np.ascontiguousarray(_stretched(breath, warp.formants)),
        SAMPLE_RATE_HZ,
        _FRAME_MS,
    )
    return np.asarray(made, np.float32)


def _stretched(rows: npt.NDArray[np.float64], factor: float) -> npt.NDArray[np.float64]:
    """Each row along its frequencies: what was at f comes to lie at f times the factor."""
    at = np.arange(rows.shape[1]) / factor
    left = np.minimum(at.astype(int), rows.shape[1] - 2)
    share = np.minimum(at - left, 1.0)
    mixed: npt.NDArray[np.float64] = rows[:, left] * (1 - share) + rows[:, left + 1] * share
    return mixed


def _moved(pitch: npt.NDArray[np.float64], warp: Warp) -> npt.NDArray[np.float64]:
    """The voiced frames' pitch, its range about its geometric mean, then its height."""
    voiced = pitch > 0
    moved = pitch.copy()
    if voiced.any():
        middle = np.exp(np.log(pitch[voiced]).mean())
        moved[voiced] = middle * (pitch[voiced] / middle) ** warp.range * warp.pitch
    return moved


def has_world() -> bool:
    """Whether speakers can be changed here."""
    try:
        _world()
    except EngineMissingError:
        return False
    return True


def _world() -> Any:
    # pyworld asks pkg_resources for its own version, which new setuptools no longer bring.
    if "pkg_resources" not in sys.modules:
        stand_in = types.ModuleType("pkg_resources")
        stand_in.get_distribution = lambda _: types.SimpleNamespace(version="")  # type: ignore[attr-defined]
        sys.modules["pkg_resources"] = stand_in
    try:
        import pyworld
    except ImportError as error:
        raise EngineMissingError(
            "changing speakers needs WORLD: pip install 'wakeful[synth]'"
        ) from error
    finally:
        if getattr(sys.modules["pkg_resources"], "__file__", None) is None:
            del sys.modules["pkg_resources"]
    return pyworld
