"""What was drawn, in words: any frozen dataclass as names and values with their units.

It asks the dataclasses themselves what they hold, so what a mixture learns to draw is shown too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

_RATE = 16_000
_UNITS = {
    "_db_per_octave": "dB per octave",
    "_dbfs": "dBFS",
    "_db": "dB",
    "_hz": "Hz",
    "_ppm": "ppm",
    "_ms": "ms",
    "_octaves": "octaves",
    "_semitones": "semitones",
    "_m": "m",
    "_s": "s",
}
_IN_SAMPLES = {"length", "start", "end", "at", "word_end"}
"""Places in sound, which the code counts in samples and a reader in seconds."""


def drawn_rows(thing: object, leave_out: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """(name, value) of each field, those of a field's own dataclass after it."""
    rows: list[tuple[str, str]] = []
    named = ((f.name, getattr(thing, f.name)) for f in fields(thing))  # type: ignore[arg-type]
    for name, value in named:
        if name not in leave_out:
            rows += _rows(name, value)
    return rows


def told_rows(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The same of a manifest's line."""
    return [pair for name, value in row.items() for pair in _rows(name, value, seconds=False)]


def _rows(name: str, value: object, seconds: bool = True) -> list[tuple[str, str]]:
    plain, unit = _split_unit(name)
    if seconds and name in _IN_SAMPLES and isinstance(value, int):
        return [(plain, f"{value / _RATE:.3f} s")]
    if is_dataclass(value) and not isinstance(value, type):
        return [(f"{plain}: {inner}", said) for inner, said in drawn_rows(value)]
    if isinstance(value, Mapping) and value:
        inside = [pair for key, one in value.items() for pair in _rows(str(key), one, False)]
        return [(f"{plain}: {inner}", said) for inner, said in inside]
    if isinstance(value, tuple | list) and value and is_dataclass(value[0]):
        several = [(f"{plain} {i}", one) for i, one in enumerate(value, 1)]
        return [pair for label, one in several for pair in _rows(label, one)]
    said = spelt(value)
    return [(plain, f"{said} {unit}" if unit and value is not None else said)]


def _split_unit(name: str) -> tuple[str, str]:
    for ending, unit in _UNITS.items():
        if name.endswith(ending):
            return name.removesuffix(ending).replace("_", " "), unit
    return name.replace("_", " "), ""


def spelt(value: object) -> str:
    """A number as short as it is still told apart, none as a dash, a list with commas."""
    if value is None or value in ("", (), [], {}):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}".replace("-", "−")
    if isinstance(value, tuple | list):
        return ", ".join(spelt(one) for one in value)
    return str(value)
