"""Mixtures with whisper's numbers: the same however they are made, of pieces of the streams."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.training.taught_mixtures import TaughtMaker, _alone, crowds
from wakeful.training.whisper_teacher import STREAM, Cut, directions

LENGTH, STEP = 14_400, 480


@pytest.fixture(scope="module")
def streams(tmp_path_factory):
    """Two half-minutes of hiss, of which whisper is said to have heard its own time."""
    folder = tmp_path_factory.mktemp("streams")
    paths = [folder / f"{number}.npz" for number in range(2)]
    for number, path in enumerate(paths):
        rng = np.random.default_rng(number)
        heard = np.outer(np.arange(1_500) + 1_500 * number, rng.standard_normal(384)) / 1_500
        samples = (3_000 * rng.standard_normal(STREAM)).astype(np.int16)
        np.savez(path, samples=samples, heard=heard.astype(np.float16))
    return paths


@pytest.fixture(scope="module")
def maker(streams):
    """Three pieces of each stream before it begins with the first one again."""
    noises = crowds(streams, 2, seed=3)
    ways = directions(streams, 4)
    return TaughtMaker(streams, ways, noises, 3, LENGTH, STEP, lag_s=0.12, seed=7)


def test_any_cut_and_any_number_of_processes_give_the_same(maker):
    """What number 5 is does not depend on who made it, or with which others."""
    (whole,) = maker.make(9)
    (forked,) = maker.make(9, processes=2)
    (rest,) = maker.make(5, first=4)
    assert whole.features.shape == (9, LENGTH // 160, 40)
    assert whole.targets.shape == (9, LENGTH // STEP, 4)
    np.testing.assert_array_equal(whole.features, forked.features)
    np.testing.assert_array_equal(whole.targets, forked.targets)
    np.testing.assert_array_equal(whole.features[4:], rest.features)
    np.testing.assert_array_equal(whole.targets[4:], rest.targets)


def test_each_stream_gives_its_share_and_no_two_pieces_are_the_same(maker):
    """Numbers 0 to 2 are of the first stream, 3 to 5 of the second, 6 of the first again."""
    (made,) = maker.make(7)
    last = made.targets[:, -1].astype(float)
    apart = np.linalg.norm(last[:, np.newaxis] - last[np.newaxis], axis=2)
    assert (apart + np.eye(7) > 0).all()
    first, second = [0, 1, 2, 6], [3, 4, 5]
    assert apart[np.ix_(first, first)].max() < apart[np.ix_(first, second)].min() + 2.0
    assert np.isnan(made.targets[:, :4]).all(axis=(1, 2)).sum() == 0
    assert np.isnan(made.targets[:, 0]).all()
    assert not made.labels.any()


@given(st.integers(0, 1 << 32), st.integers(8, 100))
def test_a_word_alone_has_silence_around_it_and_no_question_there(seed, steps):
    """At most 0.8 s sound, faded; a target is kept where it sounds, and nowhere else."""
    said = Cut(np.full(steps * STEP, 9_000, np.int16), np.ones((steps, 2), np.float16))
    made = _alone(said, STEP, np.random.default_rng(seed))
    sounds = made.samples.reshape(steps, STEP).any(axis=1)
    asked = ~np.isnan(made.targets[:, 0])
    assert 0 < np.count_nonzero(made.samples) <= 12_800
    assert np.abs(np.diff(made.samples.astype(int))).max() < 100
    # The fade's first and last sample are silent: a step may hold nothing else.
    assert (asked >= sounds).all()
    assert np.count_nonzero(asked & ~sounds) <= 2
    assert (np.diff(np.flatnonzero(asked)) == 1).all()
    assert not np.isnan(said.targets).any()


def test_a_share_of_the_pieces_is_alone(maker):
    """As many as were asked for, the same ones however they are made."""
    (some,) = replace(maker, alone=0.5).make(60)
    (plain,) = maker.make(60)
    fewer = np.isnan(some.targets).sum(axis=(1, 2)) > np.isnan(plain.targets).sum(axis=(1, 2))
    assert 15 <= fewer.sum() <= 45
    (rest,) = replace(maker, alone=0.5).make(10, first=50)
    np.testing.assert_array_equal(some.targets[50:], rest.targets)


def test_a_crowd_is_of_several_and_never_clips(streams):
    """Ten seconds each, as loud as the loudest may be, another crowd each time."""
    one, two = crowds(streams, 2, seed=3)
    assert len(one) == len(two) == 160_000
    assert np.abs(one.astype(int)).max() == pytest.approx(0.6 * 32_768, rel=0.01)
    assert not np.array_equal(one, two)
    np.testing.assert_array_equal(crowds(streams, 1, seed=3)[0], one)
