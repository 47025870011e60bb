"""Copies of a recording: all of them are found, and nothing else is called one."""

import io
from pathlib import Path

import numpy as np
import pytest
import recorded
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.training.explore import explore, listed
from wakeful.training.explore_measure import SHAPE
from wakeful.training.explore_near import Near, best_match, groups_of, near_pairs
from wakeful.training.explore_pass import Hands
from wakeful.training.explore_space import find_space, place_all
from wakeful.training.explore_store import Row, Store

RATE_HZ = 16_000


def filled(folder: Path, shapes: np.ndarray, digests: list[str]) -> Store:
    """A store of recordings that sound as given."""
    store = Store(None, folder)
    for n, (row, digest) in enumerate(zip(shapes, digests, strict=True), 1):
        store.change(
            "INSERT INTO clips (id, name, listed, label, said, speaker, split, size, changed, "
            "seconds, digest) VALUES (?, ?, 1, '', '', '', '', 0, 0, 1, ?)",
            n,
            str(n).encode(),
            digest,
        )
        blob = row.astype("<f2").tobytes()
        store.change("INSERT INTO spectra VALUES (?, ?, ?)", n, b"", blob)
    return store


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.floats(0.05, 1.4))
def test_all_near_pairs_are_found_as_by_trying_each(
    tmp_path_factory, seed: int, count: int, nearest: float
) -> None:
    """In order of one axis only near ones can be near: nothing is lost by looking no farther."""
    rng = np.random.default_rng(seed)
    spread = rng.uniform(0.02, 1, (count, 1))
    shapes = rng.normal(size=SHAPE) + spread * rng.normal(size=(count, SHAPE))
    shapes = (shapes / np.linalg.norm(shapes, axis=1, keepdims=True)).astype("<f2")
    digests = [str(rng.integers(0, count)) for _ in range(count)]
    with filled(tmp_path_factory.mktemp("near"), shapes, digests) as store:
        space = find_space(store)
        assert space is not None
        place_all(store, space)
        found = {(min(a, b), max(a, b)) for _, a, b in near_pairs(store, nearest)}
    plain = shapes.astype(np.float64)
    apart = np.linalg.norm(plain[:, np.newaxis] - plain, axis=2)
    for i in range(count):
        for j in range(i):
            if abs(apart[i, j] - nearest) > 1e-3:
                expected = apart[i, j] < nearest and digests[i] != digests[j]
                assert ((j + 1, i + 1) in found) == expected


def test_blocks_are_looked_at_beyond_their_ends(tmp_path: Path) -> None:
    """With more recordings than one block holds."""
    rng = np.random.default_rng(0)
    shapes = rng.normal(size=(1_500, SHAPE))
    shapes[1_400:] = shapes[:100] + 0.01 * rng.normal(size=(100, SHAPE))
    shapes = (shapes / np.linalg.norm(shapes, axis=1, keepdims=True)).astype("<f2")
    with filled(tmp_path, shapes, [str(n) for n in range(1_500)]) as store:
        space = find_space(store)
        assert space is not None
        place_all(store, space)
        found = {(min(a, b), max(a, b)) for _, a, b in near_pairs(store, 0.2)}
    assert found == {(n, n + 1_400) for n in range(1, 101)}


def as_vorbis(sound: np.ndarray) -> np.ndarray:
    """Through a lossy codec and back."""
    held = io.BytesIO()
    soundfile.write(held, sound, RATE_HZ, format="OGG", subtype="VORBIS")
    held.seek(0)
    back: np.ndarray = soundfile.read(held, dtype="int16")[0][: len(sound)]
    return back


COPIES = {
    "softer": lambda sound: np.rint(sound * 0.3).astype(np.int16),
    "padded": lambda sound: np.pad(sound, (1_600, 800)),
    "vorbis": as_vorbis,
}

ORIGINALS = {
    "softer": "word0/00000000_nohash_0.flac",
    "padded": "word1/00000000_nohash_0.flac",
    "vorbis": "word2/sentence.flac",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory, voice):
    """What is explored of thirteen different recordings, and of copies of three of them."""
    folder = recorded.commands(tmp_path_factory.mktemp("copies"), 3, 2, 2)
    soundfile.write(folder / ORIGINALS["vorbis"], voice, RATE_HZ)
    for name, change in COPIES.items():
        sound, _ = soundfile.read(folder / ORIGINALS[name], dtype="int16")
        soundfile.write(folder / "word0" / f"{name}.flac", change(sound), RATE_HZ)
    (folder / "word1" / "again.flac").write_bytes(
        (folder / "word2" / "00000001_nohash_1.flac").read_bytes()
    )
    with Store(None, folder) as store, Hands(1, 1) as hands:
        return explore(store, hands, listed(store))


@pytest.mark.parametrize("copy", list(COPIES))
def test_a_copy_is_found(found, copy: str) -> None:
    """At another level, with other ends, and through a codec."""
    pairs = {frozenset((x.first.name, x.second.name)): x.match for x in found.near}
    assert pairs[frozenset((ORIGINALS[copy], f"word0/{copy}.flac"))] > 0.95


def test_nothing_else_is_called_a_copy(found) -> None:
    """Takes of one word by one speaker sound alike, and are not the same."""
    assert len(found.near) == len(COPIES)


def test_equal_samples_are_equal_recordings(found) -> None:
    """In whatever file they are; they are not told a second time as nearly equal."""
    (group,) = found.same
    names = [row.name for row in group.clips]
    assert names == ["word1/again.flac", "word2/00000001_nohash_1.flac"]
    assert (group.count, group.silent) == (2, False)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=20))
def test_copies_of_copies_are_one_group(pairs: list[tuple[int, int]]) -> None:
    """In whatever order pairs come: everybody once, with all whom a way of pairs leads to."""
    rows = [Row(n, f"{n:02d}", "", "", "") for n in range(13)]
    groups = groups_of([Near(rows[a], rows[b], 1.0) for a, b in pairs])
    expected = [{n} for n in range(13)]
    for a, b in pairs:
        both = expected[a] | expected[b]
        for n in both:
            expected[n] = both
    paired = {n for pair in pairs for n in pair}
    assert {frozenset(row.id for row in group) for group in groups} == {
        frozenset(expected[n]) for n in paired
    }
    assert sum(map(len, groups)) == len(paired)


@given(st.integers(0, 3_000), st.floats(0.05, 1), st.sampled_from([-1, 1]))
def test_a_sound_matches_itself_moved(shift: int, gain: float, sign: int) -> None:
    """Earlier or later, softer, and upside down."""
    sound = recorded.word(0, 0, 0).astype(np.float32)
    moved = (np.pad(sound, (shift, 0)) * gain * sign).astype(np.float32)
    assert best_match(sound, moved) == pytest.approx(1, abs=0.01)
    assert best_match(moved, sound) == pytest.approx(1, abs=0.01)


def test_different_sounds_do_not_match() -> None:
    """Nor does anything match silence."""
    a, b = (recorded.word(0, 0, take).astype(np.float32) for take in (0, 1))
    assert best_match(a, b) < 0.9
    assert best_match(a, np.zeros(100, np.float32)) == 0
