"""Our own chime taken out of what the microphone heard, and nothing else.

What was played is known to the sample; what is not known is when it arrived, and what loudspeaker,
room and microphone made of it. The first is found by correlation. The second is a filter, estimated
by least squares over the stretch in which the chime is heard, and what the filter makes of the
chime is subtracted. Three things keep speech whole that is spoken at the same time:

- every frequency is weighted by how little else there is (the room and the voice, found by fitting,
  looking at what is left, and fitting again), so that a voice disturbs the fit where it is loud and
  nowhere else;
- taps are held small beforehand, the later the smaller, as echoes are: where the chime has no sound
  there is nothing to learn a tap from, and nothing is subtracted;
- if what was subtracted does not explain the chime's whole spectrum, the chime was not there (there
  are headphones), and the sound is handed back as it was, to the bit.

The normal equations are Toeplitz, since the stretch holds the whole chime and its echoes; they are
solved by conjugate gradients through FFTs, in some 20 ms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .source import SAMPLE_RATE_HZ, Samples

Spectrum = npt.NDArray[np.complex128]
Reals = npt.NDArray[np.float64]

SEARCH_S = 0.6
"""How long after it was told to play a loudspeaker may begin: sound servers take up to 0.5 s."""

ECHO_S = 0.3
"""How long the room's answer is taken to be."""

_BEFORE_S = 0.06
"""Taps before the loudest arrival: in a bare room echoes together may be louder than what is heard
first."""

_BEGUN = 0.1
"""A chime has begun where it is this loud, over its loudest sample."""

_ROUNDS, _STEPS = 3, 30
_TAP_SPREAD = 0.05
"""A tap's variance before anything is known, over the square of the loudest arrival's gain."""

_WIDE_HZ, _NARROW_HZ = 300.0, 100.0
"""What else there is, is looked at over so many hertz: at first despite the chime's partials."""

_SURE_DB = 13.0
"""By so much, over the chime's spectrum, what is left must be less; speech alone gives 3, 11 at
most; a chime 10 dB below the voice gives 16."""

_STANDS_OUT = 6.0
"""So many times the usual correlation is an arrival that is worth a fit."""


@dataclass(frozen=True)
class Removal:
    """The sound without the chime; the same array, untouched, where `found_at` is None."""

    samples: Samples
    found_at: int | None = None
    """The sample at which the chime begins to be heard."""
    gain_db: float = 0.0
    """How loud it was, over how loud the reference is."""
    suppressed_db: float = 0.0
    """How much less there is over the chime's spectrum: all of the chime, and none of the rest."""


def remove_chime(
    samples: Samples, chime: Reals, from_sample: int, search_s: float = SEARCH_S
) -> Removal:
    """16 kHz sound without the chime (16 kHz too, in any scale) that was played into it.

    It is looked for at `from_sample` and up to `search_s` later. The stretch should go on for the
    chime's length and `ECHO_S` beyond that; of less, less can be told.
    """
    at = _arrival(samples, chime, from_sample, search_s)
    if at is None:
        return Removal(samples)
    before = min(at, round(_BEFORE_S * SAMPLE_RATE_HZ))
    taps = before + round(ECHO_S * SAMPLE_RATE_HZ)
    begin, end = at - before, min(len(samples), at - before + len(chime) + taps)
    heard = samples[begin:end].astype(np.float64)
    echo = _fitted(heard, chime, before, taps)
    suppressed_db = _suppressed_db(heard, heard - echo, chime)
    if suppressed_db < _SURE_DB:
        return Removal(samples)
    cleaned = samples.copy()
    cleaned[begin:end] = np.clip(np.rint(heard - echo), -32_768, 32_767)
    loud = np.abs(echo)
    found_at = begin + int(np.argmax(loud > _BEGUN * loud.max()))
    gain_db = 10 * np.log10(np.dot(echo, echo) / np.dot(chime, chime))
    return Removal(cleaned, found_at, float(gain_db), suppressed_db)


def _arrival(samples: Samples, chime: Reals, start: int, search_s: float) -> int | None:
    """Where the chime's loudest arrival begins; None where nothing stands out."""
    lags = round(search_s * SAMPLE_RATE_HZ)
    heard = samples[max(0, start) : max(0, start) + lags + len(chime)].astype(np.float64)
    if len(heard) <= len(chime):
        return None
    size = fast_size(len(heard) + len(chime))
    wanted, spectrum = np.fft.rfft(chime, size), np.fft.rfft(heard, size)
    weight = 1 / _floored(_median_over(_power(spectrum), _bins(_WIDE_HZ, size)))
    match = np.abs(np.fft.irfft(np.conj(wanted) * spectrum * weight, size))
    match = match[: len(heard) - len(chime) + 1]
    loudest = int(np.argmax(match))
    # Divided by what is usual for hiss of this size: half of all lie below 0.67 deviations.
    if match[loudest] * 0.6745 <= _STANDS_OUT * np.median(match):
        return None
    return max(0, start) + loudest


