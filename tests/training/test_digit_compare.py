"""The older digit systems compared: splits that hide nothing, time that is kept, a run resumed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.tensorflow
pytest.importorskip("tensorflow", exc_type=ImportError)

from wakeful.models.digits import MASKED  # noqa: E402
from wakeful.synth.world import has_world  # noqa: E402
from wakeful.training.compare_command import compare  # noqa: E402
from wakeful.training.corpora_cache import Stored  # noqa: E402
from wakeful.training.digit_compare import Row, table_of  # noqa: E402
from wakeful.training.digit_compare_page import comparison_page, draw_comparison  # noqa: E402
from wakeful.training.digit_older import (  # noqa: E402
    SYSTEMS,
    UNCHANGED,
    Fitted,
    Pace,
    Takes,
    budget,
    mel,
    raw,
    sides,
)
from wakeful.training.digit_older_command import train_mel  # noqa: E402
from wakeful.training.digit_one import SpeakerError  # noqa: E402
from wakeful.training.mistakes import Mistake  # noqa: E402

without_world = pytest.mark.skipif(not has_world(), reason="changing speakers needs WORLD")
VARIANTS = (UNCHANGED, "x0.7-1", "x1.3+1")


def takes(speakers: int = 3, per_digit: int = 4) -> Takes:
    """Recordings of a thousand samples, each take as three."""
    silence = np.zeros(1_000, np.int16)
    return Takes(
        tuple(
            Stored(silence, str(digit), f"s{who}", "", f"{digit}_s{who}_{n}.wav#{variant}")
            for who in range(speakers)
            for digit in range(10)
            for n in range(per_digit)
            for variant in VARIANTS
        )
    )


TAKES = takes()


@given(st.integers(0, 99), st.booleans(), st.sampled_from(["s0", "s2"]))
def test_no_variant_of_a_take_is_on_two_sides(seed: int, ninefold: bool, who: str) -> None:
    """And who is left out is heard nowhere else."""
    parted = sides(TAKES, lambda stored: stored.speaker == who, ninefold, seed)
    names, variants, speakers = TAKES.names(), TAKES.variants(), TAKES.speakers()
    sets = [set(names[rows]) for rows in (parted.train, parted.validation, parted.test)]
    assert not sets[0] & sets[1]
    assert not sets[0] & sets[2]
    assert not sets[1] & sets[2]
    assert set(speakers[parted.test]) == {who}
    assert who not in speakers[parted.train]
    assert set(variants[parted.test]) == set(variants[parted.validation]) == {UNCHANGED}
    assert set(variants[parted.train]) == (set(VARIANTS) if ninefold else {UNCHANGED})
    assert len(parted.test) == 40


@given(st.floats(1e-4, 10), st.floats(1e-4, 2), st.floats(1, 4_000), st.integers(1, 30_000))
def test_a_budget_is_kept(learns_s: float, hears_s: float, seconds: float, train: int) -> None:
    """But for one batch of each, without which nothing could be said at all."""
    system = SYSTEMS[0]
    found = budget(system, Pace(learns_s, hears_s), (train, 270, 300), seconds)
    assert 1 <= found.clips <= train
    assert 1 <= found.test <= 300
    assert 1 <= found.validation <= 270
    batches = [-(-n // system.batch) for n in (found.validation, found.test)]
    learns = -(-found.clips // system.batch) * learns_s
    spent = found.epochs * (learns + batches[0] * hears_s)
    spent += batches[1] * hears_s
    one = learns_s + 4 * hears_s
    assert spent <= seconds + one
    if found.epochs > 1:
        assert found.clips == train


def test_raw_fills_up_with_what_is_masked() -> None:
    """And cuts at 0.8 s."""
    short = raw(np.full(5, 16_384, np.int16))
    assert short.shape == (17_640, 1)
    assert short[:5, 0].tolist() == [0.5] * 5
    assert set(short[5:, 0].tolist()) == {MASKED}
    assert MASKED not in raw(np.zeros(20_000, np.int16))


def test_mel_is_bands_by_frames() -> None:
    """64 by 35, however long the clip is."""
    rng = np.random.default_rng(1)
    for length in (0, 4_000, 30_000):
        found = mel((rng.normal(size=length) * 3_000).astype(np.int16))
        assert found.shape == (64, 35)
        assert np.abs(found).max() < 6


def test_micro_f1_counts_all_digits_together() -> None:
    """With one answer a clip it is the share of right ones."""
    table = np.diag([3] * 10)
    table[1, 2] = 10
    assert Fitted(table, 1, 1, 1, (), 0.0).micro_f1 == pytest.approx(30 / 40)


ROWS = [
    Row("digits-lstm-mel", 349_834, 0.917, 0.9, {"a": 0.4, "b": 0.6}, confusion=[[1] * 10] * 10),
    Row("digits-default", 245_000, None, 0.99, {}, confusion=[[1] * 12] * 10),
]


def test_the_table_says_what_is_known() -> None:
    """And a dash for what isn't."""
    lines = table_of(ROWS).splitlines()
    assert lines[2] == ("| `digits-lstm-mel` | 349,834 | 0.917 | 0.900 | 0.500 | 0.400 … 0.600 |")
    assert lines[3] == "| `digits-default` | 245,000 | – | 0.990 | – | – |"


