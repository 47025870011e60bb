"""Long sound in which nobody says the word, stream by stream."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from engines import Samples
from wakeful.training.corpus import sound_files
from wakeful.training.long_sound import LongFile, Stream, long_files, streams
from wakeful.training.takes import RATE_HZ


def talk_in(folders: Sequence[Path]) -> list[tuple[LongFile, ...]]:
    """The streams of all folders."""
    return [s for f in folders for s in streams(long_files(f, sound_files(f)))]


def talk_of(files: Sequence[LongFile]) -> tuple[Samples, float]:
    """A stream as one sound, and how many seconds of it came from files."""
    stream = Stream(files)
    sound = np.concatenate(list(stream.pieces()))
    return sound, stream.own_samples / RATE_HZ
