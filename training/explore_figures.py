"""The figures of a data set: exact counts and percentiles, asked of what was measured."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from ..synth.collection import shown
from .explore_spread import Spread, spread
from .explore_store import Store
from .explore_voice import trimmed_s

LEVEL_EDGES_DBFS = tuple(float(db) for db in range(-90, 1, 3))
QUIET_EDGES_S = tuple(n * 0.02 for n in range(41))
SNR_EDGES_DB = tuple(float(db) for db in range(0, 81, 2))
DC_LIMIT = 0.01
"""A mean farther from 0 than a hundredth of full scale is worth a word."""
SILENT_DBFS = -119.0
_MOST_NAMED = 20
_MOST_SPEAKERS = 60
_TRAIN_SHARE = 0.8


@dataclass(frozen=True)
class Label:
    """What a data set has of one label."""

    name: str
    recordings: int
    hours: float
    speakers: int


@dataclass(frozen=True)
class Named:
    """A recording and what is worth saying of it."""

    file: str
    value: str


@dataclass(frozen=True)
class Leaking:
    """Somebody, or a sound, that more than one split holds, and how often each does."""

    name: str
    splits: Mapping[str, int]


@dataclass(frozen=True)
class Figures:
    """What ``wakeful explore --json`` prints; files are named from the folder on."""

    folder: str
    recordings: int
    unreadable: int
    hours: float
    labels: tuple[Label, ...]
    speakers: int
    largest_speakers: Mapping[str, int]
    without_speaker: int
    splits: Mapping[str, int]
    rates_hz: Mapping[str, int]
    channels: Mapping[str, int]
    seconds: Spread | None
    under_a_second: int
    level_dbfs: Spread | None
    peak_dbfs: Spread | None
    snr_db: Spread | None
    before_s: Spread | None
    after_s: Spread | None
    clipped: int
    most_clipped: tuple[Named, ...]
    dc: int
    most_dc: tuple[Named, ...]
    silent: int
    without_speech: int
    speech_hours: float
    trimmed_hours: float
    same_groups: int
    same_recordings: int
    leaking_speakers: tuple[Leaking, ...]
    leaking_sounds: tuple[Leaking, ...]
    leaking_by_chance: float
    """How many speakers a random split in 80 and 20 % would be expected to put on both sides."""
    reasons: Mapping[str, int]
    """Why recordings can't be read, and how many."""
    unreadable_first: tuple[Named, ...]

    @property
    def saved_share(self) -> float:
        """Of training time, if recordings were trimmed to the speech in them."""
        return 1 - self.trimmed_hours / self.hours if self.hours else 0.0


def figures(store: Store) -> Figures:
    """Everything that one question each can tell."""
    store.teach("trimmed_s", 3, trimmed_s)
    seconds = _sum(store, "seconds")
    return Figures(
        folder=shown(store.folder),
        recordings=_count(store, "+"),
        unreadable=_count(store, "error IS NOT NULL"),
        hours=seconds / 3_600,
        labels=_labels(store),
        speakers=int(store.one("SELECT count(DISTINCT nullif(speaker, '')) FROM clips WHERE +")),
        largest_speakers=_tally(store, "speaker", "speaker <> ''", _MOST_SPEAKERS),
        without_speaker=_count(store, "+ AND speaker = ''"),
        splits=_tally(store, "split", "split <> ''"),
        rates_hz=_tally(store, "rate_hz"),
        channels=_tally(store, "channels"),
        seconds=spread(store, "seconds"),
        under_a_second=_count(store, "+ AND seconds < 1"),
        level_dbfs=spread(store, "level_dbfs", LEVEL_EDGES_DBFS),
        peak_dbfs=spread(store, "peak_dbfs", LEVEL_EDGES_DBFS),
        snr_db=spread(store, "snr_db", SNR_EDGES_DB),
        before_s=spread(store, "before_s", QUIET_EDGES_S),
        after_s=spread(store, "after_s", QUIET_EDGES_S),
        clipped=_count(store, "+ AND clipped_share > 0"),
        most_clipped=_named(store, "clipped_share", "clipped_share > 0", "{:.2%} of its samples"),
        dc=_count(store, f"+ AND abs(dc) > {DC_LIMIT}"),
        most_dc=_named(store, "abs(dc)", f"abs(dc) > {DC_LIMIT}", "{:.1%} of full scale"),
        silent=_count(store, f"+ AND level_dbfs <= {SILENT_DBFS}"),
        without_speech=_count(store, "+ AND voice_start_s IS NULL"),
        speech_hours=_sum(store, "voiced_s") / 3_600,
        trimmed_hours=_sum(store, "trimmed_s(seconds, voice_start_s, voice_end_s)") / 3_600,
        same_groups=int(store.one(f"SELECT count(*) FROM ({_SAME})")),
        same_recordings=int(store.one(f"SELECT coalesce(sum(n), 0) FROM ({_SAME})")),
        leaking_speakers=_leaking(store, "speaker", "min(speaker)"),
        leaking_sounds=_leaking(store, "digest", "min(name)"),
        leaking_by_chance=_by_chance(store),
        reasons=_reasons(store),
        unreadable_first=_unreadable(store),
    )


