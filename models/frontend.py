"""The streaming front end: 16 kHz sound in, normalised log-mel frames out, numpy only.

Frame ``t`` is computed from the `window_samples` samples that end with sample ``(t + 1) *
hop_samples``, zeros standing before the first, so ``len(samples) // hop_samples`` frames come of a
clip and each is ready at its last sample. Sound is always worked on in blocks of `block_frames`
frames counted from the reset: that alone makes the output independent, to the bit, of how the input
was cut, since a matrix product over six rows may round otherwise than one over seven.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from .errors import WakefulError
from .mel import mel_filters

Samples = npt.NDArray[np.int16]
Frames = npt.NDArray[np.float32]

Transform = Callable[[Frames, npt.NDArray[np.complex64]], object]

Normalisation = Literal["log", "running", "pcen"]
NORMALISATIONS: tuple[Normalisation, ...] = ("log", "running", "pcen")


_MOST = {
    "sample_rate_hz": 384_000,
    "window_samples": 1 << 16,
    "bands": 1_024,
    "block_frames": 1_000,
    "memory_s": 3_600.0,
    "floor": 1.0,
}
"""A manifest is anybody's: tables must not fill the memory, nor anything be divided by zero."""


class FrontEndError(WakefulError):
    """The parameters ask for a front end that this version doesn't have."""


@dataclass(frozen=True)
class FrontEndConfig:
    """All that decides the features; it travels in every model's manifest.

    `floor` is the power that is added to every band: that of white noise at -90 dBFS, a little
    above what rounding to 16 bits leaves. `normalisation` says what is done about level:

    - ``log``: nothing but a fixed shift and scale; the net has to learn that level means nothing;
    - ``running``: each band's running mean (over about `memory_s`) is taken off its logarithm;
    - ``pcen``: each band is divided by its running mean and compressed by a root.
    """

    sample_rate_hz: int = 16_000
    window_samples: int = 512
    hop_samples: int = 160
    bands: int = 40
    low_hz: float = 60.0
    high_hz: float = 7_600.0
    floor: float = 1e-9
    normalisation: Normalisation = "running"
    memory_s: float = 2.0
    block_frames: int = 6

    def __post_init__(self) -> None:
        if self.normalisation not in NORMALISATIONS:
            raise FrontEndError(
                f"front end: normalisation {self.normalisation!r} is not one of "
                f"{', '.join(NORMALISATIONS)}; a newer wakeful may know it"
            )
        if not 0 < self.hop_samples <= self.window_samples or self.block_frames < 1:
            raise FrontEndError("front end: the hop must be within the window, the block positive")
        for name, most in _MOST.items():
            if not 0 < getattr(self, name) <= most:
                raise FrontEndError(
                    f"front end: {name} {getattr(self, name):g} is not above 0 and up to {most:g}"
                )

    @property
    def block_samples(self) -> int:
        """How many new samples one block takes."""
        return self.hop_samples * self.block_frames

    @property
    def frame_s(self) -> float:
        """Seconds from one frame to the next."""
        return self.hop_samples / self.sample_rate_hz

    def to_dict(self) -> dict[str, Any]:
        """As the manifest holds it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> FrontEndConfig:
        """Read from a manifest; a missing or unknown parameter raises `FrontEndError`."""
        known = {f.name for f in fields(cls)}
        if odd := known ^ set(values):
            kind = "unknown" if odd - known else "missing"
            raise FrontEndError(
                f"front end: {kind} parameter {min(odd)!r}; a newer wakeful may be needed"
            )
        try:
            return msgspec.convert(values, cls)
        except msgspec.ValidationError as error:
            raise FrontEndError(f"front end: {error}") from error


class Past(NamedTuple):
    """With what the next block of a stream is heard; arrays that the next step overwrites."""

    sound: Frames
    mean: Frames
    primed: bool


@dataclass
class FrontEndState:
    """What one stream remembers; zeros when fresh.

    `sound` holds the samples that reach back from the next block, then room for that block; `mean`
    is row 0 of `levels`, below it the block's levels, so that one product smooths them all.
    """

    config: FrontEndConfig
    sound: Frames = field(init=False)
    levels: Frames = field(init=False)
    primed: bool = field(init=False, default=False)
    pending: Samples = field(init=False)
    pending_count: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        c = self.config
        self._reach = c.window_samples - c.hop_samples
        self.sound = np.zeros(self._reach + c.block_samples, np.float32)
        self.levels = np.zeros((1 + c.block_frames, c.bands), np.float32)
        self.pending = np.zeros(c.block_samples, np.int16)
        step = self.sound.strides[0]
        # Views and scratch of the step, made once: allocating them costs more than the arithmetic.
        self._past, self._last = self.sound[: self._reach], self.sound[c.block_samples :]
        self._new = self.sound[self._reach :]
        self._windows = np.lib.stride_tricks.as_strided(
            self.sound, (c.block_frames, c.window_samples), (c.hop_samples * step, step)
        )
        bins = c.window_samples // 2 + 1
        self._windowed = np.zeros((c.block_frames, c.window_samples), np.float32)
        self._spectrum = np.zeros((c.block_frames, bins), np.complex64)
        self._parts = self._spectrum.view(np.float32)
        self._real, self._imaginary = self._parts[:, 0::2], self._parts[:, 1::2]
        self._power = np.zeros((c.block_frames, bins), np.float32)
        self._now, self._mean = self.levels[1:], self.levels[0]
        self._smooth = np.zeros((c.block_frames, c.bands), np.float32)

    def reset(self) -> None:
        """Back to fresh: all zeros."""
        self.sound.fill(0)
        self.levels.fill(0)
        self.primed = False
        self.pending_count = 0

    @property
    def past(self) -> Past:
        """What the next block is heard with."""
        return Past(self._past, self._mean, self.primed)

    def resume(self, past: Past) -> None:
        """Go on from another stream's past, of the same front end; nothing is pending then."""
        self._past[:], self._mean[:], self.primed = past
        self.pending_count = 0


