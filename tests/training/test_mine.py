"""Mining: mixtures that fire are found by number, the worst first, and kept to be heard."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.models.frontend import FrontEndConfig
from wakeful.synth.palette import Clip, Palette
from wakeful.training.corpus import read_sound
from wakeful.training.examples import ExampleMaker
from wakeful.training.finds import FindsError, keep_finds, kept_finds
from wakeful.training.mine import Find, MineSettings, mine, negatives

SECOND = 16_000


def hiss(seconds: float, name: str, seed: int) -> Clip:
    """A recording of nothing in particular."""
    samples = np.random.default_rng(seed).normal(0, 2_000, int(seconds * SECOND))
    return Clip(samples.astype(np.int16), 0, len(samples), name)


PALETTE = Palette(
    word=[hiss(0.8, "word", 1)],
    hard=[hiss(0.7, "near", 2)],
    speech=[hiss(4.0, f"speech {i}", 3 + i) for i in range(3)],
    noise=[hiss(3.0, "noise", 9)],
)
MAKER = negatives(ExampleMaker(PALETTE, [FrontEndConfig()], 3, seed=1, taught=True), seed=5)


def unsure(features: np.ndarray) -> np.ndarray:
    """A network that fires on some mixtures and not on others: [n, frames, bands] to [n, steps]."""
    level = features.astype(np.float32).std(axis=2)[:, 2::3]
    return (1 / (1 + np.exp(-3 * (level - 1.5)))).astype(np.float32)


def found(candidates: int = 120, threshold: float = 0.03, most: int = 8_000) -> list[Find]:
    """By the miner, in one process."""
    return mine(unsure, MAKER, MineSettings(candidates, threshold, most))


def test_what_is_gone_through_never_holds_the_word() -> None:
    """Else the network would be taught to miss it; and no teacher is asked about it."""
    assert all(MAKER.draw(n).word_end is None for n in range(300))
    assert {MAKER.draw(n).kind for n in range(300)} == {"hard", "part", "speech", "noise"}
    assert not MAKER.taught


def test_the_worst_come_first() -> None:
    """And every one of them reached the threshold."""
    scores = sorted(f.score for f in found(threshold=0.0))
    half = scores[len(scores) // 2]
    finds = found(threshold=half)
    scores = [f.score for f in finds]
    assert 0 < len(finds) < 120
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= half


@settings(max_examples=10)
@given(st.integers(1, 40), st.floats(0.01, 0.99))
def test_no_more_than_asked_and_the_same_ones(most: int, threshold: float) -> None:
    """A short list is the beginning of the long one."""
    every, few = found(60, threshold=threshold), found(60, threshold=threshold, most=most)
    assert few == every[:most]


def test_a_find_is_that_mixture() -> None:
    """What is learned from by its number is what fired."""
    worst = found(60, threshold=0.0)[0]
    (again,) = MAKER.make(1, first=worst.number)
    assert unsure(again.features).max() >= worst.score - 1e-6

    (picked,) = replace(MAKER, numbers=[7, worst.number]).make(2)
    np.testing.assert_array_equal(picked.features[1], again.features[0])


def test_the_number_of_processes_changes_nothing() -> None:
    """Neither what is found nor in which order."""
    chosen = MineSettings(130, threshold=0.3)
    assert mine(unsure, MAKER, chosen, processes=2) == mine(unsure, MAKER, chosen)


def test_finds_are_kept_whole_and_the_worst_to_be_heard(tmp_path: Path) -> None:
    """With the recordings that they were made of, so that one that says the word can go."""
    finds = found(120, threshold=0.0)
    keep_finds(tmp_path / "finds", finds, MAKER)
    assert kept_finds(tmp_path / "finds") == finds
    lines = (tmp_path / "finds" / "manifest.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(rows) == 40
    assert read_sound(tmp_path / "finds" / rows[0]["file"]).any()
    names = {c.name for c in (*PALETTE.word, *PALETTE.hard, *PALETTE.speech)}
    assert all(set(row["from"]) <= names for row in rows)
    assert not list(tmp_path.glob(".*"))


def test_nothing_found_is_kept_too(tmp_path: Path) -> None:
    """So that a run that goes on doesn't look again; before that, nothing is known."""
    assert kept_finds(tmp_path / "finds") is None
    keep_finds(tmp_path / "finds", [], MAKER)
    assert kept_finds(tmp_path / "finds") == []


@pytest.mark.parametrize("text", ["", '[{"score": 1}]', "[1]"])
def test_a_broken_list_is_told(text: str, tmp_path: Path) -> None:
    """Which file, and what to do."""
    (tmp_path / "finds.json").write_text(text)
    with pytest.raises(FindsError, match=r"finds\.json"):
        kept_finds(tmp_path)
