"""A clip of one second as it might have been recorded: drawn first, mixed afterwards.

What `synth.mixture` does to a wake word in running sound is done here to a command, which comes cut
out: played faster or slower, moved, in a room, in noise, through a microphone, at some level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..synth.levels import Samples, Sound, active_dbfs, gain, rms_dbfs, to_float, to_int16
from ..synth.noise import COLOURS, Colour, coloured
from ..synth.room import Room, draw_room
from ..synth.spectrum import Equaliser, draw_equaliser

SECOND = 16_320
"""Samples of a clip: a second, rounded up to what the front end works on at once."""

_QUIETEST_DBFS = -80.0


@dataclass(frozen=True)
class Mixing:
    """How often what is done, and between which bounds."""

    speed: tuple[float, float] = (0.86, 1.18)
    shift_s: float = 0.1
    room_share: float = 0.35
    equaliser_share: float = 0.5
    noise_share: float = 0.7
    snr_db: tuple[float, float] = (2.0, 35.0)
    level_dbfs: tuple[float, float] = (-45.0, -8.0)


@dataclass(frozen=True)
class Noise:
    """A stretch of a recording, or a colour where `number` is None."""

    snr_db: float
    number: int | None
    start: int
    colour: Colour


@dataclass(frozen=True)
class Drawn:
    """All that is done to one clip."""

    speed: float
    place: float
    """Where in the room that is left of the second a short clip lies, 0 to 1."""
    shift: int
    room: Room | None
    equaliser: Equaliser | None
    noise: Noise | None
    level_dbfs: float
    seed: int


def draw_mixing(rng: np.random.Generator, noises: Sequence[Samples], m: Mixing) -> Drawn:
    """What to do; of recorded noise, where there is any, seven times in ten."""
    low, high = np.log(m.speed)
    most = int(m.shift_s * SECOND)
    return Drawn(
        speed=float(np.exp(rng.uniform(low, high))),
        place=float(np.clip(rng.normal(0.5, 0.2), 0.0, 1.0)),
        shift=int(rng.integers(-most, most + 1)),
        room=draw_room(rng) if rng.random() < m.room_share else None,
        equaliser=draw_equaliser(rng) if rng.random() < m.equaliser_share else None,
        noise=_draw_noise(rng, noises, m) if rng.random() < m.noise_share else None,
        level_dbfs=float(rng.uniform(*m.level_dbfs)),
        seed=int(rng.integers(2**63)),
    )


def _draw_noise(rng: np.random.Generator, noises: Sequence[Samples], m: Mixing) -> Noise:
    """By length: no second of noise is heard more often than another."""
    ends = np.cumsum([len(n) for n in noises]) if noises else np.zeros(0)
    number, start = None, 0
    if len(ends) and rng.random() < 0.7:
        number = int(np.searchsorted(ends, rng.random() * ends[-1], side="right"))
        start = int(rng.integers(max(1, len(noises[number]) - SECOND)))
    colour = COLOURS[rng.integers(len(COLOURS))]
    return Noise(float(rng.uniform(*m.snr_db)), number, start, colour)


def mixed(clip: Samples, drawn: Drawn, noises: Sequence[Samples], length: int = SECOND) -> Samples:
    """`length` samples of int16; the same draw gives the same samples."""
    said = placed(_faster(to_float(clip), drawn.speed), drawn.place, drawn.shift, length)
    if drawn.room:
        said = _filtered(said, drawn.room.response())
    reference = max(active_dbfs(said), _QUIETEST_DBFS)
    heard = said + _noise(drawn, noises, reference, length) if drawn.noise else said
    if drawn.equaliser:
        spectrum = np.fft.rfft(heard) * drawn.equaliser.curve(length)
        heard = np.fft.irfft(spectrum, length).astype(np.float32)
    return to_int16(heard * np.float32(gain(drawn.level_dbfs - reference)))


def placed(sound: Sound, place: float = 0.5, shift: int = 0, length: int = SECOND) -> Sound:
    """So much of it: zeros around a short clip, the middle of a long one, moved by `shift`."""
    room = length - len(sound)
    at = round(room * place) + shift if room >= 0 else room // 2 + shift
    second = np.zeros(length, np.float32)
    piece = sound[max(0, -at) : max(0, length - at)]
    second[max(0, at) : max(0, at) + len(piece)] = piece
    return second


def _faster(sound: Sound, speed: float) -> Sound:
    times = np.arange(int(len(sound) / speed)) * speed
    faster: Sound = np.interp(times, np.arange(len(sound)), sound).astype(np.float32)
    return faster


def _noise(drawn: Drawn, noises: Sequence[Samples], reference_dbfs: float, length: int) -> Sound:
    noise = drawn.noise
    assert noise is not None
    if noise.number is None:
        sound = coloured(noise.colour, length, np.random.default_rng(drawn.seed))
    else:
        piece = to_float(noises[noise.number][noise.start : noise.start + length])
        sound = np.resize(piece, length)
    level = max(rms_dbfs(sound), _QUIETEST_DBFS)
    return sound * np.float32(gain(reference_dbfs - noise.snr_db - level))


def _filtered(sound: Sound, response: Sound) -> Sound:
    size = 1 << (len(sound) + len(response) - 1).bit_length()
    product = np.fft.rfft(sound, size) * np.fft.rfft(response, size)
    return np.fft.irfft(product, size)[: len(sound)].astype(np.float32)
