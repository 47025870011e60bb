"""Features of whole clips, for the older systems and for study: a frozen object of parameters each.

Every one has ``whole(samples) -> float32 [frames, bands]`` and is numpy only. Samples are [n] or
[n, channels], of which the first counts. Integers are divided by `integer_scale`, so that 16-bit
sound spans -1..1; floats are taken as they are. Only windows that lie wholly in the sound become
frames: a clip shorter than one window has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .errors import WakefulError
from .mel import mel_filters

Samples = npt.NDArray[Any]
Frames = npt.NDArray[np.float32]
Scale = Literal["log", "power"]

_CHUNK_FRAMES = 4_096
"""How many windows are transformed at once: an hour of sound must not need an hour's spectra, nor
a copy of itself in floats."""


class FeatureError(WakefulError):
    """No features have these parameters."""


@dataclass(frozen=True)
class LinearSpectrogram:
    """Power spectral density per bin, one-sided: squared magnitude over (rate × window energy).

    The window is Hann's with both ends zero. That and the scaling are matplotlib's `specgram`.
    `density_rate_hz` does nothing but scale. On the ``log`` scale what is below `floor` becomes
    `floor`: above it, sound k times as loud is just a shift by 2 log k.
    """

    window_samples: int = 320
    hop_samples: int = 160
    density_rate_hz: float = 16_000
    scale: Scale = "log"
    floor: float = 1e-14
    integer_scale: float = 32_768.0

    def __post_init__(self) -> None:
        _check_cut(self.window_samples, self.hop_samples)
        _check_scale(self.scale, self.floor)

    @property
    def bands(self) -> int:
        """Bins from 0 Hz to half the rate."""
        return self.window_samples // 2 + 1

    def whole(self, samples: Samples) -> Frames:
        """All frames of a clip: [1 + (n - window) // hop, bands]."""
        window = np.hanning(self.window_samples)
        folded = np.full(self.bands, 2.0 / (self.density_rate_hz * np.sum(window**2)))
        # Bins that have no mirror image: 0 Hz and, in an even window, half the rate.
        folded[0] /= 2
        if self.window_samples % 2 == 0:
            folded[-1] /= 2
        sound, divisor = _first_channel(samples, self.integer_scale)
        power = _power(sound, window / divisor, self.hop_samples, self.window_samples)
        project = _scaled(lambda power: power * folded, self.scale, self.floor)
        return _collect(project, power, self.bands)


@dataclass(frozen=True)
class MelSpectrogram:
    """Power in `bands` mel bands; HTK's scale, 2595 log10(1 + f / 700), triangles of height 1.

    Slaney's formula (straight below 1 kHz, triangles of area 1) is not used: its areas would only
    shift each band by a constant in the logarithm, its centres lie slightly elsewhere. The window
    is Hann's (periodic), padded with zeros to the next power of two. `centred` puts frame t's
    middle at sample ``t × hop`` by padding both ends of the clip with half a window of silence.
    `length_samples` cuts or pads (behind) every clip to one length first.
    """

    sample_rate_hz: float = 16_000
    window_samples: int = 480
    hop_samples: int = 160
    bands: int = 80
    low_hz: float = 80.0
    high_hz: float = 7_600.0
    scale: Scale = "log"
    floor: float = 1e-10
    centred: bool = False
    length_samples: int | None = None
    integer_scale: float = 32_768.0

    def __post_init__(self) -> None:
        _check_cut(self.window_samples, self.hop_samples)
        _check_scale(self.scale, self.floor)
        _ = self._filters  # raises for bounds that don't fit the rate

    @property
    def n_fft(self) -> int:
        """The length of the transform: the power of two that holds the window."""
        return 1 << (self.window_samples - 1).bit_length()

    @cached_property
    def _filters(self) -> npt.NDArray[np.float32]:
        return mel_filters(self.n_fft, self.sample_rate_hz, self.bands, self.low_hz, self.high_hz)

    def whole(self, samples: Samples) -> Frames:
        """All frames: [1 + (n - window) // hop, bands]; if centred, [1 + n // hop, bands]."""
        sound, divisor = _first_channel(samples, self.integer_scale)
        if self.length_samples is not None:
            sound = sound[: self.length_samples]
            sound = np.pad(sound, (0, self.length_samples - len(sound)))
        if self.centred:
            half = self.window_samples // 2
            sound = np.pad(sound, (half, self.window_samples - half))
        window = np.hanning(self.window_samples + 1)[:-1]
        # Scaled so that white noise of variance v has power v in every bin.
        window /= np.sqrt(np.sum(window**2))
        power = _power(sound, window / divisor, self.hop_samples, self.n_fft)
        project = _scaled(lambda power: power @ self._filters, self.scale, self.floor)
        return _collect(project, power, self.bands)


def _check_cut(window_samples: int, hop_samples: int) -> None:
    # Hann's window of two samples is two zeros.
    if window_samples < 3 or hop_samples < 1:
        raise FeatureError(
            f"features: window {window_samples}, hop {hop_samples} samples; "
            "a window takes 3 at least, a hop 1"
        )


def _check_scale(scale: str, floor: float) -> None:
    if scale not in ("log", "power"):
        raise FeatureError(f"features: scale {scale!r} is not one of log, power")
    if floor <= 0:
        raise FeatureError(f"features: floor {floor:g}; silence has no logarithm without one")


def _first_channel(samples: Samples, integer_scale: float) -> tuple[Samples, float]:
    """One channel as it is, and what its values are to be divided by."""
    divisor = integer_scale if np.issubdtype(samples.dtype, np.integer) else 1.0
    return (samples[:, 0] if samples.ndim == 2 else samples), divisor


def _power(
    sound: Samples, window: npt.NDArray[np.float64], hop_samples: int, n_fft: int
) -> Iterator[npt.NDArray[np.float64]]:
    """Chunks of squared magnitudes: [frames, n_fft // 2 + 1]."""
    if len(sound) < len(window):
        return
    windows = np.lib.stride_tricks.sliding_window_view(sound, len(window))[::hop_samples]
    for at in range(0, len(windows), _CHUNK_FRAMES):
        spectra = np.fft.rfft(windows[at : at + _CHUNK_FRAMES] * window, n_fft)
        yield spectra.real**2 + spectra.imag**2


Projection = Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]