def test_the_page_and_the_picture_show_every_row(tmp_path: Path) -> None:
    """The page loads nothing; a recording that has gone is said in its place."""
    soundfile.write(tmp_path / "3_ann_0.wav", np.sin(np.arange(3_000) * 0.3) * 0.2, 8_000)
    wrong = [
        Mistake(str(tmp_path / name), "3", "8", 0.9, 0.05, "ann")
        for name in ("3_ann_0.wav", "gone.wav")
    ]
    text = comparison_page([replace(ROWS[0], mistakes=wrong), ROWS[1]])
    assert text.count("confusion matrix:") == 2
    assert text.count("<audio") == 1
    assert text.count("“3” heard as “8”") == 3
    assert "gone.wav: is not there any more" in text
    assert "http" not in text.replace("http-equiv", "")
    draw_comparison(ROWS, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@pytest.fixture
def fsdd(tmp_path: Path) -> Path:
    """Two speakers, three takes of each digit: a tone of its own, a little noise."""
    rng = np.random.default_rng(1)
    folder = tmp_path / "fsdd"
    folder.mkdir()
    t = np.arange(1_600) / 8_000
    for who, pitch in (("ann", 1.0), ("bob", 1.1)):
        for digit in range(10):
            for take in range(3):
                tone = 0.3 * np.sin(2 * np.pi * pitch * (200 + 150 * digit) * t)
                noise = rng.normal(size=1_600) * 0.003
                soundfile.write(folder / f"{digit}_{who}_{take}.wav", tone + noise, 8_000)
    return folder


@without_world
def test_a_comparison_goes_on_where_it_was(fsdd: Path, tmp_path: Path) -> None:
    """The same command again fits nothing; one result taken away is made again, the same."""
    out = tmp_path / "out"
    options = ["digits", "--data", str(fsdd), "--out", str(out), "--minutes", "0.02", "--json"]
    options += ["--network", "digits-lstm-mel", "--tensorboard", str(tmp_path / "board")]
    first = CliRunner().invoke(compare, options, catch_exceptions=False)
    (row,) = json.loads(first.stdout)
    assert row["name"] == "digits-lstm-mel"
    assert set(row["speakers"]) == {"ann", "bob"}
    assert all(0 <= share <= 1 for share in (row["random_split"], row["strangers"]))
    assert list((tmp_path / "board").rglob("events*"))
    assert row["mistakes"]
    for mistake in row["mistakes"]:
        name = Path(mistake["file"]).name
        assert Path(mistake["file"]).parent == fsdd
        assert name.startswith(f"{mistake['said']}_{mistake['speaker']}_")
        assert mistake["said"] != mistake["heard"]
    page = (out / "digits-comparison.html").read_text()
    assert page.count("<audio") == len(row["mistakes"]) == min(12, len(row["mistakes"]))
    one, older = out / "digits-lstm-mel-bob.json", out / "digits-lstm-mel-ann.json"
    kept = json.loads(one.read_bytes())
    one.unlink()
    without = json.loads(older.read_bytes())
    del without["mistakes"]
    older.write_text(json.dumps(without))
    again = CliRunner().invoke(compare, options, catch_exceptions=False)
    assert "digits-lstm-mel, bob" in again.stderr
    assert "digits-lstm-mel, ann" not in again.stderr
    assert json.loads(again.stdout)[0]["speakers"] == row["speakers"]
    assert json.loads(one.read_bytes())["losses"] == kept["losses"]
    assert {m["speaker"] for m in json.loads(again.stdout)[0]["mistakes"]} <= {"bob"}


@without_world
def test_one_network_is_trained_and_kept(fsdd: Path, tmp_path: Path) -> None:
    """By its name, with one speaker left out; a name that nobody has is told."""
    options = ["--data", str(fsdd), "--out", str(tmp_path / "one"), "--minutes", "0.01"]
    (tmp_path / "one").mkdir()
    wrong = CliRunner().invoke(train_mel, [*options, "--leave-out", "eve"])
    assert isinstance(wrong.exception, SpeakerError)
    assert "there are ann, bob" in str(wrong.exception)
    done = CliRunner().invoke(
        train_mel, [*options, "--leave-out", "ann", "--json"], catch_exceptions=False
    )
    told = json.loads(done.stdout)
    assert np.sum(told["confusion"]) == 30
    assert told["micro_f1"] == pytest.approx(np.trace(told["confusion"]) / 30)
    assert (tmp_path / "one" / "digits-lstm-mel.npz").is_file()
