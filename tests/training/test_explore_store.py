"""The file that keeps what was measured: it goes on, forgets what is gone, fails in one line."""

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import recorded
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.training.explore import listed
from wakeful.training.explore_files import ExploreError
from wakeful.training.explore_pass import Hands, measure_all
from wakeful.training.explore_spread import SHARES, percentiles, spread
from wakeful.training.explore_store import Store


def measured(folder: Path, keep: Path | None) -> list[str]:
    """Explore a folder once more; the names of those that were measured anew."""
    with Store(keep, folder) as store:
        total = listed(store)
        waiting = [path.name for _, path in store.waiting(1_000)]
        with Hands(1, total) as hands:
            measure_all(store, hands, total, lambda done, of: None)
        assert store.one("SELECT count(*) FROM clips WHERE seconds IS NULL AND error IS NULL") == 0
        assert store.one("SELECT count(*) FROM spectra") == store.one(
            "SELECT count(*) FROM clips WHERE +"
        )
        return waiting


def test_a_kept_file_goes_on_where_it_was_left(tmp_path: Path) -> None:
    """Nothing twice; what is new, changed or mended once more; what is gone is forgotten."""
    folder, keep = recorded.commands(tmp_path / "d", 2, 2, 1), tmp_path / "kept.sqlite"
    broken = folder / "word0" / "broken.wav"
    broken.write_bytes(b"nothing")
    assert len(measured(folder, keep)) == 5
    assert measured(folder, keep) == []
    changed = folder / "word1" / "00000000_nohash_0.flac"
    soundfile.write(changed, recorded.word(1, 7, 7, 0.7), 16_000)
    soundfile.write(broken, recorded.word(0, 7, 7), 16_000)
    (folder / "word0" / "00000001_nohash_0.flac").unlink()
    assert sorted(measured(folder, keep)) == [changed.name, broken.name]
    with sqlite3.connect(keep) as found:
        assert found.execute("SELECT count(*), count(error) FROM clips").fetchone() == (4, 0)
    found.close()


def test_what_was_measured_before_a_kill_is_kept(tmp_path: Path) -> None:
    """A process that is killed in the middle leaves a file that goes on."""
    folder, keep = tmp_path / "d", tmp_path / "kept.sqlite"
    folder.mkdir()
    for n in range(700):
        soundfile.write(folder / f"{n}.wav", np.full(800, n, np.int16), 16_000)
    command = [sys.executable, "-c", "from wakeful.daemon.cli import main; main()", "explore"]
    command += [str(folder), "--keep", str(keep), "--processes", "1"]
    process = subprocess.Popen(command)
    until = time.monotonic() + 60
    count = 0
    while count < 512 and time.monotonic() < until:
        time.sleep(0.02)
        if keep.exists():
            with sqlite3.connect(keep) as found:
                try:
                    (count,) = found.execute("SELECT count(seconds) FROM clips").fetchone()
                except sqlite3.OperationalError:  # its tables are being made
                    count = 0
            found.close()
    process.kill()
    process.wait()
    assert count >= 512
    assert len(measured(folder, keep)) <= 700 - 512


def test_a_file_that_is_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    """Another program's database, and what is no database at all."""
    folder = recorded.digits(tmp_path / "d")
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE theirs (x)")
    db.close()
    text = tmp_path / "text"
    text.write_text("a shopping list, and a long one" * 50)
    for path in (other, text):
        before = path.read_bytes()
        with pytest.raises(ExploreError, match="--keep") as error:
            Store(path, folder)
        assert str(path) in str(error.value)
        assert path.read_bytes() == before


def test_a_file_of_another_folder_is_left_as_it_is(tmp_path: Path) -> None:
    """Else everything that was measured of that one would be forgotten."""
    keep = tmp_path / "kept.sqlite"
    measured(recorded.digits(tmp_path / "one"), keep)
    with pytest.raises(ExploreError, match=r"was measured of .*one"):
        measured(recorded.digits(tmp_path / "two"), keep)
    assert measured(tmp_path / "one", keep) == []


def test_a_disk_that_fills_is_said_in_one_line(tmp_path: Path) -> None:
    """Where to make room, and no traceback."""
    folder = recorded.commands(tmp_path / "d", 4, 8, 4)
    code = "from wakeful.daemon.cli import main; main()"
    command = [sys.executable, "-c", code, "explore", str(folder), "--keep", str(tmp_path / "k")]
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 40; exec "$@"', "bash", *command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"{tmp_path / 'k'}: can't keep what is measured" in done.stderr


@pytest.fixture
def numbers(tmp_path: Path):
    """Makes a store whose recordings have lengths as given."""

    def made(values: list[float]) -> Store:
        store = Store(None, tmp_path)
        for n, value in enumerate(values):
            store.change(
                "INSERT INTO clips (name, listed, label, said, speaker, split, size, changed, "
                "seconds) VALUES (?, 1, '', '', '', '', 0, 0, ?)",
                str(n).encode(),
                value,
            )
        return store

    return made


@settings(max_examples=40)
@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=50))
def test_percentiles_are_those_of_numpy(values: list[float]) -> None:
    """At every share that is shown."""
    found = percentiles(iter(sorted(values)), len(values))
    expected = np.percentile(values, SHARES)
    assert list(found.values()) == pytest.approx(expected.tolist(), abs=1e-5)


@pytest.mark.parametrize("count", [1, 2, 39, 5_000])
def test_every_value_is_counted_in_one_bar(numbers, count: int) -> None:
    """Of as many recordings as there are, whatever their lengths."""
    values = np.random.default_rng(count).lognormal(size=count)
    with numbers(values.tolist()) as store:
        found = spread(store, "seconds")
    assert found is not None
    assert sum(found.counts) == found.count == count
    inside = np.histogram(np.clip(values, found.edges[0], found.edges[-1]), found.edges)[0]
    assert found.counts == tuple(inside)
    assert found.percentiles[100] == pytest.approx(values.max(), abs=1e-6)
