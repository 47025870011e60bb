"""Records: what comes back is what was written, and what else lies there is said."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.training.examples import Examples
from wakeful.training.records import RecordError, read_records, write_records


def some(count: int, frames: int, bands: int, taught: bool, seed: int) -> Examples:
    """Any numbers, NaN among the targets as where a teacher can't say."""
    rng = np.random.default_rng(seed)
    steps = frames // 3
    targets = rng.normal(size=(count, steps, 96)).astype(np.float16)
    targets[rng.random(targets.shape) < 0.1] = np.nan
    return Examples(
        rng.normal(size=(count, frames, bands)).astype(np.float16),
        rng.integers(-1, 2, (count, steps)).astype(np.int8),
        targets if taught else None,
    )


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 5), st.integers(3, 30), st.integers(1, 40), st.booleans(), st.integers(0, 99))
def test_what_is_read_is_what_was_written(tmp_path_factory, count, frames, bands, taught, seed):
    """Whatever the shapes, with a teacher's targets or without."""
    path = tmp_path_factory.mktemp("records") / "a.tfrecord"
    made = some(count, frames, bands, taught, seed)
    write_records(path, made)
    read = read_records(path, count)
    np.testing.assert_array_equal(read.features, made.features)
    np.testing.assert_array_equal(read.labels, made.labels)
    assert (read.targets is not None) == taught
    if taught:
        np.testing.assert_array_equal(read.targets, made.targets)


def test_the_same_examples_are_the_same_bytes(tmp_path: Path) -> None:
    """Nothing of the run goes into the file."""
    for name in "ab":
        write_records(tmp_path / name, some(4, 30, 8, taught=True, seed=1))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_any_pipeline_reads_them(tmp_path: Path) -> None:
    """The names and types that the docs promise, by TensorFlow's own parser."""
    import tensorflow as tf

    made = some(3, 12, 5, taught=False, seed=2)
    write_records(tmp_path / "a", made)
    kinds = {
        "features": tf.io.FixedLenFeature([], tf.string),
        "labels": tf.io.FixedLenFeature([], tf.string),
        "frames": tf.io.FixedLenFeature([], tf.int64),
        "bands": tf.io.FixedLenFeature([], tf.int64),
    }
    dataset = tf.data.TFRecordDataset(str(tmp_path / "a"))
    rows = [tf.io.parse_single_example(raw, kinds) for raw in dataset]
    shape = (int(rows[0]["frames"]), int(rows[0]["bands"]))
    first = tf.reshape(tf.io.decode_raw(rows[0]["features"], tf.half), shape)
    np.testing.assert_array_equal(first.numpy(), made.features[0])


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_a_broken_file_is_never_fewer_examples(tmp_path_factory, data):
    """Cut anywhere or with any byte changed, it is an error."""
    path = tmp_path_factory.mktemp("records") / "a.tfrecord"
    write_records(path, some(3, 6, 4, taught=False, seed=3))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    other = bytes([whole[at] ^ data.draw(st.integers(1, 255))])
    path.write_bytes(whole[:at] + data.draw(st.sampled_from([other + whole[at + 1 :], b""])))
    with pytest.raises(RecordError):
        read_records(path, 3)


@pytest.mark.parametrize("content", [b"", b"no record", b"\0" * 64])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """Nothing in it, or something else."""
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(RecordError):
        read_records(tmp_path / "a", 1)
