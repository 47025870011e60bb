"""Commands of a grammar as they might reach a microphone: by voices, in rooms and in noise.

Voices that nothing was trained on, and for each command a room and a noise of its own. What the
voices say is kept in a folder with a manifest, so that it is said once for any noise.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..models.errors import WakefulError
from ..models.grammar import Grammar
from ..synth.backdrop import draw_backdrops
from ..synth.clips import MANIFEST
from ..synth.collection import collect
from ..synth.flac import at_peak, write_flac
from ..synth.levels import Samples
from ..synth.mixture import Mixture, Placement, compose
from ..synth.mixture_settings import MixtureSettings
from ..synth.palette import Clip, Palette
from ..synth.room import Room
from ..synth.sayings import SHARES, engines_with_voices, say
from ..synth.talk import sentence
from ..synth.voice import Engine
from .corpus import read_sound

Show = Callable[[int, int], None]

_RATE_HZ = 16_000
_BEFORE_S, _AFTER_S = (0.3, 0.7), (0.4, 0.8)
_TRIES = 8


class SpokenError(WakefulError):
    """The commands can't be said."""


@dataclass(frozen=True)
class Order:
    """How many commands, how many sentences that are none, and how loud the noise is below."""

    commands: int = 200
    others: int = 100
    snr_db: tuple[float, float] = (10.0, 20.0)
    engines: Sequence[str] = tuple(SHARES)
    seed: int = 1


@dataclass(frozen=True)
class Spoken:
    """A clip: `label` is empty for a sentence that isn't in the grammar."""

    path: Path
    text: str
    label: str
    slots: Mapping[str, str]
    engine: str
    voice: str


def speak_commands(
    grammar: Grammar,
    order: Order,
    folder: Path,
    show: Show = lambda done, total: None,
) -> list[Spoken]:
    """Make what isn't there yet; raises `EngineMissingError` where no voice is held out."""
    engines = engines_with_voices(order.engines, held_out=True)
    folder.mkdir(parents=True, exist_ok=True)
    done = _done(folder)
    total = order.commands + order.others
    for number in range(total):
        if number not in done:
            row = _made(grammar, order, engines, folder, number)
            with (folder / MANIFEST).open("a", encoding="utf-8") as listed:
                listed.write(json.dumps(row) + "\n")
            done[number] = row
        show(number + 1, total)
    return [_spoken(folder, done[number]) for number in range(total)]


def _done(folder: Path) -> dict[int, dict[str, Any]]:
    if not (folder / MANIFEST).is_file():
        return {}
    return {int(e.row["number"]): dict(e.row) for e in collect(folder).entries if "number" in e.row}


def _spoken(folder: Path, row: Mapping[str, Any]) -> Spoken:
    named = ("text", "label", "slots", "engine", "voice")
    return Spoken(folder / row["file"], *(row[name] for name in named))


def _made(
    grammar: Grammar,
    order: Order,
    engines: Mapping[str, Engine],
    folder: Path,
    number: int,
) -> dict[str, Any]:
    rng = np.random.default_rng([order.seed, number])
    for _ in range(_TRIES):
        text, label, slots = _text(grammar, order, number, rng)
        if said := say(text, engines, rng, held_out=True):
            speaker, sound = said
            name = f"{number:06d}.flac"
            write_flac(folder / name, at_peak(sound))
            told = {"text": text, "label": label, "slots": slots}
            voice = {"engine": speaker.engine, "voice": speaker.voice, "split": "validation"}
            return {"number": number, "file": name, **told, **voice}
    raise SpokenError(f"no voice of {', '.join(engines)} says {text!r}; take other ones")


def _text(
    grammar: Grammar, order: Order, number: int, rng: np.random.Generator
) -> tuple[str, str, dict[str, str]]:
    """A command with what is to be understood, or a sentence that is none."""
    if number >= order.commands:
        return sentence(rng), "", {}
    text, _ = grammar.draw(rng)
    meant = grammar.nearest(text)
    assert meant
    return text, meant.label, meant.slots


def _draw_home(rng: np.random.Generator) -> Room:
    """A furnished room, across the table or across the carpet."""
    return Room(
        decay_s=float(rng.uniform(0.15, 0.5)),
        direct_db=float(rng.uniform(0.0, 14.0)),
        first_reflection_s=float(rng.uniform(0.003, 0.012)),
        seed=int(rng.integers(2**32)),
    )


def as_heard(spoken: Spoken, order: Order, noise: Sequence[Clip] = ()) -> Samples:
    """A clip in its room and its noise, at some level: 16 kHz, the same every time."""
    rng = np.random.default_rng([order.seed, zlib.crc32(spoken.path.name.encode())])
    clip = Clip(read_sound(spoken.path))
    before, after = (int(rng.uniform(*span) * _RATE_HZ) for span in (_BEFORE_S, _AFTER_S))
    settings = MixtureSettings(snr_db=order.snr_db, backdrop_share=1.0, babble_share=0.0)
    # A palette wants some speech; there is no babble, so it is never heard.
    palette = Palette([clip], (), [clip], noise)
    mixture = Mixture(
        kind="word",
        length=before + len(clip.samples) + after,
        placements=(Placement("word", 0, 0, len(clip.samples), before),),
        backdrops=draw_backdrops(rng, palette, settings),
        room=_draw_home(rng),
        equaliser=None,
        level_dbfs=float(rng.uniform(-35, -18)),
        seed=int(rng.integers(2**63)),
    )
    return compose(mixture, palette)
