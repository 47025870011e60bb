"""Examples as TFRecords: one `tf.train.Example` each, which any tf.data pipeline reads.

`features` are float16 of shape `frames` by `bands`, `labels` int8 of `steps`, both as they lie in
memory; `targets` float16 of `steps` by its numbers where a teacher was asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..models.quiet import quiet_stderr
from .examples import Examples

_TYPES = {"features": "<f2", "labels": "i1", "targets": "<f2"}


class RecordError(ValueError):
    """The file holds no examples, or not whole ones."""


def write_records(path: Path, made: Examples) -> None:
    """All of them, the same bytes for the same examples; raises `OSError`."""
    from ..models.tensorflow_import import tensorflow as tf

    try:
        with tf.io.TFRecordWriter(str(path)) as file:
            for record in _records(made):
                file.write(record)
    except tf.errors.OpError as error:
        raise OSError(error.message) from error


def _records(made: Examples) -> Iterator[bytes]:
    from tensorflow.train import BytesList, Example, Feature, Int64List
    from tensorflow.train import Features as Named

    arrays = {name: array for name, array in vars(made).items() if array is not None}
    sizes = zip(("frames", "bands"), made.features.shape[1:], strict=True)
    shape = {name: Feature(int64_list=Int64List(value=[size])) for name, size in sizes}
    for row in range(len(made)):
        values = {name: array[row].astype(_TYPES[name]).tobytes() for name, array in arrays.items()}
        lists = {k: Feature(bytes_list=BytesList(value=[v])) for k, v in values.items()}
        # A map's order is nobody's promise unless it is asked for.
        yield Example(features=Named(feature=shape | lists)).SerializeToString(deterministic=True)


def read_records(path: Path, count: int) -> Examples:
    """The `count` examples that were written; raises `RecordError` for anything else.

    `OSError` where the file is missing.
    """
    from ..models.tensorflow_import import tensorflow as tf

    if not path.is_file():
        raise FileNotFoundError(2, "no such file", str(path))
    try:
        # TensorFlow tells of a broken record by itself too.
        with quiet_stderr():
            rows = [_row(raw) for raw in tf.data.TFRecordDataset(str(path)).as_numpy_iterator()]
        # A record of which less than its length is there passes for the end.
        if len(rows) != count:
            raise RecordError(f"{len(rows)} of {count} examples")
        taught = "targets" in rows[0]
        columns = {k: np.stack([row[k] for row in rows]) for k in ("features", "labels")}
        targets = np.stack([row["targets"] for row in rows]) if taught else None
    except (tf.errors.OpError, KeyError, ValueError, IndexError) as error:
        raise RecordError(getattr(error, "message", "") or str(error) or "empty") from error
    return Examples(columns["features"], columns["labels"], targets)


def _row(raw: bytes) -> dict[str, Any]:
    from google.protobuf.message import DecodeError
    from tensorflow.train import Example

    try:
        named = Example.FromString(raw).features.feature
    except DecodeError as error:
        raise RecordError("a record is no example") from error
    frames, bands = (named[k].int64_list.value[0] for k in ("frames", "bands"))
    lists = {k: named[k].bytes_list.value[0] for k in _TYPES if k in named}
    row = {k: np.frombuffer(lists[k], _TYPES[k]) for k in lists}
    row["features"] = row["features"].reshape(frames, bands)
    if "targets" in row:
        row["targets"] = row["targets"].reshape(len(row["labels"]), -1)
    return row
