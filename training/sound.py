"""All that a training run hears, from folders: what is fitted on, and what never is.

What is kept for measuring is kept apart by voice: synthetic clips by their manifest's split, a
folder of recordings with several sub-folders by sub-folder (one for each speaker, as corpora come),
any other folder by file (one take each). It depends on names alone, so for ever the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..synth.clips import KINDS
from ..synth.levels import Samples
from ..synth.palette import Clip, Palette
from .corpus import CorpusError, hours, read_clips, read_folders, read_sound, sound_files

_FRAME = 320
_KEPT_APART = 4
"""One speaker or take of so many is never fitted on."""
_FEW_SPEAKERS = 4
_ENOUGH_H = 0.5
"""Of real speech that is held out: what synthetic voices say sets no threshold beside it."""
_OWN_WORDS_SHARE = 0.3
"""Of the words that are mixed so many are the user's own recordings, where there are any."""


@dataclass(frozen=True)
class Folders:
    """Where sound lies. `clips` hold ``positive``, ``hard``, ``sentence``; the rest is optional.

    `positives` are recordings of the word, `negatives` speech without it, `held_out` speech to
    set the threshold by; without `held_out`, a part of `negatives` is kept for that.
    """

    clips: Sequence[Path]
    positives: Sequence[Path] = ()
    negatives: Sequence[Path] = ()
    backgrounds: Sequence[Path] = ()
    held_out: Sequence[Path] = ()


@dataclass(frozen=True)
class Sound:
    """Nothing of `held_out`, `test_words`, `test_near` and `own_words` is fitted on."""

    palette: Palette
    held_out: Sequence[Clip]
    test_words: Sequence[Clip]
    test_near: Sequence[Clip]
    own_words: Sequence[Clip] = ()

    def hours(self) -> dict[str, float]:
        """How much of what there is to fit on and to measure with."""
        p = self.palette
        fitted = {"word": p.word, "near words": p.hard, "speech": p.speech, "noise": p.noise}
        kept = {"held-out speech": self.held_out}
        return {name: round(hours(clips), 2) for name, clips in (fitted | kept).items()}


def read_sound_for(folders: Folders) -> Sound:
    """Read every folder; raises `CorpusError`."""
    f = folders
    own, own_kept = _apart(_own(f.positives), f.positives)
    speech, kept = _speech(f)
    word = _synthetic(f, "positive", "train")
    palette = Palette(
        word=[*word, *_repeated(own, len(word))],
        hard=_synthetic(f, "hard", "train"),
        speech=[*_synthetic(f, "sentence", "train"), *speech],
        noise=read_folders(f.backgrounds),
    )
    words = _synthetic(f, "positive", "validation")
    held_out = (
        kept if hours(kept) >= _ENOUGH_H else [*_synthetic(f, "sentence", "validation"), *kept]
    )
    if not words:
        named = ", ".join(str(folder / "positive") for folder in f.clips)
        raise CorpusError(f"{named}: no clip is for validation; add some voices")
    if not held_out:
        raise CorpusError("no speech is held out to set the threshold by; give --held-out DIR")
    return Sound(
        palette=palette,
        held_out=held_out,
        test_words=words,
        test_near=_synthetic(f, "hard", "validation"),
        own_words=own_kept,
    )


def _speech(f: Folders) -> tuple[list[Clip], list[Clip]]:
    """Speech to fit on and speech to measure with."""
    given = read_folders(f.negatives)
    if f.held_out:
        return given, read_folders(f.held_out)
    return _apart(given, f.negatives)


def _own(folders: Sequence[Path]) -> list[Clip]:
    """The user's recordings of the word: where in each it sounds is where the word lies."""
    return [_marked(path) for folder in folders for path in sound_files(folder)]


def _marked(path: Path) -> Clip:
    samples = read_sound(path)
    first, last = voiced(samples)
    return Clip(samples, first, last, str(path))


def voiced(samples: Samples) -> tuple[int, int]:
    """From the first to the last frame that stands out of a recording's own background."""
    count = len(samples) // _FRAME
    if count < 3:
        return 0, len(samples)
    frames = samples[: count * _FRAME].reshape(count, _FRAME).astype(np.float32)
    level_db = 10 * np.log10(np.mean(frames * frames, axis=1) + 1.0)
    quiet, loud = np.percentile(level_db, [10, 97])
    above = np.flatnonzero(level_db >= quiet + 0.4 * (loud - quiet))
    return int(above[0]) * _FRAME, int(above[-1] + 1) * _FRAME


def _repeated(own: list[Clip], others: int) -> list[Clip]:
    """As often as makes them a share of all that is drawn."""
    if not own:
        return []
    times = _OWN_WORDS_SHARE / (1 - _OWN_WORDS_SHARE) * others / len(own)
    return own * max(1, round(times))


def _apart(clips: Sequence[Clip], folders: Sequence[Path]) -> tuple[list[Clip], list[Clip]]:
    """What is fitted on, and what is kept."""
    names = {str(c.name): _speaker(Path(c.name), folders) for c in clips}
    speakers = sorted(set(names.values()))
    kept = {s for s in speakers if zlib.crc32(s.encode()) % _KEPT_APART == 0}
    fitted = [c for c in clips if names[c.name] not in kept]
    return fitted, [c for c in clips if names[c.name] in kept]


def _speaker(path: Path, folders: Sequence[Path]) -> str:
    """The name that keeps a recording on one side: of its sub-folder, or its own."""
    folder = next(f for f in folders if path.is_relative_to(f))
    inside = path.relative_to(folder).parts
    several = sum(1 for f in folder.iterdir() if f.is_dir()) >= _FEW_SPEAKERS
    return inside[0] if several and len(inside) > 1 else "/".join(inside)


def require_clips(folders: Sequence[Path]) -> None:
    """Each holds clips of some kind, and one of them the word; raises `CorpusError`."""
    for folder in folders:
        if not any((folder / kind).is_dir() for kind in KINDS):
            raise CorpusError(
                f"{folder}: holds none of {', '.join(KINDS)}; make clips with `wakeful synth clips`"
            )
    word = [folder / "positive" for folder in folders if (folder / "positive").is_dir()]
    for folder in word or [folder / "positive" for folder in folders]:
        sound_files(folder)


def _synthetic(f: Folders, kind: str, split: str) -> list[Clip]:
    there = [folder / kind for folder in f.clips if (folder / kind).is_dir()]
    return [clip for folder in there for clip in read_clips(folder, split)]