class FrontEnd:
    """Tables made from a `FrontEndConfig`: read-only, shared by any number of streams."""

    def __init__(self, config: FrontEndConfig | None = None) -> None:
        self.config = c = config or FrontEndConfig()
        window = np.hanning(c.window_samples + 1)[:-1]
        # Scaled so that white noise of variance v has power v in every band.
        window /= np.sqrt(np.sum(window**2)) * 32_768
        self._window = window.astype(np.float32)
        filters = mel_filters(c.window_samples, c.sample_rate_hz, c.bands, c.low_hz, c.high_hz)
        self._filters = np.ascontiguousarray(filters / filters.sum(axis=0), np.float32)
        self._floor = np.float32(c.floor)
        self._transform = _kernel() or _by_numpy

    def new_state(self) -> FrontEndState:
        """A fresh stream."""
        return FrontEndState(self.config)

    @cached_property
    def _smoother(self) -> Frames:
        """[block, 1 + block]: running means of a block from (mean so far, levels of the block)."""
        c = self.config
        keep = float(np.exp(-c.frame_s / c.memory_s))
        t, k = np.mgrid[1 : c.block_frames + 1, 0 : c.block_frames + 1]
        weights = np.where(k == 0, keep**t, (1 - keep) * keep ** np.maximum(t - k, 0))
        return np.where(k <= t, weights, 0).astype(np.float32)

    def step(self, state: FrontEndState, block: Samples) -> Frames:
        """One block of exactly `block_samples`; returns [block_frames, bands].

        The array belongs to the state and is overwritten by the next step. Must not be mixed with
        `feed` on one state unless nothing is pending there.
        """
        state._new[:] = block
        np.multiply(state._windows, self._window, out=state._windowed)
        self._transform(state._windowed, state._spectrum)
        state._past[:] = state._last
        np.multiply(state._parts, state._parts, out=state._parts)
        np.add(state._real, state._imaginary, out=state._power)
        np.dot(state._power, self._filters, out=state._now)
        np.add(state._now, self._floor, out=state._now)
        return self._normalise(state)

    def _normalise(self, state: FrontEndState) -> Frames:
        c, now, smooth = self.config, state._now, state._smooth
        if c.normalisation != "pcen":
            np.log(now, out=now)
        if c.normalisation == "log":
            np.add(now, 12.0, out=smooth)
            return np.multiply(smooth, 0.25, out=smooth)
        if not state.primed:
            # The first block stands in for what was heard before it.
            now.mean(axis=0, out=state._mean)
            state.primed = True
        np.dot(self._smoother, state.levels, out=smooth)
        state._mean[:] = smooth[-1]
        if c.normalisation == "running":
            np.subtract(now, smooth, out=smooth)
            return np.multiply(smooth, 0.5, out=smooth)
        return _compress(now, smooth)

    def feed(self, state: FrontEndState, samples: Samples) -> Frames:
        """Any number of samples; returns the [n, bands] frames that are ready (n may be 0)."""
        size = self.config.block_samples
        ready: list[Frames] = []
        at = 0
        while at < len(samples):
            part = samples[at : at + size - state.pending_count]
            at += len(part)
            state.pending[state.pending_count : state.pending_count + len(part)] = part
            state.pending_count += len(part)
            if state.pending_count == size:
                state.pending_count = 0
                ready.append(self.step(state, state.pending).copy())
        return np.concatenate(ready) if ready else self._none()

    def flush(self, state: FrontEndState) -> Frames:
        """The frames of the last, incomplete block; the state is fresh afterwards."""
        count = state.pending_count // self.config.hop_samples
        if not count:
            state.reset()
            return self._none()
        state.pending[state.pending_count :] = 0
        frames = self.step(state, state.pending)[:count].copy()
        state.reset()
        return frames

    def whole(self, samples: Samples) -> Frames:
        """All ``len(samples) // hop_samples`` frames of a clip: fed whole, then flushed."""
        state = self.new_state()
        return np.concatenate([self.feed(state, samples), self.flush(state)])

    def _none(self) -> Frames:
        return np.zeros((0, self.config.bands), np.float32)


def _by_numpy(windowed: Frames, spectrum: npt.NDArray[np.complex64]) -> None:
    """The real FFT of each row, by the public function."""
    spectrum[...] = np.fft.rfft(windowed)


def _kernel() -> Transform | None:
    """The same by the kernel under numpy 2's public function, or None where it isn't there.

    Six transforms take less time than the checks around them, which were more than a tenth of all
    that listening costs.
    """
    try:
        kernels = importlib.import_module("numpy.fft._pocketfft_umath")
        rfft, whole = kernels.rfft_n_even, np.float32(1.0)
    except (ImportError, AttributeError):
        return None
    return lambda windowed, spectrum: rfft(windowed, whole, out=spectrum)


def _compress(power: Frames, mean: Frames) -> Frames:
    """Per-channel energy normalisation: (power / mean^0.98 + 2)^0.5 - 2^0.5, in place in `mean`."""
    np.log(mean, out=mean)
    np.multiply(mean, -0.98, out=mean)
    np.exp(mean, out=mean)
    np.multiply(mean, power, out=mean)
    np.add(mean, 2.0, out=mean)
    np.sqrt(mean, out=mean)
    mean -= np.float32(2.0**0.5)
    return mean
