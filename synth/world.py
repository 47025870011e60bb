"""Speech taken apart into pitch, spectrum and breath by WORLD, and put together again."""

from __future__ import annotations

import sys
import types
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .voice import SAMPLE_RATE_HZ, EngineMissingError, Sound

Rows = npt.NDArray[np.float64]

_FRAME_MS = 5.0


@dataclass(frozen=True)
class Speech:
    """What is said, every 5 ms: `pitch_hz` [n], 0 where unvoiced, the others [n, bins]."""

    pitch_hz: Rows
    spectrum: Rows
    breath: Rows

    def sound(self, stretch: float = 1.0) -> Sound:
        """All of it, `stretch` times as long as it was, at its own pitch."""
        made = _world().synthesize(
            self.pitch_hz,
            np.ascontiguousarray(self.spectrum),
            np.ascontiguousarray(self.breath),
            SAMPLE_RATE_HZ,
            _FRAME_MS * stretch,
        )
        return np.asarray(made, np.float32)


def analysed(sound: Sound) -> Speech:
    """The parts of 16 kHz speech; raises `EngineMissingError` without WORLD."""
    world = _world()
    wave = sound.astype(np.float64)
    rough, times = world.dio(wave, SAMPLE_RATE_HZ, f0_floor=60, f0_ceil=500, frame_period=_FRAME_MS)
    pitch_hz = world.stonemask(wave, rough, times, SAMPLE_RATE_HZ)
    spectrum = world.cheaptrick(wave, pitch_hz, times, SAMPLE_RATE_HZ)
    return Speech(pitch_hz, spectrum, world.d4c(wave, pitch_hz, times, SAMPLE_RATE_HZ))


def has_world() -> bool:
    """Whether speech can be taken apart here."""
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
