"""Strings of digits put together from single ones: who says what, how close, how well it is heard.

Everything about an example is drawn first, into a frozen `Drawn`, then carried out by `mixed`. A
string is one real speaker's, or of synthetic voices; between its digits there may be other words,
which count as one unknown token however many they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..models.digit_strings import LEAD_FRAMES, TAIL_FRAMES
from ..models.frontend import FrontEndConfig
from ..synth.codec import Codec, CodecError
from ..synth.device import DeviceShares, draw_device
from ..synth.levels import Samples, Sound, active_dbfs, gain, to_int16
from ..synth.noise import COLOURS, Colour, coloured
from ..synth.room import Room, draw_room

UNKNOWN = 10
"""The token of everything that is said and is no digit."""
FRAMES = 288
_HOP, _RATE_HZ = FrontEndConfig().hop_samples, FrontEndConfig().sample_rate_hz
_SPOKEN_SAMPLES = (FRAMES - LEAD_FRAMES - TAIL_FRAMES) * _HOP
_LENGTHS = (0.06, 0.42, 0.2, 0.18, 0.14)
"""How often so many words are said: none at all, one, two …"""
_OTHER_WORD_SHARE = 0.16
_TOGETHER_SHARE, _MOST_OVERLAP_S, _MOST_GAP_S = 0.5, 0.06, 0.45
_TIGHT_SHARE, _MOST_MARGIN_S = 0.4, 0.5
_SPEEDS = (0.82, 1.22)
_CUT_SHARE, _CUT_DB = 0.4, (10.0, 32.0)
"""How often a word is cut to what stands out, and where: so many decibels below its loudest."""
_ROOM_SHARE, _DEVICE_SHARE, _TELEPHONE_SHARE = 0.3, 0.35, 0.4
_QUIET_SHARE, _SNR_DB = 0.3, (-2.0, 35.0)
_LEVELS_DBFS = (-42.0, -8.0)

Spoken = tuple[Sequence[int], Sound]
"""Tokens and their sound at 16 kHz."""


@dataclass(frozen=True)
class Words:
    """What strings are made of. `speakers`: who -> their digits; "" for synthetic voices.

    `strings` are said as they are; `others` are words and pieces of speech without a digit.
    """

    speakers: Mapping[str, Sequence[Spoken]]
    strings: Sequence[Spoken] = ()
    others: Sequence[Sound] = ()
    noises: Sequence[Sound] = ()


@dataclass(frozen=True)
class Part:
    """One piece: where it is from, how fast, and the gap before it (below 0: run together)."""

    source: str
    number: int
    speed: float
    gap: int
    cut_db: float | None = None
    """Cut to what is no more than this below its loudest, as recordings are by a simple level."""


@dataclass(frozen=True)
class Drawn:
    """All that was drawn for an example."""

    speaker: str
    parts: tuple[Part, ...]
    before: int
    behind: int
    level_dbfs: float
    seed: int
    room: Room | None = None
    telephone: bool = False
    colour: Colour | None = None
    noise: int = -1
    snr_db: float | None = None
    device: bool = False


@dataclass(frozen=True)
class Example:
    """16-bit sound of `FRAMES` frames, as the reader hears it, and what is said in it."""

    speaker: str
    samples: Samples
    tokens: tuple[int, ...]
    frames: int
    """Of them so many are heard; the rest only fills up."""


def draw(words: Words, speaker: str, rng: np.random.Generator) -> Drawn:
    """An example of one speaker's digits."""
    noisy = rng.random() >= _QUIET_SHARE
    recorded = bool(words.noises) and rng.random() < 0.6
    return Drawn(
        speaker=speaker,
        parts=_draw_parts(words, speaker, rng),
        before=_draw_margin(rng),
        behind=_draw_margin(rng),
        level_dbfs=float(rng.uniform(*_LEVELS_DBFS)),
        seed=int(rng.integers(2**32)),
        room=draw_room(rng) if rng.random() < _ROOM_SHARE else None,
        telephone=bool(rng.random() < _TELEPHONE_SHARE),
        colour=COLOURS[int(rng.integers(len(COLOURS)))] if noisy and not recorded else None,
        noise=int(rng.integers(len(words.noises))) if noisy and recorded else -1,
        snr_db=float(rng.uniform(*_SNR_DB)) if noisy else None,
        device=bool(rng.random() < _DEVICE_SHARE),
    )


def _draw_margin(rng: np.random.Generator) -> int:
    if rng.random() < _TIGHT_SHARE:
        return 0
    return int(rng.uniform(0.02, _MOST_MARGIN_S) * _RATE_HZ)


def _draw_parts(words: Words, speaker: str, rng: np.random.Generator) -> tuple[Part, ...]:
    count = int(rng.choice(len(_LENGTHS), p=_LENGTHS))
    if count and speaker == "" and words.strings and rng.random() < 0.3:
        return (Part("string", int(rng.integers(len(words.strings))), _speed(rng), 0),)
    speed = _speed(rng)
    parts: list[Part] = []
    for _ in range(count):
        other = bool(words.others) and rng.random() < _OTHER_WORD_SHARE
        there = len(words.others if other else words.speakers[speaker])
        own_speed = float(np.clip(speed * rng.uniform(0.94, 1.06), *_SPEEDS))
        gap = 0 if not parts else _draw_gap(rng)
        cut_db = float(rng.uniform(*_CUT_DB)) if rng.random() < _CUT_SHARE else None
        source = "other" if other else "digit"
        parts.append(Part(source, int(rng.integers(there)), own_speed, gap, cut_db))
    return tuple(parts)


