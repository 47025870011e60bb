"""All that can be told of a folder of clips without listening to it, and what is wrong with it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..models.errors import WakefulError
from .collection import Collection, Entry, collect, shown
from .gauge import Gauge, SoundError, gauge
from .leakage import Leak, leaks, speakers_of
from .pools import pool

Progress = Callable[[int, int], None]

LEVEL_EDGES_DBFS = tuple(range(-60, 1, 5))
SNR_EDGES_DB = tuple(range(0, 61, 5))
SECONDS_EDGES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
_DC = 0.01
_PERCENTILES = (0, 5, 50, 95, 100)
_WORTH_PROCESSES = 200


class CheckError(WakefulError):
    """A folder of clips isn't fit to train from."""


@dataclass(frozen=True)
class Count:
    """How many clips of something, and how long they are together."""

    clips: int
    hours: float


@dataclass(frozen=True)
class Spread:
    """Percentiles, and how many lie between one edge and the next, beyond at the ends."""

    p0: float
    p5: float
    p50: float
    p95: float
    p100: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    """A file that can't be used."""

    file: str
    reason: str


@dataclass(frozen=True)
class Report:
    """What ``wakeful synth check --json`` prints; files are named from the folder on."""

    folder: str
    total: Count
    kinds: Mapping[str, Count]
    engines: Mapping[str, Count]
    splits: Mapping[str, Count]
    voices: Mapping[str, Mapping[str, int]]
    """Each speaker's clips by split; of a mixture of voices, each voice's."""
    rates_hz: Mapping[str, int]
    channels: Mapping[str, int]
    dropped: Mapping[str, int]
    duration_s: Spread | None
    level_dbfs: Spread | None
    peak_dbfs: Spread | None
    snr_db: Spread | None
    clipped_files: int
    clipped_share: float
    dc_files: int
    largest_dc: float
    same_sound: tuple[tuple[str, ...], ...]
    same_parameters: tuple[tuple[str, ...], ...]
    missing: tuple[str, ...]
    unlisted: tuple[str, ...]
    repeated: tuple[str, ...]
    corrupt: tuple[Problem, ...]
    leakage: tuple[Leak, ...]

    def faults(self, allow_leakage: bool = False) -> list[str]:
        """What makes it unfit, each in a few words; empty when nothing does."""
        found = []
        if self.leakage and not allow_leakage:
            first = self.leakage[0]
            found.append(
                f"{len(self.leakage)} in more than one split, first {first.what} {first.name} in "
                f"{' and '.join(first.splits)} (--allow-leakage lets it pass)"
            )
        if self.corrupt:
            found.append(f"{len(self.corrupt)} unreadable, first {self.corrupt[0].file}")
        if self.missing:
            found.append(f"{len(self.missing)} listed but missing, first {self.missing[0]}")
        return found


def check(
    folder: Path, processes: int = 1, progress: Progress = lambda done, total: None
) -> Report:
    """Measure every file; raises `CollectionError` where there is nothing to measure."""
    collection = collect(folder)
    gauged: list[tuple[Entry, Gauge]] = []
    corrupt: list[Problem] = []
    found = _gauged([e.path for e in collection.entries], processes)
    for done, (entry, result) in enumerate(zip(collection.entries, found, strict=True), 1):
        if isinstance(result, Gauge):
            gauged.append((entry, result))
        else:
            corrupt.append(Problem(entry.name, shown(result)))
        progress(done, len(collection.entries))
    return _report(folder, collection, gauged, tuple(corrupt))


def _gauged(paths: Sequence[Path], processes: int) -> Iterator[Gauge | str]:
    """Of each file what was measured, or why nothing could be."""
    if processes == 1 or len(paths) < _WORTH_PROCESSES:
        yield from map(_tried, paths)
        return
    with pool(processes) as workers:
        yield from workers.imap(_tried, paths, chunksize=16)


def _tried(path: Path) -> Gauge | str:
    try:
        return gauge(path)
    except SoundError as error:
        return str(error).removeprefix(f"{path}: ")


