"""One training example as it might have reached a microphone: drawn first, mixed afterwards.

`draw_mixture` decides everything and touches no sound; `compose` makes the sound and draws nothing,
so that a mixture which is written down can be heard again. Times are samples at 16 kHz.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from .babble import Crowd, draw_crowd
from .backdrop import Backdrop, draw_backdrops
from .device import Device, draw_device
from .levels import Samples, Sound, active_dbfs, gain, rms_dbfs, to_float, to_int16
from .mixture_settings import Kind, MixtureSettings
from .palette import Palette, Source
from .room import BankedRoom, Room, draw_room
from .spectrum import Equaliser, draw_equaliser
from .television import Television, draw_television

__all__ = [
    "Backdrop",
    "Kind",
    "Mixture",
    "MixtureSettings",
    "Placement",
    "compose",
    "draw_mixture",
    "spoken",
]

_RATE = 16_000
_FADE = 80
_QUIETEST_DBFS = -80.0
"""A quieter recording is taken for silence: its last bit, turned up, would be heard over all."""


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
class Mixture:
    """All that was drawn. `word_end` is None where the word isn't whole in it."""

    kind: Kind
    length: int
    placements: tuple[Placement, ...]
    backdrops: tuple[Backdrop, ...]
    room: Room | BankedRoom | None
    equaliser: Equaliser | None
    level_dbfs: float
    seed: int
    word_end: int | None = None
    crowd: Crowd | None = None
    television: Television | None = None
    device: Device | None = None


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
    mixture = Mixture(
        kind=kind,
        length=s.length,
        placements=placements,
        backdrops=draw_backdrops(rng, palette, s),
        room=_draw_room(rng, palette, s) if rng.random() < s.room_share else None,
        equaliser=draw_equaliser(rng) if rng.random() < s.equaliser_share else None,
        level_dbfs=float(rng.uniform(low, high)),
        seed=int(rng.integers(2**63)),
        word_end=word_end,
    )
    return _with_extras(mixture, rng, palette, s)


def _with_extras(
    m: Mixture, rng: np.random.Generator, palette: Palette, s: MixtureSettings
) -> Mixture:
    """Drawn last, so that whoever turns them on keeps the words, rooms and noises he had."""
    crowd, television, device = None, None, None
    if rng.random() < s.crowd_share:
        crowd = draw_crowd(rng, palette, float(rng.uniform(*s.babble_snr_db)))
    if rng.random() < s.television_share:
        television = draw_television(rng, palette, float(rng.uniform(*s.babble_snr_db)))
    if rng.random() < s.device_share:
        device = draw_device(rng, m.level_dbfs, s.devices)
    return replace(m, crowd=crowd, television=television, device=device)


def _draw_room(rng: np.random.Generator, palette: Palette, s: MixtureSettings) -> Room | BankedRoom:
    if palette.rooms and rng.random() < s.banked_share:
        return BankedRoom(int(rng.integers(len(palette.rooms))))
    return draw_room(rng)


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
        # Where a phrase goes on after its word, what others say waits for the phrase.
        over = placement.at + int((placement.end - placement.start) / placement.speed)
        start = max(end, over) + int(rng.uniform(0.05, 0.8) * _RATE)
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


def compose(mixture: Mixture, palette: Palette) -> Samples:
    """The sound of it: `length` samples, int16. The same mixture gives the same samples."""
    m = mixture
    said = spoken(m, palette)
    if m.room:
        said = _filtered(said, _response(m.room, palette))
    reference = active_dbfs(said) if m.placements else 0.0
    heard = said
    for snr_db, noise in _noises(m, palette):
        level = max(rms_dbfs(noise), _QUIETEST_DBFS)
        heard = heard + noise * np.float32(gain(reference - snr_db - level))
    if m.equaliser:
        spectrum = np.fft.rfft(heard)
        heard = np.fft.irfft(spectrum * m.equaliser.curve(m.length), m.length).astype(np.float32)
    heard = heard * np.float32(gain(m.level_dbfs - reference))
    if m.device:
        # The clock drifts about the word's end, so that its label stays true to the sample.
        heard = m.device.apply(heard, m.length // 2 if m.word_end is None else m.word_end)
    return to_int16(heard)


def _noises(m: Mixture, palette: Palette) -> Iterator[tuple[float, Sound]]:
    """How far below what is said each lies, and its sound at any level."""
    rng = np.random.default_rng(m.seed)
    for backdrop in m.backdrops:
        yield backdrop.snr_db, backdrop.sound(palette, m.length, rng)
    if m.crowd:
        yield m.crowd.snr_db, m.crowd.sound(palette, m.length)
    if m.television:
        yield m.television.snr_db, m.television.sound(palette, m.length, rng)


def _response(room: Room | BankedRoom, palette: Palette) -> Sound:
    return room.response() if isinstance(room, Room) else palette.rooms[room.number]


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
