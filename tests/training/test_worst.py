"""The worst of what was held out: found wherever it is, and named by the right recording."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth.palette import Clip
from wakeful.training.measure import PAUSE, joined
from wakeful.training.worst import Places, least_sure, near_words, peaks

SCORES = st.lists(
    st.lists(st.floats(0, 1), max_size=30).map(lambda s: np.array(s, np.float64)), max_size=4
)


@given(SCORES, st.integers(0, 8), st.integers(1, 6))
def test_peaks_are_the_highest_and_apart(streams: list[np.ndarray], apart: int, most: int) -> None:
    """The first is the highest of all; no two of a stream are near; nothing higher is left out."""
    before = [s.copy() for s in streams]
    found = peaks(streams, apart, most)
    assert all(np.array_equal(a, b) for a, b in zip(streams, before, strict=True))
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)
    assert all(streams[p.stream][p.step] == p.score >= 0.05 for p in found)
    for stream in range(len(streams)):
        steps = sorted(p.step for p in found if p.stream == stream)
        assert all(b - a > apart for a, b in itertools.pairwise(steps))
    if len(found) < most:
        near = [
            (p.stream, step) for p in found for step in range(p.step - apart, p.step + apart + 1)
        ]
        rest = [
            score
            for n, scores in enumerate(streams)
            for step, score in enumerate(scores)
            if (n, step) not in near
        ]
        assert max(rest, default=0.0) < 0.05


@given(st.lists(st.integers(1, 40_000), min_size=1, max_size=8), st.floats(0.1, 4), st.data())
def test_a_place_is_the_recording_that_sounds_there(
    lengths: list[int], stream_s: float, data: st.DataObject
) -> None:
    """Every sample of every stream belongs to the recording whose sample it is."""
    clips = [Clip(np.full(n, i + 1, np.int16), name=str(i)) for i, n in enumerate(lengths)]
    streams = joined(clips, stream_s)
    places = Places(clips, [len(s) for s in streams])
    stream = data.draw(st.integers(0, len(streams) - 1))
    sample = data.draw(st.integers(0, len(streams[stream]) - 1))
    clip, at_s = places.of(stream, sample)
    value = streams[stream][sample]
    assert 0 <= at_s < (len(clip.samples) + PAUSE) / 16_000
    assert value == (clip.samples[0] if at_s * 16_000 < len(clip.samples) - 0.5 else 0)


def test_missed_words_come_least_sure_first() -> None:
    """What reaches the threshold is not missed, and an empty one is missed first."""
    words = [np.array([0.1, 0.6]), np.array([0.9]), np.array([0.2]), np.zeros(0)]
    assert least_sure(words, 0.6, 10) == [3, 2]
    assert least_sure(words, 0.95, 3) == [3, 2, 0]


def test_near_words_that_fire_are_counted_by_text() -> None:
    """Most often first; of equals what is said less often, which fires the larger share."""
    texts = ["active", "active", "captive", "cultivate", "captive", "captive"]
    scores = [np.array([s]) for s in (0.9, 0.8, 0.7, 0.1, 0.95, 0.2)]
    found = near_words(texts, scores, 0.5)
    assert [(n.text, n.said, n.fired) for n in found] == [("active", 2, 2), ("captive", 3, 2)]
    assert [n.highest for n in found] == pytest.approx([0.9, 0.95])
    assert near_words(texts, scores, 0.96) == []