def _speed(rng: np.random.Generator) -> float:
    return float(rng.uniform(*_SPEEDS))


def _draw_gap(rng: np.random.Generator) -> int:
    if rng.random() < _TOGETHER_SHARE:
        return -int(rng.uniform(0, _MOST_OVERLAP_S) * _RATE_HZ)
    return int(rng.uniform(0, _MOST_GAP_S) * _RATE_HZ)


def mixed(words: Words, drawn: Drawn) -> Example:
    """Carry it out; what doesn't fit into an example any more is not said."""
    rng = np.random.default_rng(drawn.seed)
    said, tokens = _said(words, drawn)
    heard = _heard(words, drawn, said, rng)
    lead, whole = LEAD_FRAMES * _HOP, FRAMES * _HOP
    samples = np.pad(heard, (lead, whole - lead - len(heard)))
    frames = LEAD_FRAMES + -(-len(heard) // _HOP) + TAIL_FRAMES
    return Example(drawn.speaker, samples, tuple(tokens), min(FRAMES, frames))


def _said(words: Words, drawn: Drawn) -> tuple[Sound, list[int]]:
    """The clean string with its margins."""
    line = np.zeros(_SPOKEN_SAMPLES, np.float32)
    at, end = drawn.before, 0
    tokens: list[int] = []
    for part in drawn.parts:
        own, sound = _sound(words, drawn.speaker, part, drawn.telephone)
        at = max(0, at + part.gap)
        if at + len(sound) > _SPOKEN_SAMPLES:
            break
        line[at : at + len(sound)] += sound
        at += len(sound)
        end = at
        # Other words next to each other are one: nobody shall count them.
        tokens += [t for t in own if not (t == UNKNOWN and tokens and tokens[-1] == UNKNOWN)]
    shortest = _RATE_HZ // 5
    length = min(_SPOKEN_SAMPLES, max(end + drawn.behind, drawn.before + shortest))
    return line[:length], tokens


def _sound(words: Words, speaker: str, part: Part, telephone: bool) -> Spoken:
    if part.source == "other":
        tokens: Sequence[int] = (UNKNOWN,)
        sound = words.others[part.number]
    else:
        pool = words.strings if part.source == "string" else words.speakers[speaker]
        tokens, sound = pool[part.number]
    if part.cut_db is not None:
        sound = standing_out(_narrow(sound) if telephone else sound, part.cut_db)
    return tokens, _level(_sped(sound, part.speed))


def standing_out(sound: Sound, below_db: float) -> Sound:
    """From the first to the last 10 ms that are at most so far below the loudest.

    Weak consonants at the ends go by that, such as those of "six" over a telephone line.
    """
    pieces = len(sound) // _HOP
    if pieces < 2:
        return sound
    power = np.square(sound[: pieces * _HOP]).reshape(pieces, _HOP).mean(axis=1)
    loud = np.flatnonzero(power >= power.max() * 10 ** (-below_db / 10))
    return sound[loud[0] * _HOP : (loud[-1] + 1) * _HOP]


def _sped(sound: Sound, speed: float) -> Sound:
    """Faster and higher, as a smaller speaker."""
    count = max(2, int(len(sound) / speed))
    at = np.linspace(0, len(sound) - 1, count)
    return np.interp(at, np.arange(len(sound)), sound).astype(np.float32)


def _level(sound: Sound) -> Sound:
    return sound * np.float32(gain(-26.0 - active_dbfs(sound)))


def _heard(words: Words, drawn: Drawn, said: Sound, rng: np.random.Generator) -> Samples:
    """Room, line, noise, level and device, in the order in which they come upon the sound."""
    sound = said
    if drawn.room:
        sound = _filtered(sound, drawn.room.response())
    if drawn.snr_db is not None:
        noise = _noise(words, drawn, len(sound), rng)
        sound = sound + noise * np.float32(gain(-26.0 - drawn.snr_db))
    if drawn.telephone:
        sound = _narrow(sound)
    sound = sound * np.float32(gain(drawn.level_dbfs + 26.0))
    if drawn.device:
        sound = _through_device(sound, drawn.level_dbfs, rng)
    return to_int16(sound)


def _noise(words: Words, drawn: Drawn, length: int, rng: np.random.Generator) -> Sound:
    if drawn.colour:
        return coloured(drawn.colour, length, rng)
    source = words.noises[drawn.noise]
    start = int(rng.integers(max(1, len(source) - length)))
    piece = np.resize(source[start : start + length], length)
    return piece / np.float32(max(1e-4, float(np.sqrt(np.mean(piece * piece)))))


def _filtered(sound: Sound, response: Sound) -> Sound:
    from scipy.signal import fftconvolve

    made: npt.NDArray[np.float32] = fftconvolve(sound, response)[: len(sound)]
    return made.astype(np.float32)


def _narrow(sound: Sound) -> Sound:
    """Half the rate and back: what is above 4 kHz is gone."""
    import soxr

    down = soxr.resample(sound, _RATE_HZ, _RATE_HZ // 2)
    up = soxr.resample(down, _RATE_HZ // 2, _RATE_HZ)[: len(sound)]
    return np.pad(up, (0, len(sound) - len(up))).astype(np.float32)


def _through_device(sound: Sound, level_dbfs: float, rng: np.random.Generator) -> Sound:
    device = draw_device(rng, level_dbfs, DeviceShares(codec=0.15))
    try:
        return device.apply(sound)
    except CodecError:
        return Codec("mu-law").apply(sound)
