"""One training example as it might have reached a microphone: drawn first, mixed afterwards.

`draw_mixture` decides everything and touches no sound; `compose` makes the sound and draws nothing,
so that a mixture which is written down can be heard again. Times are samples at 16 kHz.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .levels import Samples, Sound, active_dbfs, gain, rms_dbfs, to_float, to_int16
from .noise import COLOURS, Colour, coloured
from .palette import Palette, Source
from .room import Room, draw_room
from .spectrum import Equaliser, draw_equaliser

Kind = Literal["word", "hard", "part", "speech", "noise"]
_RATE = 16_000
_FADE = 80


@dataclass(frozen=True)
class MixtureSettings:
    """What is drawn how often. `shares` are relative."""

    length: int = 40_320
    shares: tuple[tuple[Kind, float], ...] = (
        ("word", 0.25),
        ("hard", 0.10),
        ("part", 0.06),
        ("speech", 0.53),
        ("noise", 0.06),
    )
    speech_before_share: float = 0.5
    speech_after_share: float = 0.5
    level_jump_share: float = 0.3
    room_share: float = 0.5
    equaliser_share: float = 0.6
    backdrop_share: float = 0.75
    babble_share: float = 0.15
    snr_db: tuple[float, float] = (0.0, 35.0)
    babble_snr_db: tuple[float, float] = (3.0, 25.0)
    active_level_dbfs: tuple[float, float] = (-48.0, -12.0)
    overdriven_share: float = 0.06
    speed: tuple[float, float] = (0.88, 1.14)


@dataclass(frozen=True)
class Placement:
    """`start` to `end` of a clip, played `speed` times as fast, to begin at `at` of the mixture."""

    source: Source
    number: int
    start: int
    end: int
    at: int
    speed: float = 1.0
    gain_db: float = 0.0


@dataclass(frozen=True)
class Backdrop:
    """Noise below what is said, of a colour or out of a recording, for the whole length."""

    snr_db: float
    colour: Colour | None = None
    source: Source = "noise"
    number: int = 0
    start: int = 0


@dataclass(frozen=True)
class Mixture:
    """All that was drawn. `word_end` is None where the word isn't whole in it."""

    kind: Kind
    length: int
    placements: tuple[Placement, ...]
    backdrops: tuple[Backdrop, ...]
    room: Room | None
    equaliser: Equaliser | None
    level_dbfs: float
    seed: int
    word_end: int | None = None


def draw_mixture(
    rng: np.random.Generator, palette: Palette, settings: MixtureSettings | None = None
) -> Mixture:
    """What shall be mixed; of a palette without near words, no kind "hard" is drawn."""
    s = settings or MixtureSettings()
    kinds = [(k, share) for k, share in s.shares if k != "hard" or palette.hard]
    weights = np.array([share for _, share in kinds])
    kind = kinds[rng.choice(len(kinds), p=weights / weights.sum())][0]
    placements, word_end = _draw_placements(kind, rng, palette, s)
    low, high = s.active_level_dbfs if rng.random() >= s.overdriven_share else (-12.0, -2.0)
    return Mixture(
        kind=kind,
        length=s.length,
        placements=placements,
        backdrops=_draw_backdrops(rng, palette, s),
        room=draw_room(rng) if rng.random() < s.room_share else None,
        equaliser=draw_equaliser(rng) if rng.random() < s.equaliser_share else None,
        level_dbfs=float(rng.uniform(low, high)),
        seed=int(rng.integers(2**63)),
        word_end=word_end,
    )


def _draw_placements(
    kind: Kind, rng: np.random.Generator, palette: Palette, s: MixtureSettings
) -> tuple[tuple[Placement, ...], int | None]:
    if kind == "noise":
        return (), None
    if kind == "speech":
        return tuple(_draw_speech(rng, palette, 0, s.length)), None
    placement, end = _draw_centre(kind, rng, palette, s)
    around = []
    if rng.random() < s.speech_before_share:
        until = placement.at - int(rng.uniform(0.02, 0.6) * _RATE)
        around += _draw_speech_until(rng, palette, until, s)
    if rng.random() < s.speech_after_share:
        start = end + int(rng.uniform(0.05, 0.8) * _RATE)
        around += _draw_speech(rng, palette, start, s.length)
    return (placement, *around), end if kind == "word" else None


def _draw_centre(
    kind: Kind, rng: np.random.Generator, palette: Palette, s: MixtureSettings
) -> tuple[Placement, int]:
    """The word, a near word or a part of the word; with where in the mixture it ends."""
    source: Source = "hard" if kind == "hard" else "word"
    number = palette.draw(source, rng)
    clip = palette.clips(source)[number]
    start, end = 0, len(clip.samples)
    stop = clip.word_end if kind == "word" else end
    if kind == "part":
        start, end = _draw_part(rng, clip.word_start, clip.word_end)
        stop = end
    speed = float(rng.uniform(*s.speed))
    at_least = int((stop - start) / speed) + 160
    stops_at = int(rng.uniform(min(0.3 * s.length, at_least), s.length - 0.05 * _RATE))
    stops_at = min(max(stops_at, at_least), s.length)
    at = stops_at - int((stop - start) / speed)
    return Placement(source, number, start, end, at, speed), stops_at


def _draw_part(rng: np.random.Generator, start: int, end: int) -> tuple[int, int]:
    """Its beginning, up to two thirds of it, or as much of its end: not yet the word."""
    length = int(rng.uniform(0.3, 0.62) * (end - start))
    return (start, start + length) if rng.random() < 0.6 else (end - length, end)


