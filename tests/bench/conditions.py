"""What a word is said through: clean, over noise, in rooms, at other speeds and levels, by phone.

A condition turns recording number n into one sound that every engine is given: the same whoever
asks, since all that is drawn depends on the seed, the condition's name and n.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from wakeful.synth.codec import Codec
from wakeful.synth.geometry import Geometry, draw_geometry
from wakeful.synth.levels import Samples, Sound, active_dbfs, gain, rms_dbfs, to_float, to_int16
from wakeful.synth.music import draw_tune
from wakeful.synth.noise import coloured
from wakeful.synth.world import analysed
from wakeful.training.corpus import read_sound, sound_files
from wakeful.training.noisy import mixed
from wakeful.training.quiet_room import LEAD, in_quiet_room

RATE_HZ = 16_000
AFTER = RATE_HZ
SNRS_DB = (20, 10, 5, 0)
_LONGEST_NOISE = 60 * RATE_HZ
_ROOMS = 12

Span = tuple[int, int]


@dataclass(frozen=True)
class Said:
    """A sound, and from where to where each word of it may lie (nothing: anywhere)."""

    samples: Samples
    spans: tuple[Span, ...]


Change = Callable[[Said, np.random.Generator], Said]


@dataclass(frozen=True)
class Condition:
    """A name, the group that it is drawn in, and what it does to a word in its quiet room."""

    name: str
    group: str
    change: Change = field(repr=False)
    seed: int = 1

    def heard(self, said: Said, number: int) -> Said:
        """Recording `number` as it reaches the microphone, in a quiet room before and after."""
        rng = np.random.default_rng([self.seed, zlib.crc32(self.name.encode()), number])
        return self.change(said, rng)


def conditions(noise: dict[str, Callable[[int, np.random.Generator], Sound]]) -> list[Condition]:
    """All of them, the clean one first; `noise` makes as much of each kind as is wanted."""
    plain = [
        Condition("clean", "clean", _as_it_is),
        Condition("near", "room", _in_room(*_NEAR)),
        Condition("far", "room", _in_room(*_FAR)),
        Condition("slow", "speed", _stretched(1.3)),
        Condition("fast", "speed", _stretched(1 / 1.3)),
        Condition("quiet", "level", _at_level(-48.0)),
        Condition("loud", "level", _at_level(-9.0)),
        Condition("telephone", "telephone", _by_telephone),
    ]
    noisy = [
        Condition(f"{kind} {snr_db} dB", kind, _over(make, snr_db))
        for kind, make in noise.items()
        for snr_db in SNRS_DB
    ]
    return plain + noisy


def _as_it_is(said: Said, _rng: np.random.Generator) -> Said:
    spans = tuple((LEAD + a, LEAD + b) for a, b in said.spans)
    return Said(in_quiet_room(said.samples, after=AFTER), spans)


def _over(make: Callable[[int, np.random.Generator], Sound], snr_db: float) -> Change:
    def change(said: Said, rng: np.random.Generator) -> Said:
        quiet = _as_it_is(said, rng)
        sound = quiet.samples
        words = [sound[a:b] for a, b in quiet.spans] or [sound]
        level_dbfs = active_dbfs(to_float(np.concatenate(words)))
        piece = _loudest_allowed(make(len(sound), rng))
        return Said(mixed(sound, piece, snr_db, level_dbfs), quiet.spans)

    return change


def _loudest_allowed(noise: Sound) -> Samples:
    return to_int16(noise / np.float32(max(1e-9, float(np.abs(noise).max(initial=0.0)))))


def _at_level(dbfs: float) -> Change:
    """So loud that it clips, or so quiet that little is left above the room's hiss."""

    def change(said: Said, rng: np.random.Generator) -> Said:
        sound = to_float(said.samples)
        louder = sound * np.float32(gain(dbfs - active_dbfs(sound)))
        return _as_it_is(Said(to_int16(louder), said.spans), rng)

    return change


def _stretched(factor: float) -> Change:
    def change(said: Said, rng: np.random.Generator) -> Said:
        longer = to_int16(analysed(to_float(said.samples)).sound(factor))
        spans = tuple((round(a * factor), round(b * factor)) for a, b in said.spans)
        return _as_it_is(Said(longer, spans), rng)

    return change