def _fitted(heard: Reals, chime: Reals, before: int, taps: int) -> Reals:
    """What loudspeaker, room and microphone made of the chime, as long as `heard`."""
    size = fast_size(len(chime) + taps)
    x, y = np.fft.rfft(chime, size), np.fft.rfft(heard, size)
    loudest = np.abs(np.fft.irfft(np.conj(x) * y, size)[:taps]).max() / np.dot(chime, chime)
    late = np.maximum(np.arange(taps) - before, 0) / (taps - before)
    precision = 10 ** (2 * late) / (_TAP_SPREAD * max(loudest, 1e-9) ** 2)
    response, echo = np.zeros(taps), np.zeros_like(y)
    for number in range(_ROUNDS):
        rest = _power(y - echo)
        # At first the chime itself is in it: the median over many bins passes its partials over.
        smoothed = (
            _mean_over(rest, _bins(_NARROW_HZ, size))
            if number
            else _median_over(rest, _bins(_WIDE_HZ, size))
        )
        weight = size / _floored(smoothed)
        correlation = np.fft.irfft(_power(x) * weight, size)[:taps]
        target = np.fft.irfft(np.conj(x) * y * weight, size)[:taps]
        response = _solved(correlation, target, precision, response)
        echo = x * np.fft.rfft(response, size)
    return np.fft.irfft(echo, size)[: len(heard)]


def _solved(correlation: Reals, target: Reals, precision: Reals, start: Reals) -> Reals:
    """(Toeplitz(correlation) + diag(precision)) h = target, nearly, going on from `start`."""
    taps = len(target)
    size = fast_size(2 * taps)
    gap = np.zeros(size - 2 * taps + 1)
    circulant = np.fft.rfft(np.concatenate([correlation, gap, correlation[:0:-1]]))

    def product(vector: Reals) -> Reals:
        return np.fft.irfft(circulant * np.fft.rfft(vector, size), size)[:taps] + precision * vector

    scale = 1 / (correlation[0] + precision)
    solution = start.copy()
    rest = target - product(solution)
    direction = scale * rest
    energy = float(np.dot(rest, direction))
    enough = 1e-6 * float(np.dot(target, scale * target))
    for _ in range(_STEPS):
        if energy <= enough:
            break
        turned = product(direction)
        step = energy / float(np.dot(direction, turned))
        solution += step * direction
        rest -= step * turned
        before, energy = energy, float(np.dot(rest, scale * rest))
        direction = scale * rest + energy / before * direction
    return solution


def _suppressed_db(heard: Reals, cleaned: Reals, chime: Reals) -> float:
    """The mean loss in dB over frequencies, each counted by the chime's amplitude there.

    In dB, so that one partial that something else happened to explain does not stand for all.
    """
    size = fast_size(len(heard))
    width = 2 * _bins(25.0, size) + 1
    power = [_mean_over(_power(np.fft.rfft(s, size)), width) for s in (heard, cleaned, chime)]
    loss_db = 10 * np.log10((power[0] + 1e-9) / (power[1] + 1e-9))
    share = np.where(power[2] > 1e-4 * power[2].max(), np.sqrt(power[2]), 0)
    return float(np.dot(share, loss_db) / share.sum())


def _power(spectrum: Spectrum) -> Reals:
    power: Reals = spectrum.real**2 + spectrum.imag**2
    return power


def _bins(width_hz: float, size: int) -> int:
    return max(1, round(width_hz * size / SAMPLE_RATE_HZ))


def _floored(power: Reals) -> Reals:
    """Nowhere so little that one frequency decides everything."""
    floored: Reals = power + (1e-4 * float(power.mean()) + 1e-9)
    return floored


def _mean_over(values: Reals, width: int) -> Reals:
    """The mean of so many neighbours on both sides together, the edges repeated."""
    half = width // 2
    sums = np.cumsum(np.concatenate([[0.0], np.pad(values, half, mode="edge")]))
    means: Reals = (sums[2 * half + 1 :] - sums[: -2 * half - 1]) / (2 * half + 1)
    return means


def _median_over(values: Reals, width: int) -> Reals:
    """The mean that noise would have whose median is that of each `width` values, interpolated."""
    count = max(1, len(values) // width)
    medians = np.median(values[: count * width].reshape(count, -1), axis=1) / np.log(2)
    middles = (np.arange(count) + 0.5) * (len(values) // count)
    return np.interp(np.arange(len(values)), middles, medians)


def fast_size(least: int) -> int:
    """The smallest length with factors 2, 3 and 5 alone that holds `least`."""
    size = least
    while True:
        left = size
        for factor in (2, 3, 5):
            while left % factor == 0:
                left //= factor
        if left == 1:
            return size
        size += 1
