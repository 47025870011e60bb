"""Parting clips so that nobody is heard on two sides: by name, by share, by fold, one by one."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from .corpora import Clip, Split
from .corpus import CorpusError

_MOST_FILES = 2**27 - 1
SHARES: Mapping[Split, float] = {"train": 0.8, "validation": 0.1, "test": 0.1}


def official_split(name: str, validation_percent: float = 10, test_percent: float = 10) -> Split:
    """Where Speech Commands puts a file, by the speaker in its name: for ever the same.

    SHA-1 of what stands before ``_nohash_``, as a whole number, modulo 2^27, as a percentage.
    """
    speaker = re.sub(r"_nohash_.*$", "", name)
    digest = hashlib.sha1(speaker.encode(), usedforsecurity=False).hexdigest()
    percent = int(digest, 16) % (_MOST_FILES + 1) * (100.0 / _MOST_FILES)
    if percent < validation_percent:
        return "validation"
    return "test" if percent < validation_percent + test_percent else "train"


def own_split(clips: Sequence[Clip]) -> dict[Split, list[Clip]]:
    """The corpus's own split; raises `CorpusError` where it has none."""
    sides: dict[Split, list[Clip]] = {"train": [], "validation": [], "test": []}
    for clip in clips:
        if clip.split:
            sides[clip.split].append(clip)
    if not sides["train"]:
        raise CorpusError("the data set says nothing of its own split; part it by speaker")
    return sides


def split_by_speaker(
    clips: Sequence[Clip], rng: np.random.Generator, shares: Mapping[Split, float] = SHARES
) -> dict[Split, list[Clip]]:
    """Shares of clips, with nobody on two sides; each side has one person at least.

    People are dealt in drawn order, each to the side that lacks most. Raises `CorpusError` where
    there are fewer people than sides.
    """
    sides = [side for side, share in shares.items() if share > 0]
    dealt = _dealt(clips, rng, [shares[side] for side in sides])
    return dict(zip(sides, dealt, strict=True))


def folds(clips: Sequence[Clip], count: int, rng: np.random.Generator) -> list[list[Clip]]:
    """`count` parts of about one size, with nobody in two of them; raises `CorpusError`."""
    return _dealt(clips, rng, [1.0 / count] * count)


def leave_one_out(clips: Sequence[Clip]) -> Iterator[tuple[str, list[Clip], list[Clip]]]:
    """(who, everybody else's clips, theirs) for each person, by name; raises `CorpusError`."""
    by_person = _by_person(clips)
    if len(by_person) < 2:
        raise CorpusError("one speaker: nobody is left to learn from; give more of the data set")
    for person in sorted(by_person):
        yield person, [c for c in clips if c.person != person], by_person[person]


def random_split(
    clips: Sequence[Clip], rng: np.random.Generator, test_share: float = 0.1
) -> tuple[list[Clip], list[Clip]]:
    """(the rest, a drawn share of each label): everybody may be heard on both sides."""
    by_label: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        by_label[clip.label].append(clip)
    kept: list[Clip] = []
    for label in sorted(by_label):
        group = by_label[label]
        count = max(1, round(test_share * len(group)))
        kept += [group[i] for i in sorted(rng.choice(len(group), count, replace=False))]
    out = set(kept)
    return [c for c in clips if c not in out], kept


def shared_speakers(*sides: Sequence[Clip]) -> list[str]:
    """Who is heard on more than one side: nobody, if a split is honest."""
    heard = Counter(person for side in sides for person in {c.person for c in side})
    return sorted(person for person, times in heard.items() if times > 1)


def _by_person(clips: Sequence[Clip]) -> dict[str, list[Clip]]:
    by_person: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        by_person[clip.person].append(clip)
    return by_person


def _dealt(
    clips: Sequence[Clip], rng: np.random.Generator, shares: Sequence[float]
) -> list[list[Clip]]:
    by_person = _by_person(clips)
    if len(by_person) < len(shares):
        raise CorpusError(
            f"{len(by_person)} speakers can't be parted into {len(shares)} sides; "
            "give more of the data set"
        )
    people = [sorted(by_person)[i] for i in rng.permutation(len(by_person))]
    # Who says most comes first: dealt last they would tip a side that is full.
    people.sort(key=lambda person: -len(by_person[person]))
    wanted = np.array(shares) / sum(shares) * len(clips)
    sides: list[list[Clip]] = [[] for _ in shares]
    for left, person in zip(range(len(people), 0, -1), people, strict=True):
        empty = [n for n, side in enumerate(sides) if not side]
        lacking = wanted - [len(side) for side in sides]
        open_to = empty if left <= len(empty) else range(len(sides))
        sides[max(open_to, key=lambda n: lacking[n])] += by_person[person]
    return sides
