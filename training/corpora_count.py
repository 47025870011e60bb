"""What a corpus amounts to: clips and seconds by label, percentiles of length, speakers, splits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..synth.progress import Show
from .corpora import Clip, Corpus
from .corpora_sound import MAX_BAD_SHARE, Bad, require_good
from .corpus import CorpusError

PERCENTS = (0, 5, 25, 50, 75, 95, 100)


@dataclass(frozen=True)
class LabelCount:
    """One label's share."""

    label: str
    clips: int
    speakers: int
    seconds: float


@dataclass(frozen=True)
class Count:
    """A whole corpus, in figures. `length_s`: percent -> length of a clip."""

    folder: Path
    shape: str
    clips: int
    hours: float
    length_s: dict[int, float]
    speakers: int
    clips_a_speaker: dict[int, float]
    splits: dict[str, int]
    labels: tuple[LabelCount, ...]
    bad: tuple[Bad, ...]
    missing: int


def length_s(path: Path) -> float:
    """By the file's head alone; raises `CorpusError` for what is no sound, or none at all."""
    import soundfile

    try:
        duration = float(soundfile.info(path).duration)
    except (soundfile.SoundFileError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise CorpusError(f"{path}: not readable as sound ({reason}); take it away") from error
    if not duration:
        raise CorpusError(f"{path}: holds no sound; take it away")
    return duration


def count_corpus(
    corpus: Corpus,
    *,
    max_bad_share: float = MAX_BAD_SHARE,
    show: Show = lambda done, total: None,
) -> Count:
    """Look into every file's head; raises `CorpusError` where too many can't be read."""
    lengths: dict[Clip, float] = {}
    bad: list[Bad] = []
    for number, clip in enumerate(corpus.clips, 1):
        try:
            lengths[clip] = _clip_s(clip)
        except CorpusError as error:
            bad.append(Bad(clip.path, str(error)))
        show(number, len(corpus.clips))
    require_good(bad, len(corpus.clips), max_bad_share)
    by_speaker = Counter(c.speaker for c in lengths if c.speaker)
    return Count(
        folder=corpus.folder,
        shape=corpus.shape,
        clips=len(lengths),
        hours=sum(lengths.values()) / 3600,
        length_s=_percentiles(list(lengths.values())),
        speakers=len(by_speaker),
        clips_a_speaker=_percentiles([float(n) for n in by_speaker.values()]),
        splits=dict(Counter(c.split or "none" for c in lengths)),
        labels=_by_label(lengths),
        bad=tuple(bad),
        missing=len(corpus.missing),
    )


def _clip_s(clip: Clip) -> float:
    left_s = max(0.0, length_s(clip.path) - clip.start_s)
    return left_s if clip.length_s is None else min(left_s, clip.length_s)


def _percentiles(values: Sequence[float]) -> dict[int, float]:
    if not values:
        return {}
    return {p: round(float(np.percentile(values, p)), 3) for p in PERCENTS}


def _by_label(lengths: dict[Clip, float]) -> tuple[LabelCount, ...]:
    groups: dict[str, list[Clip]] = {}
    for clip in lengths:
        groups.setdefault(clip.label, []).append(clip)
    return tuple(
        LabelCount(
            label,
            len(clips),
            len({c.speaker for c in clips} - {""}),
            round(sum(lengths[c] for c in clips), 3),
        )
        for label, clips in sorted(groups.items())
    )
