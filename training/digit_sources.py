"""What the digit network hears, from folders: people's digits, synthetic ones, other words, noise.

People are parted by `random_split`: the takes it keeps are in no example of any fit. Of synthetic
voices those whose manifest says ``validation``, and of other words every fifth file by name, are
kept to measure with.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..models.labels import SILENCE
from ..synth.levels import Sound
from .corpora import Clip, Corpus, read_corpus, require_labels, require_several
from .corpora_count import length_s
from .corpora_sound import Bad, Heard, read_clip, read_clips
from .corpora_splits import random_split
from .corpus import CorpusError, sound_files
from .digit_mix import Spoken, Words

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SPOKEN = {name: number for number, name in enumerate(NAMES)} | {"oh": 0, "o": 0}
SPOKEN |= {str(number): number for number in range(10)}
_KEPT_APART = 5
_RATE_HZ = 16_000
_LONGEST_WORD_S, _PIECE_S = 1.3, (0.25, 1.2)
_MOST_OTHERS, _PIECES_A_FILE = 4_000, 4
_LONGEST_NOISE_S = 60.0


@dataclass(frozen=True)
class Folders:
    """Where sound lies: `digits` are people's; the others may be empty."""

    digits: Path
    voices: Sequence[Path] = ()
    others: Sequence[Path] = ()
    noise: Sequence[Path] = ()


@dataclass(frozen=True)
class Sources:
    """`words` to mix from; the rest is only measured with."""

    words: Words
    kept: Heard
    kept_voices: tuple[Spoken, ...]
    kept_others: tuple[Sound, ...]
    all_real: Heard
    bad: tuple[Bad, ...]


def digit_of(label: str) -> int | None:
    """The digit that a word or numeral names; None for any other."""
    return SPOKEN.get(label.strip().strip(".,!?").lower())


def tokens_of(text: str) -> tuple[int, ...] | None:
    """Those of "four two oh"; None where a word is no digit."""
    found = [digit_of(word) for word in text.replace(",", " ").split()]
    return tuple(d for d in found if d is not None) if found and None not in found else None


def digit_corpus(folder: Path) -> Corpus:
    """A corpus with all ten digits by two speakers at least, labels as numerals.

    What is no digit is left out; raises `CorpusError`.
    """
    corpus = read_corpus(folder)
    named = ((c, digit_of(c.label)) for c in corpus.clips)
    clips = tuple(replace(c, label=str(digit)) for c, digit in named if digit is not None)
    require_labels(replace(corpus, clips=clips or corpus.clips), [str(n) for n in range(10)])
    found = replace(corpus, clips=clips)
    require_several(found, labels=10, speakers=2)
    return found


def read_sources(folders: Folders, seed: int) -> Sources:
    """Decode everything; raises `CorpusError`."""
    corpus = digit_corpus(folders.digits)
    heard = read_clips(corpus.clips)
    _, test = random_split(heard.clips, np.random.default_rng(seed))
    kept = _part(heard, set(test))
    fitted = _part(heard, set(heard.clips) - set(test))
    voices, kept_voices = _voices(folders.voices)
    others, kept_others = _others(folders.others, np.random.default_rng([seed, 1]))
    single = [v for v in voices if len(v[0]) == 1]
    words = Words(
        speakers=_by_speaker(fitted) | {"": single},
        strings=[v for v in voices if len(v[0]) > 1],
        others=others,
        noises=list(_noises(folders.noise)),
    )
    return Sources(words, kept, tuple(kept_voices), tuple(kept_others), heard, heard.bad)


def _part(heard: Heard, wanted: set[Clip]) -> Heard:
    pairs = [(c, s) for c, s in zip(heard.clips, heard.sounds, strict=True) if c in wanted]
    return Heard(tuple(c for c, _ in pairs), tuple(s for _, s in pairs))


def _by_speaker(heard: Heard) -> dict[str, list[Spoken]]:
    found: dict[str, list[Spoken]] = {}
    for clip, sound in zip(heard.clips, heard.sounds, strict=True):
        found.setdefault(clip.speaker, []).append(((int(clip.label),), sound))
    return found


def _voices(folders: Iterable[Path]) -> tuple[list[Spoken], list[Spoken]]:
    """Digits and strings of them, (to mix, by voices kept apart)."""
    fitted: list[Spoken] = []
    kept: list[Spoken] = []
    for folder in folders:
        clips = [c for c in read_corpus(folder).clips if tokens_of(c.label)]
        heard = read_clips(clips)
        for clip, sound in zip(heard.clips, heard.sounds, strict=True):
            side = kept if clip.split == "validation" else fitted
            side.append((tokens_of(clip.label) or (), sound))
    return fitted, kept


def _others(folders: Iterable[Path], rng: np.random.Generator) -> tuple[list[Sound], list[Sound]]:
    """Words and pieces of speech that hold no digit by their label, (to mix, kept apart)."""
    clips = [c for folder in folders for c in _without_digits(folder)]
    if len(clips) > _MOST_OTHERS:
        clips = [clips[i] for i in sorted(rng.choice(len(clips), _MOST_OTHERS, replace=False))]
    fitted: list[Sound] = []
    kept: list[Sound] = []
    for clip in clips:
        side = kept if zlib.crc32(clip.path.name.encode()) % _KEPT_APART == 0 else fitted
        side += _pieces(read_clip(clip), rng)
    return fitted, kept


def _without_digits(folder: Path) -> Iterator[Clip]:
    for clip in _speech(folder):
        # Speech Commands' unknown words bear their word in front of the speaker.
        words = {*clip.label.lower().split(), *clip.path.stem.lower().split("_")[:1]}
        if not words & set(SPOKEN) and clip.label != SILENCE:
            yield clip


def _speech(folder: Path) -> Sequence[Clip]:
    """A corpus, or a plain folder of speech of which nobody wrote what is said."""
    try:
        return read_corpus(folder).clips
    except CorpusError:
        return [Clip(path, "") for path in sound_files(folder)]


def _pieces(sound: Sound, rng: np.random.Generator) -> Iterator[Sound]:
    """A word whole, of anything longer some pieces."""
    if len(sound) <= _LONGEST_WORD_S * _RATE_HZ:
        yield sound
        return
    for _ in range(_PIECES_A_FILE):
        length = int(rng.uniform(*_PIECE_S) * _RATE_HZ)
        start = int(rng.integers(len(sound) - length))
        piece = sound[start : start + length]
        # A pause in speech is no word.
        if np.abs(piece).max() > 0.25 * np.abs(sound).max():
            yield piece


def _noises(folders: Iterable[Path]) -> Iterator[Sound]:
    for folder in folders:
        for path in sound_files(folder):
            longest_s = min(length_s(path), _LONGEST_NOISE_S)
            yield read_clip(Clip(path, "", length_s=longest_s))
