"""Mixtures: everything is drawn first, and the sound holds the word where the label says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.synth.levels import active_dbfs, to_float, to_int16
from wakeful.synth.mixture import (
    Backdrop,
    Mixture,
    MixtureSettings,
    Placement,
    compose,
    draw_mixture,
)
from wakeful.synth.noise import coloured
from wakeful.synth.palette import Clip, Palette, PaletteError

SECOND = 16_000


def tone(hz: float, seconds: float) -> Clip:
    """A sine at half scale, taken to be the word from end to end."""
    time_s = np.arange(round(seconds * SECOND)) / SECOND
    samples = to_int16((0.5 * np.sin(2 * np.pi * hz * time_s)).astype(np.float32))
    return Clip(samples, 0, len(samples))


def hiss(seconds: float, seed: int) -> Clip:
    """A recording of noise."""
    sound = coloured("white", round(seconds * SECOND), np.random.default_rng(seed))
    return Clip(to_int16(sound * np.float32(0.05)))


PALETTE = Palette(
    word=[tone(1_000, 0.6), replace(tone(1_000, 0.8), word_start=1_600, word_end=11_200)],
    hard=[tone(2_000, 0.5)],
    speech=[tone(300, 3.0), tone(400, 7.0), tone(350, 0.4)],
    noise=[hiss(5.0, 1), hiss(1.0, 2)],
)
BARE = Mixture("word", 2 * SECOND, (), (), None, None, -20.0, seed=0)


def loudness(samples: np.ndarray, hz: float) -> np.ndarray:
    """How much of a tone there is in each 10 ms."""
    frames = to_float(samples)[: len(samples) // 160 * 160].reshape(-1, 160)
    wave = np.exp(2j * np.pi * hz * np.arange(160) / SECOND)
    return np.abs(frames @ wave) / 80


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_whatever_is_drawn_can_be_mixed_and_is_as_long_as_asked(seed: int) -> None:
    """No drawn mixture is empty, too long, or other than int16."""
    drawn = draw_mixture(np.random.default_rng(seed), PALETTE)
    samples = compose(drawn, PALETTE)
    assert samples.shape == (MixtureSettings().length,)
    assert samples.dtype == np.int16


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_a_mixture_is_all_that_is_needed_to_hear_it_again(seed: int) -> None:
    """The same seed draws the same mixture, the same mixture is the same sound."""
    one, two = (draw_mixture(np.random.default_rng(seed), PALETTE) for _ in range(2))
    assert one == two
    np.testing.assert_array_equal(compose(one, PALETTE), compose(two, PALETTE))


@given(st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_only_a_whole_word_has_an_end_and_it_lies_inside(seed: int) -> None:
    """Near words and parts of the word are never labelled; a labelled word began inside."""
    drawn = draw_mixture(np.random.default_rng(seed), PALETTE)
    assert (drawn.word_end is not None) == (drawn.kind == "word")
    if drawn.word_end is None:
        return
    centre = drawn.placements[0]
    clip = PALETTE.word[centre.number]
    assert centre.source == "word"
    assert centre.at >= 0
    assert drawn.word_end <= drawn.length
    heard_end = centre.at + (clip.word_end - centre.start) / centre.speed
    assert heard_end == pytest.approx(drawn.word_end, abs=1)


@given(st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_a_part_of_the_word_is_never_the_word(seed: int) -> None:
    """What is taken of it is less than two thirds."""
    drawn = draw_mixture(np.random.default_rng(seed), PALETTE)
    if drawn.kind == "part":
        centre = drawn.placements[0]
        clip = PALETTE.word[centre.number]
        assert centre.end - centre.start < 0.65 * (clip.word_end - clip.word_start)
        assert clip.word_start <= centre.start < centre.end <= clip.word_end


@given(st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_what_is_said_before_the_word_ends_before_it(seed: int) -> None:
    """Speech before and after never lies over the word's clip; only babble, meant so, does."""
    drawn = draw_mixture(np.random.default_rng(seed), PALETTE)
    if drawn.kind != "word" or drawn.word_end is None:
        return
    centre, *around = drawn.placements
    for p in around:
        ends = p.at + (p.end - p.start) / p.speed
        over = centre.at + int((centre.end - centre.start) / centre.speed)
        assert ends <= centre.at or p.at >= max(over, drawn.word_end)


@given(st.integers(0, 12_000), st.floats(0.85, 1.2))
@settings(max_examples=40, deadline=None)
def test_the_word_is_heard_where_it_was_placed(at: int, speed: float) -> None:
    """Its tone is there from `at` on for its length over its speed, and nowhere else."""
    clip = PALETTE.word[0]
    placed = Placement("word", 0, 0, len(clip.samples), at, speed)
    heard = loudness(compose(replace(BARE, placements=(placed,)), PALETTE), 1_000 * speed)
    on = np.flatnonzero(heard > heard.max() / 2)
    assert abs(on[0] * 160 - at) <= 240
    assert abs((on[-1] + 1) * 160 - at - len(clip.samples) / speed) <= 240


@pytest.mark.parametrize("level_dbfs", [-45.0, -30.0, -15.0])
def test_what_is_said_has_the_drawn_level(level_dbfs: float) -> None:
    """A whisper is a whisper, whatever level its clip had."""
    placed = Placement("word", 0, 0, 9_600, 1_000)
    samples = compose(replace(BARE, placements=(placed,), level_dbfs=level_dbfs), PALETTE)
    assert active_dbfs(to_float(samples)) == pytest.approx(level_dbfs, abs=0.5)


@pytest.mark.parametrize("snr_db", [0.0, 10.0, 30.0])
def test_noise_lies_as_far_below_as_drawn(snr_db: float) -> None:
    """Measured where nothing is said."""
    placed = Placement("word", 0, 0, 9_600, 16_000)
    backdrop = Backdrop(snr_db, colour="white")
    samples = compose(replace(BARE, placements=(placed,), backdrops=(backdrop,)), PALETTE)
    noise = to_float(samples[:14_000])
    assert 10 * np.log10(np.mean(noise**2)) == pytest.approx(-20.0 - snr_db, abs=0.5)


def test_a_short_recording_of_noise_goes_on_all_the_time() -> None:
    """A second of noise under two seconds leaves no hole."""
    backdrop = Backdrop(10.0, None, "noise", 1, start=9_000)
    samples = compose(replace(BARE, kind="noise", backdrops=(backdrop,)), PALETTE)
    frames = np.abs(to_float(samples)).reshape(-1, 160).max(axis=1)
    assert frames.min() > 0.1 * frames.max()


def test_without_near_words_none_is_drawn() -> None:
    """An empty set is left out, not an error in the middle of a fit."""
    palette = Palette(PALETTE.word, [], PALETTE.speech, [])
    rng = np.random.default_rng(0)
    assert "hard" not in {draw_mixture(rng, palette).kind for _ in range(200)}


@pytest.mark.parametrize("missing", ["word", "speech"])
def test_without_words_or_speech_nothing_is_mixed(missing: str) -> None:
    """One line says which sound is missing."""
    with pytest.raises(PaletteError, match=missing):
        replace(PALETTE, **{missing: []})  # type: ignore[arg-type]


def test_long_sound_is_drawn_by_its_length() -> None:
    """Seven seconds are drawn seventeen times as often as 0.4."""
    rng = np.random.default_rng(0)
    drawn = np.bincount([PALETTE.draw("speech", rng) for _ in range(4_000)], minlength=3)
    np.testing.assert_allclose(drawn / 4_000, np.array([3.0, 7.0, 0.4]) / 10.4, atol=0.03)
