"""Examples: labels sit where the word ends, and making them in parallel changes nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.models.frontend import FrontEnd, FrontEndConfig
from wakeful.synth.mixture import compose
from wakeful.synth.palette import Clip, Palette
from wakeful.training.examples import MASKED, ExampleMaker, LabelSettings, label_steps

STEP = 480


def test_labels_around_a_word_end() -> None:
    """20 to 230 ms after is the word; around that unsure, then plainly not."""
    labels = label_steps(16_000, 84, STEP)
    after_ms = (np.arange(1, 85) * STEP - 16_000) / 16
    assert set(after_ms[labels == 1]) == {a for a in after_ms if 20 <= a <= 230}
    assert not labels[after_ms < -180].any()
    assert not labels[after_ms > 480].any()
    assert (labels[(after_ms >= -180) & (after_ms < 20)] == MASKED).all()
    assert (labels[(after_ms > 230) & (after_ms <= 480)] == MASKED).all()


@given(st.integers(0, 40_320), st.integers(1, 100))
def test_labels_are_silent_masked_word_masked_silent(word_end: int, steps: int) -> None:
    """In that order and no other, wherever the word ends; a word that ends late may be cut."""
    labels = label_steps(word_end, steps, STEP)
    runs = [int(label) for i, label in enumerate(labels) if i == 0 or label != labels[i - 1]]
    whole = [0, MASKED, 1, MASKED, 0]
    assert any(runs == whole[a:b] for a in range(5) for b in range(a + 1, 6))


def test_without_the_word_nothing_is_labelled() -> None:
    """A negative has no step that is left out either."""
    assert not label_steps(None, 84, STEP).any()


@given(st.floats(0, 0.2), st.floats(0.01, 0.3))
def test_every_whole_word_in_the_middle_has_a_word_step(before_s: float, after_s: float) -> None:
    """As long as the window is no shorter than a step."""
    settings = LabelSettings(from_s=-before_s, to_s=after_s + 0.03)
    assert (label_steps(20_000, 84, STEP, settings) == 1).any()


@pytest.fixture(scope="module")
def maker(voice: np.ndarray) -> ExampleMaker:
    """Two front ends over mixtures of one sentence, its first half posing as the word."""
    clip = Clip(voice[: len(voice) // 2], 0, len(voice) // 2)
    palette = Palette([clip], [], [Clip(voice)], [])
    configs = [FrontEndConfig(), FrontEndConfig(normalisation="log")]
    return ExampleMaker(palette, configs, stride=3, seed=5)


def test_two_processes_make_what_one_makes(maker: ExampleMaker) -> None:
    """To the bit: an example depends on its number and the seed alone."""
    one, two = maker.make(70, processes=1), maker.make(70, processes=2)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a.features, b.features)
        np.testing.assert_array_equal(a.labels, b.labels)


def test_making_some_then_more_is_making_all(maker: ExampleMaker) -> None:
    """Examples can be made in shards."""
    whole, (first, *_), (rest, *_) = maker.make(12)[0], maker.make(5), maker.make(7, first=5)
    np.testing.assert_array_equal(whole.features, np.concatenate([first.features, rest.features]))


def test_every_front_end_sees_the_same_mixtures(maker: ExampleMaker) -> None:
    """Features are each front end's own of one and the same sound."""
    for number in range(3):
        samples = compose(maker.draw(number), maker.palette)
        for made, config in zip(maker.make(3), maker.frontends, strict=True):
            expected = FrontEnd(config).whole(samples).astype(np.float16)
            np.testing.assert_array_equal(made.features[number], expected)


def test_labels_and_features_fit_together(maker: ExampleMaker) -> None:
    """A third as many steps as frames; about as many words as were asked for."""
    made = maker.make(200)[0]
    assert made.features.shape == (200, 252, 40)
    assert made.labels.shape == (200, 84)
    assert 25 <= (made.labels == 1).any(axis=1).sum() <= 80
