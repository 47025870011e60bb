"""A second as it might have been recorded: the same for a draw, of its length, at its level."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.models.frontend import FrontEndConfig
from wakeful.synth.levels import active_dbfs, to_float
from wakeful.training.command_examples import CommandMaker
from wakeful.training.command_mixing import SECOND, Mixing, draw_mixing, mixed, placed

PLAIN = Mixing(speed=(1.0, 1.0), shift_s=0.0, room_share=0.0, equaliser_share=0.0, noise_share=0.0)


def tone(length, level=0.2):
    """A loud low tone, int16."""
    return (level * 32_767 * np.sin(np.arange(length) * 0.1)).astype(np.int16)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), length=st.integers(400, 40_000), noisy=st.booleans())
def test_a_draw_makes_one_second_and_always_the_same(seed, length, noisy):
    """Of a clip of any length comes a second; a draw that is written down makes it again."""
    noises = [tone(5_000), tone(40_000)] if noisy else []
    drawn = draw_mixing(np.random.default_rng(seed), noises, Mixing())
    made = mixed(tone(length), drawn, noises)
    assert made.shape == (SECOND,)
    assert made.dtype == np.int16
    np.testing.assert_array_equal(made, mixed(tone(length), drawn, noises))


@given(length=st.integers(1, 50_000), place=st.floats(0, 1), shift=st.integers(-2_000, 2_000))
def test_what_is_placed_is_there_or_beyond_the_ends(length, place, shift):
    """Nothing is made up: each sample is the clip's or zero, and in the clip's order."""
    clip = np.arange(1, length + 1, dtype=np.float32)
    second = placed(clip, place, shift)
    there = second[second > 0]
    assert len(second) == SECOND
    assert np.all(np.diff(there) == 1)
    if length + 2 * abs(shift) <= SECOND and 0.2 <= place <= 0.8 and length < SECOND // 2:
        assert len(there) == length


@given(level=st.floats(-45, -10), seed=st.integers(0, 100))
def test_it_has_the_level_that_was_drawn(level, seed):
    """Where it sounds it is as loud as it shall be, however loud the recording was."""
    mixing = Mixing(**{**PLAIN.__dict__, "level_dbfs": (level, level)})
    drawn = draw_mixing(np.random.default_rng(seed), [], mixing)
    for loud in (0.9, 0.01):
        found = active_dbfs(to_float(mixed(tone(12_000, loud), drawn, [])))
        assert abs(found - level) < 1.5


def test_noise_lies_as_far_below_as_was_drawn():
    """Of recorded noise and of colours alike, at the ratio of the draw."""
    mixing = Mixing(**{**PLAIN.__dict__, "noise_share": 1.0, "snr_db": (6.0, 6.0)})
    silent = Mixing(**{**PLAIN.__dict__, "level_dbfs": (-20.0, -20.0)})
    for seed in range(12):
        rng = np.random.default_rng(seed)
        drawn = draw_mixing(rng, [tone(30_000)[::-1].copy()], mixing)
        assert drawn.noise is not None
        clean = draw_mixing(np.random.default_rng(seed), [], silent)
        with_noise = to_float(mixed(tone(SECOND), drawn, [tone(30_000)[::-1].copy()]))
        without = to_float(mixed(tone(SECOND), clean, []))
        scaled = without * 10 ** ((drawn.level_dbfs + 20.0) / 20)
        noise = with_noise - scaled
        apart = 10 * np.log10(np.mean(scaled**2) / np.mean(noise**2))
        assert abs(apart - 6.0) < 1.5


def test_silence_stays_silence():
    """A recording without any sound can be mixed: nothing is divided by nothing."""
    for seed in range(10):
        drawn = draw_mixing(np.random.default_rng(seed), [np.zeros(9_000, np.int16)], Mixing())
        made = mixed(np.zeros(8_000, np.int16), drawn, [np.zeros(9_000, np.int16)])
        assert np.isfinite(made).all()


def test_examples_are_the_same_whoever_makes_them():
    """One process or two: the same features, in the order that was asked for."""
    maker = CommandMaker([tone(9_000), tone(16_000)], [tone(20_000)], FrontEndConfig(), 3)
    jobs = [(clip, copy) for clip in (1, 0) for copy in range(40)]
    one = maker.make(jobs)
    assert one.shape == (80, SECOND // 160, 40)
    np.testing.assert_array_equal(one, maker.make(jobs, processes=2))
    np.testing.assert_array_equal(one[5:7], maker.make(jobs[5:7]))
