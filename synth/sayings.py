"""Whole texts by many voices, into a folder with a manifest: what a recognizer learns to write.

As `clips` does for a word: every number has a generator of its own, so that a run that was stopped
goes on where it was, and ends with what one that wasn't would have made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .clips import MANIFEST, ClipsError
from .collection import collect
from .engines import installed
from .faults import fault_of
from .flac import at_peak, write_flac
from .orders import saying
from .trim import trimmed
from .voice import Engine, EngineMissingError, Sound, Speaker, VoiceError
from .warp import draw_warp, has_world, warped

Progress = Callable[[int, int], None]

SHARES: dict[str, float] = {
    "espeak-ng": 0.37,
    "flite": 0.2,
    "pico": 0.24,
    "piper": 0.08,
    "festival": 0.04,
    "hibari": 0.2,
    "kokoro": 0.05,
}
"""Of the texts, where hours are wanted: the slow engines as much as time allows."""

_GIVEN_SHARE = 0.3
_WARPED_SHARE = 0.1
_TRIES = 4


@dataclass(frozen=True)
class Sayings:
    """What to make. `held_out`: by the voices that training never hears.

    Of the texts some are from `sentences`, where there are any; the others are made up.
    """

    count: int
    engines: Sequence[str] = tuple(SHARES)
    sentences: Sequence[str] = ()
    held_out: bool = False
    seed: int = 1


def make_sayings(
    wanted: Sayings, folder: Path, progress: Progress = lambda done, total: None
) -> int:
    """Make what is not there yet; returns how many there are then.

    Raises `EngineMissingError` where none of the engines is installed or has a voice for the split,
    `ClipsError` where the folder can't be written to.
    """
    engines = engines_with_voices(wanted.engines, wanted.held_out)
    done = _done(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(wanted.count):
            if number not in done and (row := _made(wanted, engines, folder, number)):
                with (folder / MANIFEST).open("a", encoding="utf-8") as listed:
                    listed.write(json.dumps(row) + "\n")
                done.add(number)
            progress(number + 1, wanted.count)
    except OSError as error:
        raise ClipsError(
            f"{error.filename or folder}: can't be written ({error.strerror or error}); "
            "the same command goes on from here when that is mended"
        ) from error
    return len(done)


def engines_with_voices(names: Sequence[str], held_out: bool) -> dict[str, Engine]:
    """Those that are here and have voices for a split; raises `EngineMissingError` for none."""
    there, missing = installed(names)
    able = {name: engine for name, engine in there.items() if engine.voices(held_out)}
    if not able:
        split = "held-out" if held_out else "training"
        lines = "; ".join(missing.values()) or f"{', '.join(there)}: no {split} voice"
        raise EngineMissingError(lines)
    return able


def _done(folder: Path) -> set[int]:
    """The numbers that are listed and there."""
    if not (folder / MANIFEST).is_file():
        return set()
    return {int(e.row["number"]) for e in collect(folder).entries if "number" in e.row}


def _made(
    wanted: Sayings, engines: Mapping[str, Engine], folder: Path, number: int
) -> dict[str, Any] | None:
    """One clip's line of the manifest; nothing where no try came to anything."""
    rng = np.random.default_rng([wanted.seed, number])
    for _ in range(_TRIES):
        text = _drawn(wanted, rng)
        if (said := say(text, engines, rng, wanted.held_out)) is None:
            continue
        speaker, sound = said
        name = f"{number:06d}.flac"
        write_flac(folder / name, at_peak(sound))
        return {
            "number": number,
            "file": name,
            "text": text,
            "engine": speaker.engine,
            "voice": speaker.voice,
            "parameters": dict(speaker.parameters),
            "split": "validation" if wanted.held_out else "train",
            "licence": engines[speaker.engine].licence,
        }
    return None


def _drawn(wanted: Sayings, rng: np.random.Generator) -> str:
    given = wanted.sentences and rng.random() < _GIVEN_SHARE
    return str(rng.choice(np.asarray(wanted.sentences))) if given else saying(rng)


def say(
    text: str, engines: Mapping[str, Engine], rng: np.random.Generator, held_out: bool
) -> tuple[Speaker, Sound] | None:
    """A text in a drawn voice, now and then another speaker made of it; None for a failed take."""
    shares = np.array([SHARES[name] for name in engines])
    engine = engines[list(engines)[int(rng.choice(len(engines), p=shares / shares.sum()))]]
    speaker = engine.draw(rng, held_out)
    changed = rng.random() < _WARPED_SHARE and has_world()
    warp = draw_warp(rng) if changed else None
    try:
        sound = trimmed(engine.speak(text, speaker))
    except VoiceError:
        return None
    if fault_of(sound, text):
        return None
    return speaker, warped(sound, warp) if warp else sound
