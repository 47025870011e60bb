"""A corpus decoded once, as TFRecords: what every epoch of every fit reads, at one rate.

A record is a `tf.train.Example` with `sound` (int16, as it lies in memory), `label`, `speaker`,
`split` and `name`. Shards are written whole, so that a run that was stopped goes on after the last
one. `dataset` is the way from there into a fit: it decodes no file and keeps no core waiting.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..models.errors import WakefulError
from ..models.quiet import quiet_stderr
from ..models.whole_file import whole, write_whole
from ..synth.levels import Samples, Sound, to_int16
from ..synth.progress import Show
from .corpora import Clip
from .corpora_sound import MAX_BAD_SHARE, Bad, read_clip, require_good
from .corpus import SAMPLE_RATE_HZ, CorpusError

_INDEX = "index.json"
_STORED_BY = 1

Change = Callable[[Sound], Mapping[str, Sound]]
"""One recording to one or more by name: "" for one that stays alone."""


class CacheError(WakefulError):
    """The folder holds another corpus, or a broken shard."""


@dataclass(frozen=True)
class Stored:
    """One recording of the cache."""

    samples: Samples
    label: str
    speaker: str
    split: str
    name: str
    """The file's name, and behind a ``#`` which of several was made of it."""


@dataclass(frozen=True)
class Cache:
    """Clips at `rate_hz`, none longer than `longest_s`, in shards of `size` files each."""

    folder: Path
    rate_hz: int = SAMPLE_RATE_HZ
    longest_s: float = 60.0
    size: int = 500

    def fill(
        self,
        clips: Sequence[Clip],
        change: Change | None = None,
        *,
        max_bad_share: float = MAX_BAD_SHARE,
        show: Show = lambda done, total: None,
    ) -> tuple[Bad, ...]:
        """Decode what isn't there yet; returns what couldn't be.

        Raises `CacheError` where the folder is another corpus's, `CorpusError` where too many clips
        are broken.
        """
        self._claim(clips, change)
        bad: list[Bad] = []
        for number, first in enumerate(range(0, len(clips), self.size)):
            group = clips[first : first + self.size]
            path = self._path(number)
            if not path.is_file():
                self._write(path, group, change)
            bad += [Bad(Path(b["path"]), b["reason"]) for b in self._told(path)]
            show(first + len(group), len(clips))
        require_good(bad, len(clips), max_bad_share)
        return tuple(bad)

    def paths(self) -> list[Path]:
        """The shards, in order."""
        return sorted(self.folder.glob("clips-*.tfrecord"))

    def read(self) -> Iterator[Stored]:
        """Every recording in order; raises `CacheError` on a broken shard."""
        from ..models.tensorflow_import import tensorflow as tf

        for path in self.paths():
            try:
                with quiet_stderr():
                    for raw in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
                        yield _stored(raw)
            except (tf.errors.OpError, KeyError, IndexError, ValueError) as error:
                raise CacheError(f"{path}: not a shard of clips; take it away") from error

    def _path(self, number: int) -> Path:
        return self.folder / f"clips-{number:05d}.tfrecord"

    def _claim(self, clips: Sequence[Clip], change: Change | None) -> None:
        said = [_STORED_BY, self.rate_hz, self.longest_s, self.size, _name(change)]
        digest = hashlib.sha256(json.dumps(said).encode())
        for clip in clips:
            stamp = clip.path.stat().st_mtime_ns if clip.path.exists() else 0
            digest.update(f"{clip}{stamp}".encode())
        ours = json.dumps({"clips": len(clips), "sha256": digest.hexdigest()}).encode() + b"\n"
        self.folder.mkdir(parents=True, exist_ok=True)
        index = self.folder / _INDEX
        if not index.is_file():
            write_whole(index, ours)
        elif index.read_bytes() != ours:
            raise CacheError(f"{self.folder}: holds other clips; take it away or choose another")

    def _write(self, path: Path, clips: Sequence[Clip], change: Change | None) -> None:
        from ..models.tensorflow_import import tensorflow as tf

        bad: list[dict[str, str]] = []
        try:
            with whole(path) as beside, tf.io.TFRecordWriter(str(beside)) as file:
                for clip in clips:
                    try:
                        sound = read_clip(clip, SAMPLE_RATE_HZ if change else self.rate_hz)
                    except CorpusError as error:
                        bad.append({"path": str(clip.path), "reason": str(error)})
                        continue
                    for record in self._records(clip, sound, change):
                        file.write(record)
                write_whole(path.with_suffix(".json"), json.dumps(bad).encode())
        except (OSError, tf.errors.OpError) as error:
            raise CacheError(
                f"{path}: can't be written ({error}); make room and run it again"
            ) from error

    def _records(self, clip: Clip, sound: Sound, change: Change | None) -> Iterator[bytes]:
        from .corpora_sound import resampled

        variants = change(sound) if change else {"": sound}
        for name, variant in variants.items():
            at_rate = resampled(variant, SAMPLE_RATE_HZ, self.rate_hz) if change else variant
            cut = to_int16(at_rate[: round(self.longest_s * self.rate_hz)])
            told = f"{clip.path.name}#{name}" if name else clip.path.name
            yield _record(Stored(cut, clip.label, clip.speaker, clip.split or "", told))

    def _told(self, path: Path) -> list[dict[str, str]]:
        """What was broken when a shard was written."""
        try:
            found: list[dict[str, str]] = json.loads(path.with_suffix(".json").read_bytes())
        except (OSError, ValueError) as error:
            raise CacheError(f"{path}: its .json is gone; take both away") from error
        return found