def _by_telephone(said: Said, rng: np.random.Generator) -> Said:
    sent = Codec("mu-law").apply(to_float(said.samples))
    return _as_it_is(Said(to_int16(sent), said.spans), rng)


_NEAR = (0.3, 1.0)
_FAR = (3.0, 6.0)
"""How far the mouth is from the microphone, in metres."""


def _in_room(least_m: float, most_m: float) -> Change:
    def change(said: Said, rng: np.random.Generator) -> Said:
        response = _rooms(least_m, most_m)[int(rng.integers(_ROOMS))]
        sound = to_float(said.samples)
        size = 1 << (len(sound) + len(response)).bit_length()
        there = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)
        echoed = np.asarray(there[: len(sound)], np.float32)
        # A listener's distance is heard in the echoes; how loud it arrives, other conditions say.
        level = np.float32(gain(active_dbfs(sound) - active_dbfs(echoed)))
        return _as_it_is(Said(to_int16(echoed * level), said.spans), rng)

    return change


@cache
def _rooms(least_m: float, most_m: float) -> list[Sound]:
    """Simulated once: rooms drawn as synth draws them, of which those are kept that fit."""
    rng, found = np.random.default_rng(8), list[Geometry]()
    while len(found) < _ROOMS:
        drawn = draw_geometry(rng)
        if least_m <= drawn.distance_m <= most_m:
            found.append(drawn)
    return [geometry.response() for geometry in found]


def noises(
    folder: Path | None, talk: Sequence[Path]
) -> dict[str, Callable[[int, np.random.Generator], Sound]]:
    """Each kind recorded, where `folder` has a sub-folder for it, and otherwise made."""
    made = {"babble": _babble(talk), "music": _music, "traffic": _traffic}
    made = made if talk else {k: v for k, v in made.items() if k != "babble"}
    kept = {p.name: _recorded(p) for p in sorted(folder.iterdir()) if p.is_dir()} if folder else {}
    return dict(sorted((made | kept).items()))


def _recorded(folder: Path) -> Callable[[int, np.random.Generator], Sound]:
    files = sound_files(folder)

    def make(length: int, rng: np.random.Generator) -> Sound:
        sound = _read(files[int(rng.integers(len(files)))])
        return np.resize(np.roll(sound, -int(rng.integers(len(sound)))), length)

    return make


@cache
def _read(path: Path) -> Sound:
    """A minute from the middle of a long recording, which begins and ends unlike itself."""
    samples = read_sound(path)
    start = max(0, (len(samples) - _LONGEST_NOISE) // 2)
    return to_float(samples[start : start + _LONGEST_NOISE])


def _babble(talk: Sequence[Path]) -> Callable[[int, np.random.Generator], Sound]:
    """Six people at once, of those whose talk is also listened to for false accepts."""

    def make(length: int, rng: np.random.Generator) -> Sound:
        heard = np.zeros(length, np.float32)
        for path in rng.choice(len(talk), 6):
            voice = to_float(read_sound(talk[int(path)]))
            voice = np.resize(np.roll(voice, -int(rng.integers(len(voice)))), length)
            heard += voice * np.float32(gain(rng.uniform(-6, 0) - active_dbfs(voice)))
        return heard

    return make


def _music(length: int, rng: np.random.Generator) -> Sound:
    """Two tunes that know nothing of each other."""
    tunes = (draw_tune(rng).sound(length), draw_tune(rng).sound(length))
    return sum((t / np.float32(gain(rms_dbfs(t))) for t in tunes), np.zeros(length, np.float32))


def _traffic(length: int, rng: np.random.Generator) -> Sound:
    """The rumble of a road, and cars that come and go, hissing more the nearer they are."""
    time_s = np.arange(length) / RATE_HZ
    heard = np.asarray(0.3 * coloured("brown", length, rng), np.float32)
    for _ in range(1 + round(length / RATE_HZ / 4)):
        passes_s, lasts_s = rng.uniform(0, length / RATE_HZ), rng.uniform(0.6, 2.0)
        near = np.exp(-0.5 * ((time_s - passes_s) / lasts_s) ** 2).astype(np.float32)
        car = coloured("brown", length, rng) + 0.5 * near * coloured("pink", length, rng)
        heard += np.float32(rng.uniform(0.4, 1.0)) * near * car
    return heard
