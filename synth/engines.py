"""Which engines there are, which of them are installed, and how much each is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

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

_SLOW_SHARE = 0.25

ENGLISH = "en"
FAST = ("espeak-ng", "pico", "hibari", "piper", "flite")


def known_engine(name: str) -> str:
    """The name itself; raises `EngineMissingError` for one that there isn't."""
    if name not in ENGINES:
        raise EngineMissingError(f"engine {name!r}: there are {', '.join(ENGINES)}")
    return name


NATIVE: dict[str, str] = {
    "espeak-ng": ".native:NativeEspeak",
    "pico": ".native:NativePico",
}
"""Of these there are voices of other languages: name -> where, to be made with the language."""


def open_engine(name: str, language: str = ENGLISH) -> Engine:
    """One engine by its name, with its voices of a language.

    Raises `EngineMissingError` for an unknown or missing one, and for one without such a voice.
    """
    known_engine(name)
    if language == ENGLISH:
        return engine_class(name)()
    if name not in NATIVE:
        raise EngineMissingError(f"{name} has no voice of {language!r}; {', '.join(NATIVE)} may")
    made: Engine = _attribute(NATIVE[name])(language)
    return made


def engine_class(name: str) -> type[Engine]:
    """One of `ENGINES`, not made: its licence and languages are known where it isn't installed."""
    found: type[Engine] = _attribute(ENGINES[name][0])
    return found


def _attribute(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(importlib.import_module(module, __package__), attribute)


def installed(
    names: Iterable[str] | None = None, language: str = ENGLISH
) -> tuple[dict[str, Engine], dict[str, str]]:
    """The engines that are there, and for each that isn't the line that says what brings it."""
    there: dict[str, Engine] = {}
    missing: dict[str, str] = {}
    for name in names or ENGINES:
        try:
            there[name] = open_engine(name, language)
        except EngineMissingError as error:
            missing[name] = str(error)
    return there, missing


def draw_engine(
    engines: Mapping[str, Engine], rng: np.random.Generator, held_out: bool, quick: bool = False
) -> Engine:
    """One of them by its share, of those that have a voice for the split.

    `quick`: the slow ones more rarely, where hours of speech are wanted.
    """
    able = [name for name, engine in engines.items() if engine.voices(held_out)]
    slower = _SLOW_SHARE if quick else 1.0
    shares = np.array([ENGINES[name][1] * (1.0 if name in FAST else slower) for name in able])
    return engines[able[int(rng.choice(len(able), p=shares / shares.sum()))]]
