"""What the page says of how straight the curve of many streams is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_tables import straightness

NUMBERS = (1, 10, 50, 100, 200, 400)


def found(cpu_s):
    """As `scale` keeps it; of some rounds the one in the middle counts."""
    return {
        "together": [
            {"streams": n, "cpu_s": [of_all / n * s for s in (9.0, 1.0, 0.5)]}
            for n, of_all in zip(NUMBERS, cpu_s, strict=True)
        ]
    }


def said(text):
    """Microseconds a stream, for all of them, and per cent."""
    return [float(n) for n in re.findall(r"-?\d+", text)[:3]]


@given(st.integers(1, 5000), st.integers(0, 5000))
def test_a_straight_line_is_told_as_one(slope, offset):
    """Whatever it costs to begin with."""
    line = found([1e-6 * (slope * n + offset) for n in NUMBERS])
    assert said(straightness(line)) == pytest.approx([slope, offset, 0], abs=1)


@given(st.sampled_from(NUMBERS[1:-1]), st.floats(1.2, 3))
def test_one_that_lies_beside_is_found(which, times):
    """By name, and about as far off as it is: the line goes a part of the way to it."""
    cpu_s = [1e-6 * (500 * n + 700) * (times if n == which else 1) for n in NUMBERS]
    text = straightness(found(cpu_s))
    assert 5 < said(text)[2] <= 100 * (times - 1)
