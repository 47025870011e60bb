"""What whisper's ear makes of running speech, as a teacher of a far smaller network.

Its encoder gives 384 numbers every 20 ms, which know what is said better than anything else that
installs here. They are had of half-minutes of clean speech, and brought down to the directions in
which they differ most. Only at training time, and nothing of it ships.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.whisper import find_weights, load_whisper
from ..models.whole_file import whole
from ..synth.levels import Samples, Sound, active_dbfs, gain, to_float, to_int16
from ..synth.pools import pool
from ..synth.progress import Show
from .corpus import CorpusError, length_s, read_sound, sound_files

LICENCE = "whisper tiny.en, MIT"
WIDTH = 96
"""Of its 384 directions the strongest: what a small network is asked for."""
EVERY_S = 0.02
STREAM = 480_000
"""Samples: whisper hears half a minute at once."""
_LEVEL_DBFS = -23.0
_GAP_S = (0.05, 0.5)
_AT_ONCE = 8
_FRAMES = 1_500
"""Of whisper's, in a stream."""
_SAMPLED = 37_000
"""So many of all tell in which directions speech differs."""

Numbers = npt.NDArray[np.float32]


def write_streams(
    folders: Sequence[Path],
    work: Path,
    hours: float,
    seed: int,
    show: Show = lambda done, total: None,
    processes: int = 1,
) -> list[Path]:
    """Half-minutes of drawn recordings with what whisper makes of them, each in a file of its own.

    At most so many hours. Those that are there already stay. Raises `CorpusError` where there is no
    half-minute.
    """
    work.mkdir(parents=True, exist_ok=True)
    files = [path for folder in folders for path in sound_files(folder)]
    there_s = sum(map(length_s, files)) + len(files) * sum(_GAP_S) / 2
    count = max(1, int(min(120 * hours, there_s * 16_000 / STREAM)))
    paths = (work / f"{number:05d}.npz" for number in range(count))
    wanted = zip(paths, _streams(files, seed), strict=False)
    made: list[Path] = []
    with pool(processes) as workers:
        asked: deque[Any] = deque()
        while some := list(islice(wanted, _AT_ONCE * processes)):
            asked.append(workers.map_async(_write, some, chunksize=1))
            if len(asked) > 1:  # the next are put together while these are listened to
                made += asked.popleft().get()
                show(len(made), count)
        for last in asked:
            made += last.get()
            show(len(made), count)
    if not made:
        raise CorpusError(f"{folders[0]}: holds less than half a minute of speech; give more")
    return made


def _write(wanted: tuple[Path, Sound]) -> Path:
    path, sound = wanted
    if not path.is_file():
        with whole(path) as beside, beside.open("wb") as file:
            np.savez(file, samples=to_int16(sound), heard=_heard(_ear(), sound))
    return path


@cache
def _ear() -> Any:
    """One for each process."""
    return load_whisper(find_weights(), 1)


def _heard(ear: Any, sound: Sound) -> npt.NDArray[np.float16]:
    """[1500, 384]."""
    frames = ear.feature_extractor(sound)[:, :3_000]
    heard: npt.NDArray[np.float16] = np.array(ear.encode(frames)).astype(np.float16)[0]
    return heard


def _streams(files: Sequence[Path], seed: int) -> Iterator[Sound]:
    """Recordings at one level, in drawn order, with pauses between them; each is heard once."""
    rng = np.random.default_rng(seed)
    held: list[Sound] = []
    length = 0
    for number in rng.permutation(len(files)):
        sound = to_float(read_sound(files[number]))
        sound *= np.float32(gain(_LEVEL_DBFS - max(active_dbfs(sound), -70.0)))
        pause: Sound = np.zeros(int(rng.uniform(*_GAP_S) * 16_000), np.float32)
        held += [sound, pause]
        length += len(sound) + len(pause)
        while length >= STREAM:
            joined = np.concatenate(held)
            yield joined[:STREAM]
            held, length = [joined[STREAM:]], length - STREAM


@dataclass(frozen=True)
class Directions:
    """The way from 384 numbers to fewer: ``(heard - mean) @ table``, of variance one on average."""

    mean: Numbers
    table: Numbers

    def __call__(self, heard: npt.NDArray[Any]) -> Numbers:
        """[frames, 384] to [frames, width]."""
        return np.asarray((heard.astype(np.float32) - self.mean) @ self.table, np.float32)


def directions(streams: Sequence[Path], width: int) -> Directions:
    """Those in which speech differs most; the strong ones don't drown the others quite as much."""
    every = max(1, len(streams) * _FRAMES // _SAMPLED)
    heard = np.concatenate([_read(path)[1][::every] for path in streams]).astype(np.float32)
    mean = heard.mean(axis=0)
    _, strength, ways = np.linalg.svd(heard - mean, full_matrices=False)
    spread = np.maximum(strength[:width], 1e-6) / np.sqrt(len(heard))
    table = ways[:width].T / np.sqrt(spread)
    table = table / np.sqrt((((heard - mean) @ table) ** 2).mean())
    return Directions(mean, table.astype(np.float32))


def stream_samples(path: Path) -> Samples:
    """The half-minute itself."""
    return _read(path)[0]


@lru_cache(maxsize=1)
def _read(path: Path) -> tuple[Samples, npt.NDArray[np.float16]]:
    """Pieces of one stream are cut one after the other."""
    with np.load(path) as saved:
        return saved["samples"], saved["heard"]


@dataclass(frozen=True)
class Cut:
    """A piece of a stream, and what was heard at the end of each step of it, a little before."""

    samples: Samples
    targets: npt.NDArray[np.float16]


def cut(
    stream: Path, ways: Directions, length: int, step: int, lag_s: float, rng: np.random.Generator
) -> Cut:
    """A drawn piece of `length` samples; targets are NaN for what lies before it.

    A network that waits for nothing tells `lag_s` later what it has heard.
    """
    samples, heard = _read(stream)
    every = int(EVERY_S * 16_000)
    start = int(rng.integers(0, len(samples) - length)) // every * every
    ends_s = np.arange(1, length // step + 1) * step / 16_000 - lag_s
    rows = np.floor((start / 16_000 + ends_s) / EVERY_S).astype(int)
    found = ways(heard[np.clip(rows, 0, len(heard) - 1)])
    found[ends_s < 0] = np.nan
    return Cut(samples[start : start + length], found.astype(np.float16))
