"""Faults: a clip is kept unless its sound alone shows that it is of no use."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth.faults import expected_s, fault_of

NOISE = (np.random.default_rng(0).normal(size=80_000) * 0.1).astype(np.float32)


def test_useless_clips_are_known():
    """Silence, a click, and what is no number are silent; too much or too little is told."""
    word = NOISE[:12_000]
    assert fault_of(word, "activate") == ""
    assert fault_of(word * 0, "activate") == "silent"
    assert fault_of(word[:0], "activate") == "silent"
    assert fault_of(word[:500], "go") == "silent"
    assert fault_of(word * np.float32(np.nan), "activate") == "silent"
    assert fault_of(NOISE, "activate") == "too long"
    assert fault_of(NOISE, "It rained until noon, so we stayed in bed.") == ""
    assert fault_of(word, "It rained until noon, so we stayed in bed.") == "too short"


@pytest.mark.parametrize("gain", [0.3, 1.0, 4.0])
def test_a_flat_top_is_clipped_at_any_level(gain):
    """Where an engine clipped and was made quieter afterwards, the tops are still flat."""
    whole = NOISE[:12_000]
    clipped = np.clip(whole, -0.2, 0.2) * np.float32(gain)
    assert fault_of(clipped, "activate") == "clipped"
    assert fault_of(whole * np.float32(gain), "activate") == ""


@given(st.text("abc 123.,é日", max_size=60), st.text("ab 9", min_size=1, max_size=9))
def test_more_to_say_never_takes_less(text, more):
    """The bounds grow with the text, and leave room between them."""
    shortest, longest = expected_s(text)
    assert 0 <= shortest < longest
    assert expected_s(text + more)[0] >= shortest
    assert expected_s(text + more)[1] >= longest


@given(st.floats(0.1, 5.0))
def test_length_decides_at_its_bounds(seconds):
    """Between the shortest and the longest it passes, outside it is told which."""
    sound = NOISE[: int(seconds * 16_000)]
    shortest, longest = expected_s("activate")
    fault = fault_of(sound, "activate")
    if len(sound) < shortest * 16_000:
        assert fault in ("silent", "too short")
    else:
        assert fault == ("too long" if len(sound) / 16_000 > longest else "")