_SAME = "SELECT count(*) AS n FROM clips WHERE + GROUP BY digest HAVING count(*) > 1"


def _count(store: Store, condition: str) -> int:
    return int(store.one(f"SELECT count(*) FROM clips WHERE {condition}"))


def _sum(store: Store, value: str) -> float:
    return float(store.one(f"SELECT coalesce(sum({value}), 0.0) FROM clips WHERE +"))


def _tally(store: Store, column: str, condition: str = "1", most: int = 1_000) -> dict[str, int]:
    """How many recordings each value has, the most frequent first."""
    text = (
        f"SELECT {column}, count(*) FROM clips WHERE + AND {condition} "
        f"GROUP BY {column} ORDER BY count(*) DESC, {column} LIMIT ?"
    )
    return {str(value): count for value, count in store.query(text, most)}


def _labels(store: Store) -> tuple[Label, ...]:
    text = (
        "SELECT label, count(*), sum(seconds) / 3600, count(DISTINCT nullif(speaker, '')) "
        "FROM clips WHERE + GROUP BY label ORDER BY count(*) DESC, label"
    )
    return tuple(Label(*row) for row in store.query(text))


def _named(store: Store, value: str, condition: str, told: str) -> tuple[Named, ...]:
    text = f"SELECT name, {value} FROM clips WHERE + AND {condition} ORDER BY 2 DESC, name LIMIT ?"
    return tuple(
        Named(shown(os.fsdecode(name)), told.format(found))
        for name, found in store.query(text, _MOST_NAMED)
    )


def _leaking(store: Store, key: str, named: str) -> tuple[Leaking, ...]:
    groups = store.query(
        f"SELECT {key}, {named} FROM clips WHERE + AND split <> '' AND {key} <> '' "
        f"GROUP BY {key} HAVING count(DISTINCT split) > 1 ORDER BY count(*) DESC, {key}"
    )
    text = f"SELECT split, count(*) FROM clips WHERE + AND split <> '' AND {key} = ? GROUP BY split"
    return tuple(
        Leaking(_spelt(name), dict(store.query(text, value))) for value, name in list(groups)
    )


def _spelt(name: str | bytes) -> str:
    return shown(os.fsdecode(name))


def _by_chance(store: Store) -> float:
    counts = store.query("SELECT count(*) FROM clips WHERE + AND speaker <> '' GROUP BY speaker")
    return float(sum(1 - _TRAIN_SHARE**n - (1 - _TRAIN_SHARE) ** n for (n,) in counts))


def _reasons(store: Store) -> dict[str, int]:
    text = (
        "SELECT error, count(*) FROM clips WHERE error IS NOT NULL GROUP BY error "
        "ORDER BY count(*) DESC, error LIMIT ?"
    )
    return dict(store.query(text, _MOST_NAMED))


def _unreadable(store: Store) -> tuple[Named, ...]:
    text = "SELECT name, error FROM clips WHERE error IS NOT NULL ORDER BY name LIMIT ?"
    return tuple(Named(_spelt(name), error) for name, error in store.query(text, _MOST_NAMED))
