"""A data set explored: every figure counted again by other means, and memory that stays flat."""

import json
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import recorded
import soundfile
from click.testing import CliRunner
from wakeful.daemon.cli import cli
from wakeful.training.explore import explore, listed
from wakeful.training.explore_labels import label_sounds
from wakeful.training.explore_measure import BINS, SHAPE, Measured
from wakeful.training.explore_near import near_sounds
from wakeful.training.explore_pass import Hands
from wakeful.training.explore_space import DRAWN, find_space, place_all
from wakeful.training.explore_store import Store

RATE_HZ = 16_000


def run(*arguments: object):
    """The command as a user gives it."""
    return CliRunner().invoke(cli, ["explore", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Words with faults: clipped, off centre, silent, of another rate, stereo, broken, twice."""
    made = recorded.commands(tmp_path_factory.mktemp("d") / "data", 3, 5, 2)
    place = made / "word0"
    clipped = np.clip(recorded.word(0, 8, 0).astype(np.int32) * 20, -32_768, 32_767)
    soundfile.write(place / "00000008_nohash_0.wav", clipped.astype(np.int16), RATE_HZ)
    off = recorded.word(0, 8, 1) + 3_000
    soundfile.write(place / "00000008_nohash_1.wav", off.astype(np.int16), RATE_HZ)
    soundfile.write(place / "00000008_nohash_2.wav", np.zeros(RATE_HZ, np.int16), RATE_HZ)
    soundfile.write(place / "00000008_nohash_3.wav", recorded.word(0, 8, 3)[::2], 8_000)
    both = np.stack([recorded.word(0, 8, 4)] * 2, axis=1)
    soundfile.write(place / "00000008_nohash_4.wav", both, RATE_HZ)
    (place / "00000008_nohash_5.wav").write_bytes(b"this is no sound")
    (place / "00000008_nohash_6.wav").write_bytes(b"")
    again = made / "word1" / "00000009_nohash_0.flac"
    again.write_bytes((made / "word1" / "00000000_nohash_0.flac").read_bytes())
    return made


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, Any]:
    """The figures, as programs are given them."""
    done = run(folder, "--json")
    assert done.exit_code == 0
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def sounds(folder: Path) -> dict[str, tuple[np.ndarray, int]]:
    """The same recordings, read by this test alone."""
    found = {}
    for path in sorted(folder.rglob("*.*")):
        try:
            found[str(path.relative_to(folder))] = soundfile.read(path, dtype="int16")
        except soundfile.LibsndfileError:
            continue
    return found


def test_counts_are_those_of_the_folder(told, sounds) -> None:
    """Recordings, labels, speakers, hours, rates, channels, and what can't be read."""
    assert told["recordings"] == len(sounds) == 36
    assert told["unreadable"] == 2
    labels = Counter(name.split("/")[0] for name in sounds)
    assert {x["name"]: x["recordings"] for x in told["labels"]} == labels
    speakers = Counter(Path(name).name[:8] for name in sounds)
    assert told["largest_speakers"] == speakers
    assert told["speakers"] == len(speakers) == 7
    seconds = [len(s) / rate for s, rate in sounds.values()]
    assert told["hours"] == pytest.approx(sum(seconds) / 3_600)
    assert told["under_a_second"] == sum(s < 1 for s in seconds)
    assert told["rates_hz"] == {
        str(r): n for r, n in Counter(r for _, r in sounds.values()).items()
    }
    channels = Counter(str(s.ndim) for s, _ in sounds.values())
    assert told["channels"] == channels


def test_percentiles_of_lengths_are_those_of_the_folder(told, sounds) -> None:
    """From the shortest to the longest."""
    seconds = [len(s) / rate for s, rate in sounds.values()]
    shares = [int(share) for share in told["seconds"]["percentiles"]]
    assert shares == [*range(0, 100, 10), *range(91, 101)]
    expected = np.percentile(seconds, shares)
    found = list(told["seconds"]["percentiles"].values())
    assert found == pytest.approx(expected.tolist(), abs=1e-5)


def test_faults_are_those_of_the_folder(told, sounds) -> None:
    """Clipping, offsets and silence, each told by name."""
    plain = {n: (s if s.ndim == 1 else s.mean(axis=1)) / 32_768 for n, (s, _) in sounds.items()}
    clipped = {n for n, s in plain.items() if (np.abs(s) >= 32_767 / 32_768).any()}
    assert told["clipped"] == len(clipped) == 1
    assert {x["file"] for x in told["most_clipped"]} == clipped
    off = {n for n, s in plain.items() if abs(s.mean()) > 0.01}
    assert {x["file"] for x in told["most_dc"]} == off
    assert told["dc"] == len(off) == 1
    assert told["silent"] == sum(not s.any() for s in plain.values()) == 1


def test_equal_recordings_and_leaks(told, sounds) -> None:
    """Two files with the samples of one are told; Speech Commands' split lets nobody leak."""
    groups = Counter((s.tobytes(), r) for s, r in sounds.values())
    assert told["same_groups"] == sum(n > 1 for n in groups.values()) == 1
    assert told["same_recordings"] == 2
    assert told["leaking_speakers"] == []


def test_reasons_are_counted(told) -> None:
    """One for each way in which a file can be broken."""
    assert sum(told["reasons"].values()) == 2
    assert len(told["unreadable_first"]) == 2


def test_labels_that_differ_are_told_apart(told) -> None:
    """By a straight line, for these are plain tones; each is like itself alone."""
    assert told["nearest_right"] > 0.8
    alike = told["alike"]
    assert all(alike[a][a] == 1 for a in alike)
    assert all(alike[a][b] < 0.7 for a in alike for b in alike if a != b)


def test_trimming_is_shared_out(told) -> None:
    """Speech is part of what trimming leaves, and that is part of all."""
    assert 0 < told["speech_hours"] <= told["trimmed_hours"] < told["hours"]
    assert told["saved_share"] == pytest.approx(1 - told["trimmed_hours"] / told["hours"])


def test_people_are_told_the_same(folder: Path) -> None:
    """In a few lines, what is wrong among them."""
    text = run(folder).stdout
    assert "36 recordings" in text
    assert "2 can't be read" in text
    assert "several sample rates" in text
    assert len(text.splitlines()) < 20


def test_speakers_on_both_sides_leak(tmp_path: Path) -> None:
    """Told by name, with how many recordings on each side."""
    rows = ["file,label,speaker,split"]
    for n, split in enumerate(("train", "train", "test")):
        soundfile.write(tmp_path / f"{n}.wav", recorded.word(0, n, n), RATE_HZ)
        rows.append(f"{n}.wav,yes,{'ann' if n else 'bob'},{split}")
    (tmp_path / "list.csv").write_text("\n".join(rows))
    told = json.loads(run(tmp_path, "--json").stdout)
    assert told["leaking_speakers"] == [{"name": "ann", "splits": {"test": 1, "train": 1}}]
    assert "one speaker on both sides" in run(tmp_path).stdout


def test_sentences_are_no_labels(tmp_path: Path) -> None:
    """Where each recording has a text of its own, all are of one label."""
    rows = ["file,text"]
    for n in range(45):
        soundfile.write(tmp_path / f"{n}.wav", recorded.word(0, 0, n)[:3_000], RATE_HZ)
        rows.append(f"{n}.wav,sentence number {n}")
    (tmp_path / "list.csv").write_text("\n".join(rows))
    (label,) = json.loads(run(tmp_path, "--json").stdout)["labels"]
    assert (label["name"], label["recordings"]) == (tmp_path.name, 45)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_recordings(tmp_path: Path, count: int) -> None:
    """None is an error in one line; one or two have what can be said of them."""
    for n in range(count):
        soundfile.write(tmp_path / f"{n}.wav", recorded.word(n, 0, 0), RATE_HZ)
    if count:
        assert json.loads(run(tmp_path, "--json").stdout)["recordings"] == count
    else:
        with pytest.raises(Exception, match="holds no recordings"):
            run(tmp_path)


def test_nothing_but_broken_files(tmp_path: Path) -> None:
    """Hundreds of them: counted, with the reason, and no error."""
    for n in range(300):
        (tmp_path / f"{n}.wav").write_bytes(b"broken")
    told = json.loads(run(tmp_path, "--json", "--processes", "2").stdout)
    assert (told["recordings"], told["unreadable"]) == (0, 300)
    assert list(told["reasons"].values()) == [300]
    assert len(told["unreadable_first"]) == 20


def test_several_processes_find_the_same(folder: Path, told) -> None:
    """To the last digit."""
    with Store(None, folder) as store, Hands(2, 10_000) as hands:
        found = explore(store, hands, listed(store))
    assert found.figures.hours == told["hours"]
    assert found.figures.trimmed_hours == told["trimmed_hours"]
    assert [row.name for row in found.odd] == told["odd"]
    assert found.space is not None
    assert list(found.space.shares) == told["axes"]


def fill(store: Store, count: int) -> None:
    """As if so many recordings had been measured."""
    rng = np.random.default_rng(0)
    for at in range(0, count, 500):
        names = [(str(n).encode(), f"w{n % 7}", f"s{n % 97}") for n in range(at, at + 500)]
        store.change_all(
            "INSERT INTO clips (name, listed, label, said, speaker, split, size, changed) "
            "VALUES (?, 1, ?2, ?2, ?3, '', 0, 0)",
            names,
        )
        waiting = store.waiting(500)
        shapes = rng.normal(size=(len(waiting), SHAPE)).astype(np.float32)
        shapes /= np.linalg.norm(shapes, axis=1, keepdims=True)
        levels = np.maximum(rng.normal(-30, 9, (len(waiting), BINS)), -60).astype(np.float32)
        figures = (1.0, RATE_HZ, 1, -3.0, -20.0, 0.0, 0.0, 30.0)
        store.put(
            (n, Measured(*figures, f"d{n}", 0.1, 0.1, 0.5, 0.2, 0.7, levels[i], shapes[i]))
            for i, (n, _) in enumerate(waiting)
        )


def test_memory_does_not_grow_with_recordings(tmp_path: Path) -> None:
    """Four times as many take no more, from the first sum to the last pair."""
    peaks = []
    for count in (1_500, 6_000):
        with Store(None, tmp_path) as store:
            fill(store, count)
            tracemalloc.start()
            space = find_space(store)
            assert space is not None
            place_all(store, space)
            assert label_sounds(store) is not None
            near_sounds(store)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0] + 1e6


def test_the_main_axes_are_those_of_the_singular_values(tmp_path: Path) -> None:
    """Found by sums, piece by piece, they are what a decomposition of all at once gives."""
    with Store(None, tmp_path) as store:
        fill(store, 1_500)
        shapes = np.concatenate([part for _, part in store.shapes()]).astype(np.float64)
        space = find_space(store)
    assert space is not None
    _, values, axes = np.linalg.svd(shapes - shapes.mean(axis=0), full_matrices=False)
    shares = values**2 / (values**2).sum()
    assert space.shares == pytest.approx(shares[:DRAWN].tolist(), rel=1e-6)
    for ours, theirs in zip(space.axes[:DRAWN], axes, strict=False):
        assert abs(ours @ theirs) == pytest.approx(1, abs=1e-6)
    usual = space.oddness(space.places(shapes.astype(np.float32)))
    assert np.mean(usual**2) == pytest.approx(1, abs=1e-3)
