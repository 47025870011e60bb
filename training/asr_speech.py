"""Transcribed speech from folders: what is said in each file, in a recognizer's own symbols.

A folder is a corpus that `corpora` knows (LibriSpeech, a table of paths and texts, a folder for
each word), clips with a manifest that says their text, as the voices make them, or recordings that
a machine wrote down, of which the sure ones count. Nothing is
decoded until it is wanted, and what was is kept as far as memory allows.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import overload

from ..models.labels import SILENCE, UNKNOWN
from ..models.letters import LettersError, plain
from ..synth.clips import MANIFEST
from ..synth.collection import CollectionError, collect
from ..synth.levels import Samples
from ..synth.palette import Clip
from ..synth.speech_folder import rows
from ..synth.transcribe import TEXTS
from .corpora import read_corpus
from .corpora_count import length_s
from .corpus import CorpusError, read_sound

SURE = 0.6
"""A transcript that a machine wrote counts from this confidence on."""

_KEPT_SAMPLES = 1 << 30
_HELD_OUT_OF = 12
"""One speaker of so many is measured with, where nobody says who."""


@dataclass(frozen=True)
class Utterance:
    """A file and what is said in it; `person` keeps a voice on one side."""

    path: Path
    text: str
    length_s: float
    person: str
    held_out: bool = False


@dataclass(frozen=True)
class Speech:
    """What was found: to learn from, to measure with, and what was left out, by reason."""

    fitted: tuple[Utterance, ...]
    held_out: tuple[Utterance, ...]
    left_out: dict[str, int] = field(default_factory=dict)

    def hours(self) -> dict[str, float]:
        """How much of each."""
        sides = {"fitted": self.fitted, "held out": self.held_out}
        return {
            name: round(sum(u.length_s for u in side) / 3600, 2) for name, side in sides.items()
        }


def read_speech(
    folders: Iterable[Path], held_out: Iterable[Path] = (), longest_s: float = 14.0
) -> Speech:
    """List the speech of some folders; raises `CorpusError` where there is none with a text.

    All of `held_out` is measured with. Without it that is what a manifest calls validation, and one
    speaker in twelve of the rest; where that is nobody, who says the least.
    """
    left_out: dict[str, int] = {}
    found = [u for folder in folders for u in _listed(folder, left_out)]
    apart = [u for folder in held_out for u in _listed(folder, left_out)]
    kept = [u for u in found if _fits(u, longest_s, left_out)]
    held = [u for u in (apart or _drawn(kept)) if u.length_s <= longest_s]
    names = {u.path for u in held}
    fitted = tuple(u for u in kept if u.path not in names)
    if not fitted:
        raise CorpusError(
            f"{', '.join(map(str, folders)) or 'no folder'}: no speech with a text to learn from; "
            "give LibriSpeech, a table of files and texts, or clips with a manifest"
        )
    return Speech(fitted, tuple(held), left_out)


def _drawn(kept: Sequence[Utterance]) -> list[Utterance]:
    """Whose draw it was; of few speakers, who says the least; of one, one utterance in twelve."""
    if drawn := [u for u in kept if u.held_out]:
        return drawn
    said = Counter(u.person for u in kept)
    if len(said) > 1:
        least = min(said, key=lambda person: (said[person], person))
        return [u for u in kept if u.person == least]
    return [u for u in kept if zlib.crc32(u.path.name.encode()) % _HELD_OUT_OF == 0]


def _fits(utterance: Utterance, longest_s: float, left_out: dict[str, int]) -> bool:
    if utterance.length_s > longest_s:
        left_out["too long"] = left_out.get("too long", 0) + 1
        return False
    return True


def _listed(folder: Path, left_out: dict[str, int]) -> Iterator[Utterance]:
    """Every utterance whose text can be written; the others are counted."""
    for path, text, person, apart in _told(folder):
        try:
            written = plain(text)
        except LettersError:
            written = ""
        if not written:
            left_out["no text"] = left_out.get("no text", 0) + 1
            continue
        yield Utterance(path, written, length_s(path), person, apart)


def _told(folder: Path) -> Iterator[tuple[Path, str, str, bool]]:
    """(file, text, person, whether it is held out)."""
    if (folder / TEXTS).is_file():
        return _from_texts(folder)
    if folder.is_dir() and any(folder.rglob(MANIFEST)):
        return _from_manifest(folder)
    return _from_corpus(folder)


def _from_texts(folder: Path) -> Iterator[tuple[Path, str, str, bool]]:
    """Whose voice it is nobody says: each recording is its own."""
    for row in rows(folder / TEXTS):
        if float(row.get("confidence", 1.0)) >= SURE:
            file = str(row["file"])
            drawn = zlib.crc32(file.encode()) % _HELD_OUT_OF == 0
            yield folder / file, str(row["text"]), f"file {file}", drawn


def _from_manifest(folder: Path) -> Iterator[tuple[Path, str, str, bool]]:
    try:
        entries = collect(folder).entries
    except CollectionError as error:
        raise CorpusError(str(error)) from error
    for entry in entries:
        row = entry.row
        if "text" in row and float(row.get("confidence", 1.0)) >= SURE:
            voice = f"{row.get('engine', '')} {row.get('voice', '') or entry.name}"
            yield entry.path, str(row["text"]), voice.strip(), row.get("split") == "validation"


def _from_corpus(folder: Path) -> Iterator[tuple[Path, str, str, bool]]:
    for clip in read_corpus(folder).clips:
        if clip.label not in (SILENCE, UNKNOWN) and clip.length_s is None:
            apart = clip.split is not None and clip.split != "train"
            drawn = zlib.crc32(clip.person.encode()) % _HELD_OUT_OF == 0
            yield clip.path, clip.label, clip.person, apart or (clip.split is None and drawn)


class SpokenClips(Sequence[Clip]):
    """The utterances' sound as a palette wants it: read when asked for, kept while room is."""

    def __init__(self, utterances: Sequence[Utterance], kept_samples: int = _KEPT_SAMPLES) -> None:
        self._utterances, self._room = utterances, kept_samples
        self._kept: dict[int, Samples] = {}

    def __len__(self) -> int:
        return len(self._utterances)

    @overload
    def __getitem__(self, number: int) -> Clip: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Clip]: ...
    def __getitem__(self, number: int | slice) -> Clip | Sequence[Clip]:
        if isinstance(number, slice):
            return [self[i] for i in range(*number.indices(len(self)))]
        samples = self._kept.get(number)
        if samples is None:
            samples = read_sound(self._utterances[number].path)
            if len(samples) <= self._room:
                self._room -= len(samples)
                self._kept[number] = samples
        return Clip(samples, 0, len(samples), str(self._utterances[number].path))
