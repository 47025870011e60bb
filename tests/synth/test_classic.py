"""The classic composition: its published checks, what may never happen, and its command."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from wakeful.synth.classic import (
    ClassicMixture,
    Insertion,
    compose_classic,
    draw_classic,
    draw_segment,
    features,
    overlaps,
)
from wakeful.synth.classic_labels import STEPS, classic_labels
from wakeful.synth.classic_stock import LENGTH, ClassicError, Stock
from wakeful.synth.levels import Samples, gain, rms_dbfs, to_float, to_int16

RATE = 44_100


def tone(length_ms: int, dbfs: float, rate_hz: int = RATE, hz: float = 440.0) -> np.ndarray:
    """A sine of whole milliseconds at a level."""
    at_s = np.arange(length_ms * rate_hz // 1_000) / rate_hz
    sound: np.ndarray = np.sqrt(2) * gain(dbfs) * np.sin(2 * np.pi * hz * at_s)
    return sound


def hiss(length_ms: int, dbfs: float, rate_hz: int = RATE, seed: int = 0) -> np.ndarray:
    """White noise at a level."""
    noise = np.random.default_rng(seed).standard_normal(length_ms * rate_hz // 1_000)
    return gain(dbfs) * noise


@dataclass(frozen=True)
class Held(Stock):
    """Recordings that no file holds."""

    sounds: Mapping[str, Samples] = field(default_factory=dict)

    def clip(self, name: str) -> Samples:
        """As it was given."""
        return self.sounds[name]

    def background(self, name: str, offset_ms: int) -> Samples:
        """Ten seconds of it."""
        start = offset_ms * RATE // 1_000
        return self.sounds[name][start : start + LENGTH]


def held(
    activates: Mapping[str, int], negatives: Mapping[str, int], background: Samples | None = None
) -> Held:
    """Tones of so many milliseconds; ten seconds of silence where no background is given."""
    words = {name: to_int16(tone(ms, -15)) for name, ms in {**activates, **negatives}.items()}
    sounds = {**words, "still": np.zeros(LENGTH, np.int16) if background is None else background}
    return Held(Path(), activates, negatives, {"still": 10_000}, sounds=sounds)


lengths = st.lists(st.integers(1, 10_000), min_size=1, max_size=5)
ends = st.lists(st.integers(0, 9_999), max_size=6)


@st.composite
def stocks(draw) -> Stock:
    """Clips of any length that ten seconds can hold, and backgrounds of ten seconds and more."""
    longer = draw(st.lists(st.integers(10_000, 60_000), min_size=1, max_size=3))
    return Stock(Path(), named("a", draw(lengths)), named("n", draw(lengths)), named("b", longer))


def named(kind: str, lengths_ms: list[int]) -> dict[str, int]:
    """a0, a1 and so on."""
    return {f"{kind}{number}": length_ms for number, length_ms in enumerate(lengths_ms)}


def test_the_published_segments() -> None:
    """What overlaps what; one millisecond is enough."""
    assert not overlaps(950, 1_430, [(2_000, 2_550), (260, 949)])
    assert overlaps(2_305, 2_950, [(824, 1_532), (1_900, 2_305), (3_424, 3_656)])
    assert not overlaps(0, 9_999, [])


def test_the_published_labels() -> None:
    """Words that end at 9,700 ms and 4,251 ms."""
    labels = classic_labels([9_700, 4_251])
    assert labels.shape == (1_375, 1)
    assert [labels[step, 0] for step in (1_333, 634, 635)] == [0, 1, 0]
    assert np.flatnonzero(labels).tolist() == [*range(585, 635), *range(1_334, 1_375)]


@given(st.integers(0, 99), st.integers(0, 99), ends)
def test_what_overlaps_shares_a_millisecond(first_ms, length_ms, marks) -> None:
    """As counting the milliseconds of both would tell; of many at once as of each."""
    taken = [(m % 90, m % 90 + m % 11) for m in marks]
    last_ms = first_ms + length_ms
    milliseconds = set(range(first_ms, last_ms + 1))
    shared = any(milliseconds & set(range(first, last + 1)) for first, last in taken)
    assert bool(overlaps(first_ms, last_ms, taken)) == shared
    both = overlaps([first_ms, 500], [last_ms, 501], taken)
    assert both.tolist() == [shared, False]


@given(ends)
def test_labels_follow_the_ends_of_words(ends_ms) -> None:
    """The union of what each end alone gives: 50 steps, or as many as there are to the end."""
    wanted = set()
    for end_ms in ends_ms:
        y = int(end_ms * 1_375 / 10_000.0)
        alone = {step for step in range(y + 1, y + 51) if step < STEPS}
        assert classic_labels([end_ms]).sum() == min(50, STEPS - 1 - y) == len(alone)
        wanted |= alone
    assert set(np.flatnonzero(classic_labels(ends_ms)).tolist()) == wanted


@given(stocks(), st.integers(0, 2**32))
def test_nothing_overlaps_and_nothing_is_lost(stock, seed) -> None:
    """Every clip lies whole within the ten seconds, alone, or is told to have been left out."""
    drawn = draw_classic(np.random.default_rng(seed), stock)
    both = (*drawn.activates, *drawn.negatives)
    lengths_ms = {**stock.activates, **stock.negatives}
    for i in both:
        assert 0 <= i.start_ms <= i.end_ms <= 9_999
        assert i.end_ms - i.start_ms + 1 == lengths_ms[i.clip]
    for a, b in combinations(both, 2):
        assert a.end_ms < b.start_ms or b.end_ms < a.start_ms
    ends_ms = [i.end_ms for i in drawn.activates]
    np.testing.assert_array_equal(drawn.labels(), classic_labels(ends_ms))
    assert {i.clip for i in drawn.activates} <= set(stock.activates)
    assert {i.clip for i in drawn.negatives} <= set(stock.negatives)
    count = {k: sum(n[0] == k for n in (*drawn.left_out, *(i.clip for i in both))) for k in "an"}
    assert count["a"] <= 4
    assert count["n"] <= 2
    assert 0 <= drawn.offset_ms <= stock.backgrounds[drawn.background] - 10_000
    assert drawn == draw_classic(np.random.default_rng(seed), stock)


@given(st.integers(1, 10_000), ends, st.integers(0, 99))
def test_a_clip_is_left_out_only_where_no_place_is_free(length_ms, marks, seed) -> None:
    """As trying every start in turn would find."""
    taken = [(mark, min(mark + mark % 2_000, 9_999)) for mark in marks]
    segment = draw_segment(np.random.default_rng(seed), length_ms, taken)
    if segment:
        assert segment[1] - segment[0] + 1 == length_ms
        assert not overlaps(*segment, taken)
        assert 0 <= segment[0] <= segment[1] <= 9_999
    else:
        tried = ((first, first + length_ms - 1) for first in range(10_001 - length_ms))
        assert all(overlaps(*one, taken) for one in tried)


def test_a_place_that_just_fits_is_found_and_every_place_is_drawn() -> None:
    """One free stretch of 100 ms: all of it, or any of its eleven places for 90 ms."""
    taken = [(0, 4_999), (5_100, 9_999)]
    rng = np.random.default_rng(3)
    assert draw_segment(rng, 100, taken) == (5_000, 5_099)
    assert draw_segment(rng, 101, taken) is None
    assert draw_segment(rng, 10_000, []) == (0, 9_999)
    times = np.zeros(11, int)
    for _ in range(1_100):
        times[(draw_segment(rng, 90, taken) or (0, 0))[0] - 5_000] += 1
    assert times.min() > 60


def test_as_many_words_are_drawn_as_in_the_classic_system() -> None:
    """0 to 4 activates and 0 to 2 negatives, each number as often as the other."""
    stock = held({"a": 1, "b": 2}, {"c": 3})
    drawn = [draw_classic(np.random.default_rng(seed), stock) for seed in range(1_500)]
    for numbers, most in (
        ([len(m.activates) for m in drawn], 4),
        ([len(m.negatives) for m in drawn], 2),
    ):
        share = np.bincount(numbers) / 1_500
        assert share == pytest.approx(1 / (most + 1), abs=0.035)
        assert len(share) == most + 1


@examples(max_examples=30)
@given(
    background_dbfs=st.floats(-65, -1),
    words=st.lists(st.tuples(st.integers(250, 900), st.floats(-45, -3)), max_size=4),
    seed=st.integers(0, 99),
)
def test_the_level_is_minus_20_dbfs(background_dbfs, words, seed) -> None:
    """Within 0.1 dB, measured in floats: over hiss near silence, and where the gain clips words."""
    sounds = {f"w{i}": to_int16(tone(ms, dbfs)) for i, (ms, dbfs) in enumerate(words)}
    sounds["b"] = to_int16(hiss(10_000, background_dbfs, seed=seed))
    placed = tuple(
        Insertion(f"w{i}", 2_000 * i + seed, 2_000 * i + seed + ms - 1)
        for i, (ms, _) in enumerate(words)
    )
    stock = Held(Path(), {}, {}, {"b": 10_000}, sounds=sounds)
    made = compose_classic(ClassicMixture("b", 0, placed, (), ()), stock)
    assert made.shape == (441_000,)
    assert rms_dbfs(to_float(made)) == pytest.approx(-20, abs=0.1)


def test_words_sound_where_their_segments_are_and_nowhere_else() -> None:
    """Over digital silence every millisecond of a segment sounds, and no other one does."""
    stock = held({"a": 700, "b": 433}, {"c": 1_250})
    for seed in range(12):
        drawn = draw_classic(np.random.default_rng(seed), stock)
        loud = np.zeros(10_000, bool)
        for i in (*drawn.activates, *drawn.negatives):
            loud[i.start_ms : i.end_ms + 1] = True
        # In tens of milliseconds, which are whole samples; those that hold an edge are let be.
        sounds = np.abs(compose_classic(drawn, stock)).reshape(1_000, 441).max(axis=1) > 0
        tens = loud.reshape(1_000, 10)
        assert sounds[tens.all(axis=1)].all()
        assert not sounds[~tens.any(axis=1)].any()


def test_the_background_is_20_db_down_before_anything_is_laid_over_it() -> None:
    """A word as loud as the background ends up 20 dB above it."""
    background = to_int16(tone(10_000, -12, hz=1_000))
    stock = held({"a": 1_000}, {"c": 1}, background)
    mixture = ClassicMixture("still", 0, (Insertion("a", 4_000, 4_999),), (), ())
    made = to_float(compose_classic(mixture, stock))
    word, around = made[4_000 * 441 // 10 : 5_000 * 441 // 10], made[: 3_000 * 441 // 10]
    # The word's tone is at -15 dBFS, the background at -32.
    above = 10 * np.log10(gain(2 * -15) + gain(2 * -32)) + 32
    assert rms_dbfs(word) - rms_dbfs(around) == pytest.approx(above, abs=0.05)


def test_it_is_what_pydub_makes_of_the_same_steps() -> None:
    """Bit for bit, where one gain is enough: 20 dB down, laid over in turn, once set to level."""
    from pydub import AudioSegment

    stock = held({"a": 700}, {"c": 300}, to_int16(hiss(10_000, -20)))
    drawn = draw_classic(np.random.default_rng(2), stock)
    parts = {
        name: AudioSegment(data=sound.tobytes(), sample_width=2, frame_rate=RATE, channels=1)
        for name, sound in stock.sounds.items()
    }
    sound = parts["still"] - 20
    for insertion in drawn.activates + drawn.negatives:
        sound = sound.overlay(parts[insertion.clip], position=insertion.start_ms)
    sound = sound.apply_gain(-20.0 - sound.dBFS)
    assert drawn.activates
    assert drawn.negatives
    assert compose_classic(drawn, stock).tobytes() == sound.raw_data


def test_silence_stays_silent() -> None:
    """No words over a stretch that holds nothing: there is no level to set."""
    stock = held({"a": 1}, {"c": 1})
    assert not compose_classic(ClassicMixture("still", 0, (), (), ()), stock).any()


def test_the_net_gets_what_it_takes() -> None:
    """A spectrogram of 101 × 5511, transposed, and 1375 labels of one column."""
    stock = held({"a": 700}, {"c": 300}, to_int16(hiss(10_000, -30)))
    drawn = draw_classic(np.random.default_rng(1), stock)
    fed = features(compose_classic(drawn, stock))
    assert fed.T.shape == (101, 5_511)
    assert fed.dtype == np.float32
    assert drawn.labels().shape == (1_375, 1)
    assert drawn.activates
    assert drawn.labels().sum() >= 50


def test_nothing_warns_where_there_is_no_ffmpeg(tmp_path: Path) -> None:
    """A fresh interpreter in which every warning is an error, and no program is found."""
    code = (
        "import pathlib, numpy as np; from wakeful.synth.classic import *\n"
        "class Hiss(Stock):\n"
        "    def background(self, name, offset_ms): return np.full(441_000, 999, np.int16)\n"
        "mixture = ClassicMixture('x', 0, (), (), ())\n"
        "print(compose_classic(mixture, Hiss(pathlib.Path(), {}, {}, {})).shape)"
    )
    environment = {**os.environ, "PATH": str(tmp_path)}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("(441000,)\n", "")


def test_without_pydub_one_line_says_what_to_install(monkeypatch) -> None:
    """As where only the daemon was installed."""
    monkeypatch.setitem(sys.modules, "pydub", None)
    stock = held({"a": 1}, {"c": 1})
    with pytest.raises(ClassicError, match=r"pip install 'wakeful\[synth\]'"):
        compose_classic(ClassicMixture("still", 0, (), (), ()), stock)
