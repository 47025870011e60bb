"""Which engines there are, which of them are installed, and how much each is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping

import numpy as np

from .voice import Engine, EngineMissingError

ENGINES: dict[str, tuple[str, float]] = {
    "kokoro": (".kokoro:Kokoro", 0.40),
    "espeak-ng": (".espeak:Espeak", 0.30),
    "pico": (".pico:Pico", 0.12),
    "hibari": (".hibari:Hibari", 0.05),
    "piper": (".piper:Piper", 0.10),
    "flite": (".flite:Flite", 0.08),
    "festival": (".festival:Festival", 0.05),
}
"""Name -> (where it is, its share of the clips)."""

FAST = ("espeak-ng", "pico", "hibari", "piper", "flite")


def known_engine(name: str) -> str:
    """The name itself; raises `EngineMissingError` for one that there isn't."""
    if name not in ENGINES:
        raise EngineMissingError(f"engine {name!r}: there are {', '.join(ENGINES)}")
    return name


def open_engine(name: str) -> Engine:
    """One engine by its name; raises `EngineMissingError` for an unknown or missing one."""
    known_engine(name)
    return engine_class(name)()


def engine_class(name: str) -> type[Engine]:
    """One of `ENGINES`, not made: its licence and languages are known where it isn't installed."""
    module, _, attribute = ENGINES[name][0].partition(":")
    found: type[Engine] = getattr(importlib.import_module(module, __package__), attribute)
    return found


def installed(names: Iterable[str] | None = None) -> tuple[dict[str, Engine], dict[str, str]]:
    """The engines that are there, and for each that isn't the line that says what brings it."""
    there: dict[str, Engine] = {}
    missing: dict[str, str] = {}
    for name in names or ENGINES:
        try:
            there[name] = open_engine(name)
        except EngineMissingError as error:
            missing[name] = str(error)
    return there, missing


def draw_engine(engines: Mapping[str, Engine], rng: np.random.Generator, held_out: bool) -> Engine:
    """One of them by its share, of those that have a voice for the split."""
    able = [name for name, engine in engines.items() if engine.voices(held_out)]
    shares = np.array([ENGINES[name][1] for name in able])
    return engines[able[int(rng.choice(len(able), p=shares / shares.sum()))]]