def _scaled(project: Projection, scale: Scale, floor: float) -> Projection:
    if scale == "power":
        return project
    return lambda power: np.log(np.maximum(project(power), floor))


def _collect(project: Projection, chunks: Iterator[npt.NDArray[np.float64]], bands: int) -> Frames:
    ready = [project(power).astype(np.float32) for power in chunks]
    return np.concatenate(ready) if ready else np.zeros((0, bands), np.float32)


LINEAR_161 = LinearSpectrogram()
"""For speech recognizers: 161 bins of 50 Hz, 20 ms windows every 10 ms, at 16 kHz."""

TRIGGER_CLASSIC = LinearSpectrogram(
    window_samples=200, hop_samples=80, density_rate_hz=8_000, scale="power", integer_scale=1.0
)
"""For the classic trigger: 10 s at 44.1 kHz become [5511, 101], as
``specgram(data, NFFT=200, Fs=8000, noverlap=120)`` of 16-bit values gave them, transposed."""

LOG_MEL_80 = MelSpectrogram()
"""80 bands from 80 to 7600 Hz, 30 ms windows every 10 ms, at 16 kHz."""

DIGITS_MEL = MelSpectrogram(
    sample_rate_hz=22_050,
    window_samples=2_048,
    hop_samples=512,
    bands=64,
    low_hz=0.0,
    high_hz=11_025.0,
    centred=True,
    length_samples=17_640,
)
"""For digits: any clip at 22.05 kHz, cut or padded to 0.8 s, becomes [35, 64]."""
