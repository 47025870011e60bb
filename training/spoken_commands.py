"""Commands of a grammar as they might reach a microphone: by voices, in rooms and in noise.

Voices that nothing was trained on, and for each command a room and a noise of its own. Clips are
kept in a folder with a manifest, so that they are made once.
"""

from __future__ import annotations

import json
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
from ..synth.engines import Engine
from ..synth.levels import Samples
from ..synth.mixture import Mixture, Placement, compose
from ..synth.mixture_settings import MixtureSettings
from ..synth.palette import Clip, Palette
from ..synth.room import draw_room
from ..synth.sayings import SHARES, engines_with_voices, say, write_clip
from ..synth.talk import sentence
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

    def samples(self) -> Samples:
        """16 kHz, int16."""
        return read_sound(self.path)


def speak_commands(
    grammar: Grammar,
    order: Order,
    folder: Path,
    noise: Sequence[Clip] = (),
    show: Show = lambda done, total: None,
) -> list[Spoken]:
    """Make what isn't there yet; raises `EngineMissingError` where no voice is held out."""
    engines = engines_with_voices(order.engines, held_out=True)
    folder.mkdir(parents=True, exist_ok=True)
    done = _done(folder)
    total = order.commands + order.others
    for number in range(total):
        if number not in done:
            row = _made(grammar, order, engines, folder, noise, number)
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
    noise: Sequence[Clip],
    number: int,
) -> dict[str, Any]:
    rng = np.random.default_rng([order.seed, number])
    for _ in range(_TRIES):
        text, label, slots = _text(grammar, order, number, rng)
        if said := say(text, engines, rng, held_out=True):
            speaker, sound = said
            name = f"{number:06d}.flac"
            clip = Clip((sound / max(1e-6, np.abs(sound).max()) * 20_000).astype(np.int16))
            write_clip(folder / name, _heard(clip, order, noise, rng) / np.float32(32_768))
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


def _heard(clip: Clip, order: Order, noise: Sequence[Clip], rng: np.random.Generator) -> Samples:
    """In a room, in noise, at some level."""
    before, after = (int(rng.uniform(*span) * _RATE_HZ) for span in (_BEFORE_S, _AFTER_S))
    settings = MixtureSettings(snr_db=order.snr_db, backdrop_share=1.0, babble_share=0.0)
    # A palette wants some speech; there is no babble, so it is never heard.
    palette = Palette([clip], (), [clip], noise)
    mixture = Mixture(
        kind="word",
        length=before + len(clip.samples) + after,
        placements=(Placement("word", 0, 0, len(clip.samples), before),),
        backdrops=draw_backdrops(rng, palette, settings),
        room=draw_room(rng),
        equaliser=None,
        level_dbfs=float(rng.uniform(-35, -18)),
        seed=int(rng.integers(2**63)),
    )
    return compose(mixture, palette)