def _name(change: Change | None) -> str:
    return getattr(change, "__qualname__", "changed") if change else ""


def _record(stored: Stored) -> bytes:
    from tensorflow.train import BytesList, Example, Feature, Features

    values = {
        "sound": stored.samples.astype("<i2").tobytes(),
        "label": stored.label.encode(),
        "speaker": stored.speaker.encode(),
        "split": stored.split.encode(),
        "name": stored.name.encode(),
    }
    lists = {k: Feature(bytes_list=BytesList(value=[v])) for k, v in values.items()}
    # A map's order is nobody's promise unless it is asked for.
    content: bytes = Example(features=Features(feature=lists)).SerializeToString(deterministic=True)
    return content


def _stored(raw: bytes) -> Stored:
    from google.protobuf.message import DecodeError
    from tensorflow.train import Example

    try:
        named = Example.FromString(raw).features.feature
    except DecodeError as error:
        raise ValueError("a record is no example") from error
    value = {
        k: named[k].bytes_list.value[0] for k in ("sound", "label", "speaker", "split", "name")
    }
    told = {k: v.decode() for k, v in value.items() if k != "sound"}
    return Stored(np.frombuffer(value["sound"], "<i2"), **told)


def dataset(
    cache: Cache,
    labels: Sequence[str],
    samples: int,
    batch: int,
    *,
    split: str | None = None,
    shuffle_seed: int | None = None,
) -> Any:
    """A `tf.data.Dataset` of (float32 [batch, samples], label numbers), endless only if repeated.

    Clips are cut or padded behind; those of other labels or splits are left out. Two threads parse
    while the fit computes, and two batches are always ready.
    """
    from ..models.tensorflow_import import tensorflow as tf

    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(list(labels), list(range(len(labels)))), -1
    )
    parsed = {k: tf.io.FixedLenFeature([], tf.string) for k in ("sound", "label", "split")}

    def parse(raw: Any) -> Any:
        row = tf.io.parse_single_example(raw, parsed)
        sound = tf.cast(tf.io.decode_raw(row["sound"], tf.int16), tf.float32) / 32_768.0
        sound = tf.pad(sound[:samples], [[0, tf.maximum(0, samples - tf.shape(sound)[0])]])
        return tf.ensure_shape(sound, [samples]), table.lookup(row["label"]), row["split"]

    rows = tf.data.TFRecordDataset([str(p) for p in cache.paths()])
    if shuffle_seed is not None:
        rows = rows.shuffle(4_096, seed=shuffle_seed, reshuffle_each_iteration=True)
    made = rows.map(parse, num_parallel_calls=2, deterministic=True)
    wanted = made.filter(lambda _, label, side: (label >= 0) & ((split or side) == side))
    options = tf.data.Options()
    options.threading.private_threadpool_size = 2
    options.threading.max_intra_op_parallelism = 1
    pairs = wanted.map(lambda sound, label, _: (sound, label)).batch(batch)
    return pairs.prefetch(2).with_options(options)
