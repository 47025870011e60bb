"""Clips into memory: decoded, brought to one rate, padded; what is broken is named and counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..synth.levels import Sound
from ..synth.progress import Show
from .corpora import Clip
from .corpus import SAMPLE_RATE_HZ, CorpusError

MAX_BAD_SHARE = 0.02
"""So many clips may be broken, as in every large data set; with more it is the wrong data."""
_NAMED = 3


@dataclass(frozen=True)
class Bad:
    """A clip that is left out, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Heard:
    """Clips with their sound, float32 of one rate, in order, and those that have none."""

    clips: tuple[Clip, ...]
    sounds: tuple[Sound, ...]
    bad: tuple[Bad, ...] = ()

    def __len__(self) -> int:
        return len(self.clips)


def read_clip(clip: Clip, rate_hz: int = SAMPLE_RATE_HZ) -> Sound:
    """Decode one clip as mono float32 of full scale 1; raises `CorpusError` that names the file."""
    import soundfile

    try:
        with soundfile.SoundFile(clip.path) as file:
            own_rate_hz = file.samplerate
            file.seek(min(round(clip.start_s * own_rate_hz), file.frames))
            length = -1 if clip.length_s is None else round(clip.length_s * own_rate_hz)
            sound = file.read(length, dtype="float32", always_2d=True).mean(axis=1)
    except (soundfile.SoundFileError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise CorpusError(f"{clip.path}: not readable as sound ({reason}); take it away") from error
    if not len(sound) or not np.isfinite(sound).all():
        raise CorpusError(f"{clip.path}: holds no sound; take it away")
    return resampled(sound, own_rate_hz, rate_hz)


def resampled(sound: Sound, from_hz: int, to_hz: int) -> Sound:
    """The same sound at another rate."""
    if from_hz == to_hz:
        return sound
    import soxr

    changed: Sound = soxr.resample(sound, from_hz, to_hz).astype(np.float32)
    return changed


def padded(sound: Sound, length: int) -> Sound:
    """Exactly `length` samples: zeros on both sides of a short clip, the middle of a long one."""
    lacking = length - len(sound)
    if lacking >= 0:
        return np.pad(sound, (lacking // 2, lacking - lacking // 2))
    start = -lacking // 2
    return sound[start : start + length]


def read_clips(
    clips: Sequence[Clip],
    rate_hz: int = SAMPLE_RATE_HZ,
    *,
    max_bad_share: float = MAX_BAD_SHARE,
    show: Show = lambda done, total: None,
) -> Heard:
    """Decode all; raises `CorpusError` where more than a share of them can't be."""
    good: list[tuple[Clip, Sound]] = []
    bad: list[Bad] = []
    for number, found in enumerate(_tried(clips, rate_hz), 1):
        if isinstance(found, Bad):
            bad.append(found)
        else:
            good.append(found)
        show(number, len(clips))
    require_good(bad, len(clips), max_bad_share)
    return Heard(tuple(c for c, _ in good), tuple(s for _, s in good), tuple(bad))


def _tried(clips: Sequence[Clip], rate_hz: int) -> Iterator[tuple[Clip, Sound] | Bad]:
    for clip in clips:
        try:
            yield clip, read_clip(clip, rate_hz)
        except CorpusError as error:
            yield Bad(clip.path, str(error))


def require_good(bad: Sequence[Bad], of: int, max_share: float) -> None:
    """Raise `CorpusError` where more than a share of so many clips is bad, naming some."""
    if len(bad) > max_share * of or (of and len(bad) == of):
        raise CorpusError(
            f"{len(bad)} of {of} clips are empty or broken, {max_share:.0%} may be: "
            f"{named(bad)}; unpack the data set again"
        )


def named(bad: Sequence[Bad]) -> str:
    """The first few by name, for a line."""
    more = ", …" if len(bad) > _NAMED else ""
    return ", ".join(str(b.path) for b in bad[:_NAMED]) + more
