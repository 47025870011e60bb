"""Shards: a kill costs one of them, and another recipe's are never taken for ours."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from wakeful.models.frontend import FrontEndConfig
from wakeful.synth.palette import Clip, Palette
from wakeful.training.examples import ExampleMaker
from wakeful.training.shards import ShardError, Shards


@pytest.fixture(scope="module")
def maker(voice: np.ndarray) -> ExampleMaker:
    """Mixtures of one sentence, its first half posing as the word."""
    clip = Clip(voice[: len(voice) // 2], 0, len(voice) // 2)
    return ExampleMaker(Palette([clip], [], [Clip(voice)], []), [FrontEndConfig()], 3, seed=5)


@pytest.fixture
def shards(tmp_path: Path) -> Shards:
    """Ten examples, four a file."""
    return Shards(tmp_path / "mixed", 10, size=4)


def test_shards_are_the_examples_themselves(maker: ExampleMaker, shards: Shards) -> None:
    """In order, the last file shorter, progress told after each."""
    told: list[int] = []
    shards.begin({"seed": 5})
    shards.make(maker, 1, told.append)
    (whole,) = maker.make(10)
    np.testing.assert_array_equal(shards.read().features, whole.features)
    np.testing.assert_array_equal(shards.read().labels, whole.labels)
    assert told == [4, 8, 10]


def test_only_what_is_missing_is_made_again(maker: ExampleMaker, shards: Shards) -> None:
    """A half-written file is not a shard; whole ones stay as they lie."""
    shards.begin({})
    shards.make(maker, 1)
    first, second, third = sorted(shards.folder.glob("*.tfrecord"))
    times, content = first.stat().st_mtime_ns, second.read_bytes()
    second.rename(second.with_name(f".{second.name}.writing"))
    shards.make(replace(maker), 1)
    assert first.stat().st_mtime_ns == times
    assert second.read_bytes() == content
    assert third.is_file()


def test_another_recipes_folder_is_refused(shards: Shards) -> None:
    """One line says what to take away; the same recipe may go on."""
    shards.begin({"seed": 1})
    shards.begin({"seed": 1})
    with pytest.raises(ShardError, match="another recipe"):
        shards.begin({"seed": 2})


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_a_broken_shard_is_named(
    maker: ExampleMaker, shards: Shards, content: bytes | None
) -> None:
    """Broken or missing, it is an error, not fewer examples."""
    shards.begin({})
    shards.make(maker, 1)
    broken = sorted(shards.folder.glob("*.tfrecord"))[1]
    broken.unlink() if content is None else broken.write_bytes(content)
    with pytest.raises(ShardError, match=broken.name):
        shards.read()
