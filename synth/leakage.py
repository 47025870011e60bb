"""Whether training hears what it is validated on: the same voice, or the very same sound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .collection import shown

_MIXING = ("kokoro",)
_WITH_VARIANTS = ("espeak-ng",)


@dataclass(frozen=True)
class Leak:
    """Something that more than one split holds, and how many clips of each do."""

    what: Literal["voice", "sound"]
    name: str
    splits: Mapping[str, int]


def speakers_of(row: Mapping[str, Any]) -> frozenset[str]:
    """Who speaks in a manifest's line, as ``engine voice``: every voice of a mixture of voices.

    A variant of eSpeak's is the same speaker with whatever accent. Empty where nothing is told.
    """
    engine, voice = str(row.get("engine") or ""), str(row.get("voice") or "")
    parameters = row.get("parameters")
    mixed = parameters.get("voices") if isinstance(parameters, Mapping) else None
    if isinstance(mixed, list) and mixed:
        names = [str(name) for name in mixed]
    elif engine in _MIXING:
        names = voice.split("+")
    elif engine in _WITH_VARIANTS:
        names = [voice.partition("+")[2] or voice]
    else:
        names = [voice]
    return frozenset(shown(f"{engine} {name}".strip()) for name in names if name)


def leaks(
    what: Literal["voice", "sound"], held: Iterable[tuple[str, Iterable[str]]]
) -> tuple[Leak, ...]:
    """Of (split, names) pairs, each name that is in more than one split; "" is no split."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for split, names in held:
        for name in names if split else ():
            counts[name][split] += 1
    return tuple(
        Leak(what, name, dict(sorted(splits.items())))
        for name, splits in sorted(counts.items())
        if len(splits) > 1
    )
