"""What is said in recordings that nobody wrote down, by whisper, several to one listening.

Whisper looks at half a minute, however short a recording is: so many as fit are put behind each
other with pauses between, and each word goes to the recording that it was heard in. A confidence
tells which texts to believe.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .collection import CollectionError
from .judge import Judge
from .levels import to_float
from .recording import SpeechError
from .shelf import read_sound
from .speech_folder import add_row, rows, write_rows
from .voice import SAMPLE_RATE_HZ, Sound

TEXTS = "texts.jsonl"
SUFFIXES = (".flac", ".ogg", ".wav")

Progress = Callable[[int, int], None]

_WINDOW_S, _PAUSE_S = 28.0, 0.8


@dataclass(frozen=True)
class Text:
    """What was heard in a recording; `confidence` is the mean of the words', as factors."""

    file: str
    text: str
    confidence: float


@dataclass
class Pack:
    """Recordings behind each other, and where each lies, in samples."""

    files: list[str] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    pieces: list[Sound] = field(default_factory=list)
    length: int = 0

    def fits(self, sound: Sound) -> bool:
        """Whether one more leaves it within what whisper looks at."""
        return not self.files or self.length + len(sound) <= _WINDOW_S * SAMPLE_RATE_HZ

    def add(self, file: str, sound: Sound) -> None:
        """One more, and a pause behind it."""
        pause = np.zeros(int(_PAUSE_S * SAMPLE_RATE_HZ), np.float32)
        self.files.append(file)
        self.spans.append((self.length, self.length + len(sound)))
        self.pieces += [sound, pause]
        self.length += len(sound) + len(pause)

    def texts(self, words: Sequence[Any]) -> Iterator[Text]:
        """Each word in the recording that its middle is nearest to."""
        middles = np.array([(w.start + w.end) / 2 * SAMPLE_RATE_HZ for w in words])
        ends = np.array([end for _, end in self.spans]) + _PAUSE_S / 2 * SAMPLE_RATE_HZ
        owners = np.searchsorted(ends, middles)
        for number, file in enumerate(self.files):
            own = [w for w, owner in zip(words, owners, strict=True) if owner == number]
            yield Text(file, "".join(w.word for w in own).strip(), _confidence(own))


def transcribe_folder(
    folder: Path, judge: Judge, progress: Progress = lambda done, total: None
) -> int:
    """Write down every recording under a folder into its ``texts.jsonl``; how many are there.

    A run that was stopped goes on. Raises `SpeechError` for what can't be read or written.
    """
    if not folder.is_dir():
        raise SpeechError(f"{folder}: no such folder; give one that holds recordings")
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if not files:
        raise SpeechError(f"{folder}: holds no {', '.join(SUFFIXES)}; give a folder that does")
    try:
        kept = rows(folder / TEXTS)
        if kept:
            write_rows(folder / TEXTS, kept)
        done = {str(row["file"]) for row in kept}
        waiting = [p for p in files if str(p.relative_to(folder)) not in done]
        count = len(files) - len(waiting)
        for pack in _packs(folder, waiting):
            for text in _heard(pack, judge):
                row = {"text": text.text, "confidence": round(text.confidence, 3)}
                add_row(folder / TEXTS, {"file": text.file, **row})
            count += len(pack.files)
            progress(count, len(files))
    except OSError as error:
        raise SpeechError(
            f"{error.filename or folder}: can't be written ({error.strerror or error})"
        ) from error
    return len(files)


def _packs(folder: Path, files: Sequence[Path]) -> Iterator[Pack]:
    pack = Pack()
    for path in files:
        try:
            sound = to_float(read_sound(path))
        except CollectionError as error:
            raise SpeechError(str(error)) from error
        if not pack.fits(sound):
            yield pack
            pack = Pack()
        pack.add(str(path.relative_to(folder)), sound)
    if pack.files:
        yield pack


def _heard(pack: Pack, judge: Judge) -> Iterator[Text]:
    found, _ = judge.model.transcribe(
        np.concatenate(pack.pieces),
        language="en",
        beam_size=1,
        temperature=0.0,
        condition_on_previous_text=False,
        word_timestamps=True,
    )
    yield from pack.texts([word for piece in found for word in piece.words or ()])


def _confidence(words: Sequence[Any]) -> float:
    if not words:
        return 0.0
    logs = [math.log(max(word.probability, 1e-6)) for word in words]
    return min(1.0, math.exp(sum(logs) / len(logs)))
