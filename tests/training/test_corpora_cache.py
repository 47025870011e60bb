"""A corpus as TFRecords: every clip once, the same after a kill, refused where it is another's."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow", exc_type=ImportError)

from wakeful.training.corpora import Clip  # noqa: E402
from wakeful.training.corpora_cache import Cache, CacheError, dataset  # noqa: E402
from wakeful.training.corpus import CorpusError  # noqa: E402


@pytest.fixture
def clips(tmp_path: Path) -> list[Clip]:
    """Seven recordings of different length, each of its own level."""
    made = []
    for n in range(7):
        path = tmp_path / f"{n}.wav"
        soundfile.write(path, np.full(800 + 100 * n, (n + 1) / 10, np.float32), 8_000)
        made.append(Clip(path, "yes" if n % 2 else "no", f"s{n % 3}", "test" if n > 4 else "train"))
    return made


def test_every_clip_is_stored_once_with_all_that_is_known(clips, tmp_path: Path) -> None:
    """At the rate that was asked for, cut to the longest."""
    cache = Cache(tmp_path / "cache", rate_hz=16_000, longest_s=0.12, size=3)
    assert cache.fill(clips) == ()
    found = list(cache.read())
    assert [(s.label, s.speaker, s.split) for s in found] == [
        (c.label, c.speaker, c.split) for c in clips
    ]
    assert len(cache.paths()) == 3
    assert [len(s.samples) for s in found] == [1_600, 1_800, *[1_920] * 5]
    assert all(abs(s.samples[500] / 32_768 - (n + 1) / 10) < 0.01 for n, s in enumerate(found))


def test_a_run_that_was_stopped_ends_with_the_same_bytes(clips, tmp_path: Path) -> None:
    """Shards that are there are left, one that lacks is made as it would have been."""
    whole, cut = Cache(tmp_path / "whole", size=2), Cache(tmp_path / "cut", size=2)
    whole.fill(clips)
    cut.fill(clips)
    gone = cut.paths()[1]
    gone.unlink()
    cut.fill(clips)
    for a, b in zip(whole.paths(), cut.paths(), strict=True):
        assert a.read_bytes() == b.read_bytes()


def test_one_may_become_several(clips, tmp_path: Path) -> None:
    """Each under its own name."""
    cache = Cache(tmp_path / "cache", rate_hz=22_050)
    cache.fill(clips[:1], lambda sound: {"loud": sound, "soft": sound * np.float32(0.5)})
    loud, soft = cache.read()
    assert (loud.name, soft.name) == ("0.wav#loud", "0.wav#soft")
    assert abs(int(loud.samples[900]) - 2 * int(soft.samples[900])) < 4
    assert abs(len(loud.samples) - 2_205) < 3


def test_another_corpus_is_refused(clips, tmp_path: Path) -> None:
    """A cache is one corpus's, at one rate."""
    Cache(tmp_path / "cache").fill(clips)
    with pytest.raises(CacheError, match="holds other clips"):
        Cache(tmp_path / "cache").fill(clips[1:])
    with pytest.raises(CacheError, match="holds other clips"):
        Cache(tmp_path / "cache", rate_hz=8_000).fill(clips)


def test_broken_clips_are_told_every_time(clips, tmp_path: Path) -> None:
    """Also by the run that only reads, and refused beyond a share."""
    clips[2].path.write_bytes(b"no sound")
    cache = Cache(tmp_path / "cache")
    for _ in range(2):
        (bad,) = cache.fill(clips, max_bad_share=0.2)
        assert bad.path == clips[2].path
    assert len(list(cache.read())) == 6
    with pytest.raises(CorpusError, match=r"1 of 7 clips.*2\.wav"):
        cache.fill(clips)


def test_a_broken_shard_is_named(clips, tmp_path: Path) -> None:
    """Not read as fewer clips."""
    cache = Cache(tmp_path / "cache")
    cache.fill(clips)
    path = cache.paths()[0]
    path.write_bytes(path.read_bytes()[:200] + b"x" * 40)
    with pytest.raises(CacheError, match="not a shard"):
        list(cache.read())


def test_the_dataset_gives_what_is_wanted(clips, tmp_path: Path) -> None:
    """Of one split and of known labels, padded behind, in another order each epoch."""
    cache = Cache(tmp_path / "cache", size=3)
    cache.fill(clips)
    every = dataset(cache, ["no", "yes"], 3_000, 4)
    sounds, labels = (np.concatenate(a) for a in zip(*every.as_numpy_iterator(), strict=True))
    assert sounds.shape == (7, 3_000)
    assert labels.tolist() == [0, 1, 0, 1, 0, 1, 0]
    assert not sounds[0, 1_600:].any()
    assert sounds[6, 2_000] == pytest.approx(0.7, abs=0.01)
    one = dataset(cache, ["yes"], 10, 9, split="test")
    ((sounds, labels),) = one.as_numpy_iterator()
    assert labels.tolist() == [0]
    drawn = dataset(cache, ["no", "yes"], 3_000, 7, shuffle_seed=1)
    orders = [next(drawn.as_numpy_iterator())[0][:, 100].tolist() for _ in range(4)]
    assert all(sorted(order) == sorted(orders[0]) for order in orders)
    assert len({tuple(order) for order in orders}) > 1
