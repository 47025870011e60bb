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
solved by conjugate gradients through FFTs; all of it takes about 13 ms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .source import SAMPLE_RATE_HZ, Samples

Spectrum = npt.NDArray[np.complex128]
Reals = npt.NDArray[np.float64]

SEARCH_S = 0.8
"""How long after it was told to play a loudspeaker may begin: sound servers take up to 0.5 s, and
what the microphone has heard waits for its turn as well."""

ECHO_S = 0.3
"""How long the room's answer is taken to be."""

_BEFORE_S = 0.06
"""Taps before the loudest arrival: in a bare room echoes together may be louder than what is heard
first."""

_BEGUN = 0.1
"""A chime has begun where it is this loud, over its loudest sample."""

_ROUNDS, _STEPS = 3, 12
_TAP_SPREAD = 0.001
"""A tap's variance before anything is known, over the square of the loudest arrival's gain."""

_WIDE_HZ, _NARROW_HZ = 300.0, 100.0
"""What else there is, is looked at over so many hertz: at first despite the chime's partials."""

_ENOUGH_DB = 20.0
"""A note that became so much fainter is explained, and no better explained by more."""

_SURE = 0.5
"""The share of the chime that must be explained. Speech alone explains a tenth, a fifth at most; a
chime 10 dB below the voice 0.8 or more, one 20 dB below it about 0.6."""

_FRAME = 1_024
"""The time, in samples, over which a note is told from what is beside it."""

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
    """How much less there is at the notes of the chime, in time and frequency, on average."""


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
    here = min(len(chime), len(heard) - before)
    if here < _FRAME:
        return Removal(samples)
    there = slice(before, before + here)
    share, loss_db = _losses(heard[there], (heard - echo)[there], chime[:here])
    if np.sum(share * loss_db.clip(0, _ENOUGH_DB)) < _SURE * _ENOUGH_DB:
        return Removal(samples)
    cleaned = samples.copy()
    cleaned[begin:end] = np.clip(np.rint(heard - echo), -32_768, 32_767)
    loud = np.abs(echo)
    found_at = begin + int(np.argmax(loud > _BEGUN * loud.max()))
    gain_db = 10 * np.log10(np.dot(echo, echo) / np.dot(chime, chime))
    return Removal(cleaned, found_at, float(gain_db), float(np.sum(share * loss_db)))


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
    """(Toeplitz(correlation) + diag(precision)) h = target, nearly, going on from `start`.

    Preconditioned with the circulant's inverse, without which a chime of few partials takes ten
    times the steps.
    """
    taps = len(target)
    size = fast_size(2 * taps)
    gap = np.zeros(size - 2 * taps + 1)
    circulant = np.fft.rfft(np.concatenate([correlation, gap, correlation[:0:-1]])).real
    inverse = 1 / (np.maximum(circulant, 0) + np.median(precision))

    def filtered(response: Reals, vector: Reals) -> Reals:
        return np.fft.irfft(response * np.fft.rfft(vector, size), size)[:taps]

    solution = start.copy()
    rest = target - filtered(circulant, solution) - precision * solution
    direction = eased = filtered(inverse, rest)
    energy = float(np.dot(rest, eased))
    enough = 1e-7 * float(np.dot(target, filtered(inverse, target)))
    for _ in range(_STEPS):
        if energy <= enough:
            break
        turned = filtered(circulant, direction) + precision * direction
        step = energy / float(np.dot(direction, turned))
        solution += step * direction
        rest -= step * turned
        eased = filtered(inverse, rest)
        before, energy = energy, float(np.dot(rest, eased))
        direction = eased + energy / before * direction
    return solution


def _losses(heard: Reals, cleaned: Reals, chime: Reals) -> tuple[Reals, Reals]:
    """Over time and frequency: the chime's share of amplitude (1 in all), and the loss in dB.

    By notes rather than by energy, so that one of them that something else happened to explain does
    not stand for all; over time, so that a voice which begins after it does not hide it.
    """
    before, after, wanted = (_power(_short_spectra(sound)) for sound in (heard, cleaned, chime))
    loss_db = 10 * np.log10((_blurred(before) + 1e-9) / (_blurred(after) + 1e-9))
    share = np.sqrt(_blurred(wanted))
    share[share < 0.01 * share.max()] = 0
    return share / share.sum(), loss_db


def _short_spectra(sound: Reals) -> Spectrum:
    """[time, frequency], whole frames only; the sounds compared are of one length."""
    window = np.hanning(_FRAME)
    frames = np.lib.stride_tricks.sliding_window_view(sound, _FRAME)[:: _FRAME // 4]
    return np.fft.rfft(frames * window, axis=1)


def _blurred(power: Reals) -> Reals:
    """Each bin with its two neighbours in frequency."""
    padded = np.pad(power, ((0, 0), (1, 1)), mode="edge")
    blurred: Reals = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    return blurred


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
    spread: Reals = np.interp(np.arange(len(values)), middles, medians)
    return spread


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