def _report(
    folder: Path,
    collection: Collection,
    gauged: Sequence[tuple[Entry, Gauge]],
    corrupt: tuple[Problem, ...],
) -> Report:
    entries, gauges = [e for e, _ in gauged], [g for _, g in gauged]
    return Report(
        folder=shown(folder),
        total=Count(len(gauges), _hours(gauges)),
        kinds=_counts(gauged, lambda e: e.kind),
        engines=_counts(gauged, lambda e: shown(str(e.row.get("engine") or ""))),
        splits=_counts(gauged, lambda e: shown(e.split)),
        voices=_voices(entries),
        rates_hz=_tally(str(g.rate_hz) for g in gauges),
        channels=_tally(str(g.channels) for g in gauges),
        dropped=collection.dropped,
        duration_s=spread([g.seconds for g in gauges], SECONDS_EDGES),
        level_dbfs=spread([g.level_dbfs for g in gauges], LEVEL_EDGES_DBFS),
        peak_dbfs=spread([g.peak_dbfs for g in gauges], LEVEL_EDGES_DBFS),
        snr_db=spread([g.snr_db for g in gauges if g.snr_db is not None], SNR_EDGES_DB),
        clipped_files=sum(g.clipped_share > 0 for g in gauges),
        clipped_share=_clipped_share(gauges),
        dc_files=sum(abs(g.dc) > _DC for g in gauges),
        largest_dc=max((abs(g.dc) for g in gauges), default=0.0),
        same_sound=_alike((g.digest, e.name) for e, g in gauged),
        same_parameters=_alike((_drawn(e), e.name) for e in entries if e.row),
        missing=collection.missing,
        unlisted=collection.unlisted,
        repeated=collection.repeated,
        corrupt=corrupt,
        leakage=_leakage(gauged),
    )


def _leakage(gauged: Sequence[tuple[Entry, Gauge]]) -> tuple[Leak, ...]:
    """Voices first; a sound that is twice there is called by its first file."""
    names: dict[str, str] = {}
    for entry, gauge_ in gauged:
        names.setdefault(gauge_.digest, entry.name)
    voices = leaks("voice", ((shown(e.split), speakers_of(e.row)) for e, _ in gauged))
    return voices + leaks("sound", ((shown(e.split), [names[g.digest]]) for e, g in gauged))


def spread(values: Sequence[float], edges: Sequence[float]) -> Spread | None:
    """None of no values; what lies beyond the edges counts in the first or the last bin."""
    if not values:
        return None
    p0, p5, p50, p95, p100 = (round(float(v), 3) for v in np.percentile(values, _PERCENTILES))
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    ends = tuple(map(float, edges))
    return Spread(p0, p5, p50, p95, p100, ends, tuple(map(int, counts)))


def _hours(gauges: Iterable[Gauge]) -> float:
    return round(sum(g.seconds for g in gauges) / 3_600, 6)


def _counts(gauged: Sequence[tuple[Entry, Gauge]], of: Callable[[Entry], str]) -> dict[str, Count]:
    """By whatever is asked of an entry; those of which nothing is known are left out."""
    groups: dict[str, list[Gauge]] = defaultdict(list)
    for entry, measured in gauged:
        groups[of(entry)].append(measured)
    return {
        name: Count(len(of_it), _hours(of_it)) for name, of_it in sorted(groups.items()) if name
    }


def _voices(entries: Iterable[Entry]) -> dict[str, dict[str, int]]:
    voices: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        for speaker in speakers_of(entry.row):
            voices[speaker][shown(entry.split)] += 1
    return {name: dict(sorted(splits.items())) for name, splits in sorted(voices.items())}


def _tally(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _clipped_share(gauges: Sequence[Gauge]) -> float:
    seconds = sum(g.seconds for g in gauges)
    return sum(g.clipped_share * g.seconds for g in gauges) / seconds if seconds else 0.0


def _alike(named: Iterable[tuple[str, str]]) -> tuple[tuple[str, ...], ...]:
    """The names that share a key, where more than one does."""
    groups: dict[str, list[str]] = defaultdict(list)
    for key, name in named:
        groups[key].append(name)
    return tuple(tuple(names) for names in groups.values() if len(names) > 1)


def _drawn(entry: Entry) -> str:
    """All that decides a clip's sound, as one text."""
    keys = ("text", "engine", "voice", "parameters", "warp")
    return json.dumps([entry.row.get(key) for key in keys], sort_keys=True)
