"""Silence and clicks at the ends of a clip: what is said stays, whatever lies around it."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from wakeful.synth.trim import trimmed

FRAME = 160


def word(frames: int) -> np.ndarray:
    """Something that sounds for so many frames of 10 ms."""
    return np.tile(np.array([0.5, -0.5], np.float32), frames * FRAME // 2)


def quiet(frames: int) -> np.ndarray:
    """Nothing."""
    return np.zeros(frames * FRAME, np.float32)


@given(
    before=st.integers(2, 60),
    said=st.integers(6, 80),
    behind=st.integers(22, 90),
    click=st.integers(1, 5),
    first=st.booleans(),
)
def test_a_click_far_from_the_word_goes(
    before: int, said: int, behind: int, click: int, first: bool
) -> None:
    """Behind the word, or before it: the clip is what is said, and 10 ms on either side."""
    parts = [quiet(before), word(said), quiet(behind), word(click), quiet(2)]
    found = trimmed(np.concatenate(parts[::-1] if first else parts))
    np.testing.assert_array_equal(found, np.concatenate([quiet(1), word(said), quiet(1)]))


@given(said=st.integers(6, 80), pause=st.integers(1, 18), last=st.integers(1, 5))
def test_a_last_consonant_after_a_stop_stays(said: int, pause: int, last: int) -> None:
    """The "t" of "activate", which follows a moment of silence, belongs to the word."""
    spoken = np.concatenate([word(said), quiet(pause), word(last)])
    found = trimmed(np.concatenate([quiet(9), spoken, quiet(30)]))
    np.testing.assert_array_equal(found, np.concatenate([quiet(1), spoken, quiet(1)]))


@given(st.lists(st.integers(1, 40), min_size=1, max_size=9))
@example([1, 25, 5])
def test_something_is_always_left(lengths: list[int]) -> None:
    """Of sounds and pauses of any lengths the longest sound is never taken off."""
    parts = [word(n) if i % 2 == 0 else quiet(n) for i, n in enumerate(lengths)]
    longest = max(lengths[::2])
    found = trimmed(np.concatenate([quiet(3), *parts, quiet(3)]))
    assert np.count_nonzero(found) >= longest * FRAME