def _draw_speech(
    rng: np.random.Generator, palette: Palette, start: int, end: int
) -> list[Placement]:
    """Clips of running speech one after the other, the first begun somewhere inside."""
    placed: list[Placement] = []
    at = start
    while at < end and len(placed) < 8:
        number = palette.draw("speech", rng)
        length = len(palette.speech[number].samples)
        speed = float(rng.uniform(0.92, 1.1))
        begin = int(rng.integers(max(1, length - _RATE // 2))) if not placed else 0
        take = min(length - begin, int((end - at) * speed) + 1)
        gain_db = float(rng.normal(0, 3))
        placed.append(Placement("speech", number, begin, begin + take, at, speed, gain_db))
        at += int(take / speed) + int(rng.uniform(0.0, 0.5) * _RATE)
    return placed


def _draw_speech_until(
    rng: np.random.Generator, palette: Palette, until: int, s: MixtureSettings
) -> list[Placement]:
    """Speech that was going on and stops at `until`; now and then at quite another level."""
    if until < _RATE // 10:
        return []
    number = palette.draw("speech", rng)
    length = len(palette.speech[number].samples)
    end = int(rng.integers(min(length, until), length + 1))
    start = max(0, end - until)
    jump = rng.random() < s.level_jump_share
    gain_db = float(rng.uniform(-20, 20) if jump else rng.normal(0, 3))
    return [Placement("speech", number, start, end, until - (end - start), 1.0, gain_db)]


def _draw_backdrops(
    rng: np.random.Generator, palette: Palette, s: MixtureSettings
) -> tuple[Backdrop, ...]:
    drawn: list[Backdrop] = []
    if rng.random() < s.backdrop_share:
        snr_db = float(rng.uniform(*s.snr_db))
        if palette.noise and rng.random() < 0.7:
            drawn.append(_draw_recorded("noise", snr_db, rng, palette))
        else:
            drawn.append(Backdrop(snr_db, colour=COLOURS[rng.integers(len(COLOURS))]))
    if rng.random() < s.babble_share:
        for _ in range(rng.integers(1, 4)):
            snr_db = float(rng.uniform(*s.babble_snr_db))
            drawn.append(_draw_recorded("speech", snr_db, rng, palette))
    return tuple(drawn)


def _draw_recorded(
    source: Source, snr_db: float, rng: np.random.Generator, palette: Palette
) -> Backdrop:
    number = palette.draw(source, rng)
    start = int(rng.integers(len(palette.clips(source)[number].samples)))
    return Backdrop(snr_db, None, source, number, start)


def compose(mixture: Mixture, palette: Palette) -> Samples:
    """The sound of it: `length` samples, int16. The same mixture gives the same samples."""
    m = mixture
    rng = np.random.default_rng(m.seed)
    said = spoken(m, palette)
    if m.room:
        said = _filtered(said, m.room.response())
    reference = active_dbfs(said) if m.placements else 0.0
    heard = said
    for backdrop in m.backdrops:
        noise = _backdrop(backdrop, m.length, palette, rng)
        heard = heard + noise * np.float32(gain(reference - backdrop.snr_db - rms_dbfs(noise)))
    if m.equaliser:
        spectrum = np.fft.rfft(heard)
        heard = np.fft.irfft(spectrum * m.equaliser.curve(m.length), m.length).astype(np.float32)
    return to_int16(heard * np.float32(gain(m.level_dbfs - reference)))


def spoken(mixture: Mixture, palette: Palette) -> Sound:
    """What is said in it and nothing else: no room, no noise, each clip at a level of 1.0 RMS."""
    said = np.zeros(mixture.length, np.float32)
    for placement in mixture.placements:
        _place(said, placement, palette)
    return said


def _place(said: Sound, p: Placement, palette: Palette) -> None:
    """Add a clip at its place, its own level made equal; cut where the mixture ends."""
    clip = palette.clips(p.source)[p.number]
    piece = to_float(clip.samples[p.start : p.end])
    if p.speed != 1.0:
        times = np.arange(int(len(piece) / p.speed), dtype=np.float64) * p.speed
        piece = np.interp(times, np.arange(len(piece)), piece).astype(np.float32)
    skip = max(0, -p.at)
    piece = piece[skip : skip + len(said) - max(0, p.at)].copy()
    if len(piece) < 2 * _FADE:
        return
    ramp = np.linspace(0.0, 1.0, _FADE, dtype=np.float32)
    piece[:_FADE] *= ramp
    piece[-_FADE:] *= ramp[::-1]
    piece *= np.float32(gain(p.gain_db - max(active_dbfs(piece), -70.0)))
    said[max(0, p.at) : max(0, p.at) + len(piece)] += piece


def _filtered(sound: Sound, response: Sound) -> Sound:
    length = len(sound)
    size = 1 << (length + len(response) - 1).bit_length()
    product = np.fft.rfft(sound, size) * np.fft.rfft(response, size)
    return np.fft.irfft(product, size)[:length].astype(np.float32)


def _backdrop(b: Backdrop, length: int, palette: Palette, rng: np.random.Generator) -> Sound:
    """`length` samples, a shorter recording over and over."""
    if b.colour:
        return coloured(b.colour, length, rng)
    samples = palette.clips(b.source)[b.number].samples
    cut = samples[b.start : b.start + length]
    if len(cut) < length:
        times = -(-(length - len(cut)) // len(samples))
        cut = np.concatenate([cut, np.tile(samples, times)])[:length]
    return to_float(cut)
