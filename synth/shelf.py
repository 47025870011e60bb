"""A folder of clips as a palette to mix from, with what its manifests tell of each clip."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .clips import Order, Progress, make_clips
from .collection import Collection, CollectionError, Entry, collect
from .engines import ENGINES, FAST, installed
from .levels import Samples, to_int16
from .palette import Clip, Palette, Source
from .phrases import texts_for
from .voice import SAMPLE_RATE_HZ, VoiceError, at_16_khz

KINDS: dict[str, Source] = {
    "positive": "word",
    "hard": "hard",
    "sentence": "speech",
    "noise": "noise",
}
"""A folder's name -> what its clips are to a mixture."""

_MOST = 60
_QUICK = {"positive": 8, "hard": 5, "sentence": 6}
_SENTENCES = (
    "My neighbour grows tomatoes behind the garage.",
    "Could you move the blue chair closer to the window?",
    "Two buses went by, and neither of them stopped.",
    "She wrote her number on the back of a receipt.",
    "It rained until noon, so we stayed in bed.",
    "Which of those jugs holds more milk?",
    "He never puts the scissors back in the drawer.",
    "Turn left by the old mill, then go uphill for a mile.",
)


@dataclass(frozen=True)
class Shelf:
    """What there is to mix, and by a clip's name its line of the manifest."""

    palette: Palette
    rows: Mapping[str, Mapping[str, Any]]

    def told(self, source: Source, number: int) -> Mapping[str, Any]:
        """What is known of a clip: nothing but its file, where no manifest listed it."""
        name = self.palette.clips(source)[number].name
        return {**self.rows.get(name, {}), "file": name}


def read_shelf(folder: Path, word: str, rng: np.random.Generator) -> Shelf:
    """Up to sixty clips of each kind, drawn: thousands would take a minute to read.

    Raises `CollectionError` where there is nothing to mix or the clips say another word.
    """
    found = collect(folder)
    _must_say(word, found, folder)
    kept = {kind: _some([e for e in found.entries if e.kind == kind], rng) for kind in KINDS}
    for kind in ("positive", "sentence"):
        if not kept[kind]:
            raise CollectionError(
                f"{folder}: no clips in a folder called {kind!r}; make some: wakeful synth clips"
            )
    clips = {KINDS[kind]: [_clip(entry) for entry in entries] for kind, entries in kept.items()}
    rows = {entry.name: entry.row for entries in kept.values() for entry in entries}
    palette = Palette(clips["word"], clips["hard"], clips["speech"], clips["noise"])
    return Shelf(palette, rows)


def _must_say(word: str, found: Collection, folder: Path) -> None:
    texts = [str(e.row["text"]) for e in found.entries if e.kind == "positive" and "text" in e.row]
    plain = " ".join(word.split()).casefold()
    if texts and not any(plain in text.casefold() for text in texts):
        raise CollectionError(
            f"{folder}: its clips say {texts[0]!r}, not {word!r}; give their word"
        )


def _some(entries: Sequence[Entry], rng: np.random.Generator) -> list[Entry]:
    if len(entries) <= _MOST:
        return list(entries)
    return [entries[i] for i in sorted(rng.choice(len(entries), _MOST, replace=False))]


def _clip(entry: Entry) -> Clip:
    samples = read_sound(entry.path)
    start, end = entry.row.get("keyword_start_s"), entry.row.get("keyword_end_s")
    first, last = _place(start, 0), _place(end, len(samples))
    if not 0 <= first < last <= len(samples) + SAMPLE_RATE_HZ // 100:
        raise CollectionError(
            f"{entry.path}: the word can't lie from {start} to {end} s; make it again"
        )
    return Clip(samples, first, min(last, len(samples)), entry.name)


def _place(time_s: object, otherwise: int) -> int:
    """A time as a number of samples; what is no time lies before the beginning."""
    if time_s is None:
        return otherwise
    if not isinstance(time_s, int | float) or isinstance(time_s, bool) or not math.isfinite(time_s):
        return -1
    return round(time_s * SAMPLE_RATE_HZ)


def read_sound(path: Path) -> Samples:
    """All of a sound file as 16 kHz mono int16; raises `CollectionError` if it is none."""
    import soundfile

    try:
        sound, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError) as error:
        raise CollectionError(f"{path}: not readable as sound ({error}); take it away") from error
    if not len(sound) or not np.isfinite(sound).all():
        raise CollectionError(f"{path}: holds no sound; take it away")
    return to_int16(at_16_khz(sound.mean(axis=1), rate_hz))


def speak_shelf(word: str, seed: int, progress: Progress = lambda done, total: None) -> Shelf:
    """A handful of clips made now, by the fast engines where any is installed.

    Raises `EngineMissingError` when there is no engine at all, `VoiceError` when the word leaves
    nothing else to say.
    """
    texts = texts_for(word, _SENTENCES)
    if not texts.sentences:
        raise VoiceError(f"word {word!r}: is in every sentence that there is here; give --clips")
    engines = installed(FAST)[0] or ENGINES
    counts = {kind: n for kind, n in _QUICK.items() if kind != "hard" or texts.hard}
    with tempfile.TemporaryDirectory(prefix="wakeful-") as folder:
        make_clips(Order(texts, counts, tuple(engines), seed), Path(folder), 1, progress)
        return read_shelf(Path(folder), word, np.random.default_rng(seed))
