"""CTC: what was spelled out in time comes back as text, by the greedy way and by the beam."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spelled import spelled
from wakeful.models.ctc import BeamSettings, beam, greedy, log_softmax
from wakeful.models.language_model import learn
from wakeful.models.letters import BLANK, OUTPUTS, SYMBOLS

WORD = st.text("abcdefghijklmnopqrstuvwxyz'", min_size=1, max_size=7)
TEXT = st.lists(WORD, min_size=1, max_size=5).map(" ".join)


@given(text=TEXT, seed=st.integers(0, 99))
def test_greedy_reads_what_was_spelled(text, seed):
    """Repeated symbols are one unless a blank lies between; each word lies within its letters."""
    heard = spelled(text, seed)
    found = greedy(heard)
    assert found.text == text
    assert len(found.spans) == len(text.split())
    flat = [step for span in found.spans for step in span]
    assert flat == sorted(flat)
    for word, (start, end) in zip(text.split(), found.spans, strict=True):
        assert SYMBOLS[heard[start].argmax()] == word[0]
        assert SYMBOLS[heard[end - 1].argmax()] == word[-1]


@settings(max_examples=25)
@given(text=TEXT, seed=st.integers(0, 99))
def test_the_beam_reads_the_same(text, seed):
    """Where there is no doubt, the best of the beam is the greedy reading, spans and all."""
    heard = spelled(text, seed)
    best = beam(heard, settings=BeamSettings(width=4))[0]
    assert best.text == text
    assert [end > start for start, end in best.spans] == [True] * len(text.split())


def likelihood(heard, text):
    """Of a text, by adding up every way to spell it: slow and sure."""
    total = 0.0
    for row in itertools.product(range(OUTPUTS), repeat=len(heard)):
        symbols = [n for n, _ in itertools.groupby(row) if n != BLANK]
        if "".join(SYMBOLS[n] for n in symbols) == text:
            total += math.exp(sum(heard[step, n] for step, n in enumerate(row)))
    return total


@pytest.mark.parametrize("text", ["a", "ab", "aa", "b"])
def test_a_beam_wide_enough_adds_up_every_way(text):
    """Its score is the logarithm of the text's likelihood, found by trying everything."""
    rng = np.random.default_rng(1)
    heard = log_softmax(rng.normal(size=(3, OUTPUTS)).astype(np.float32))
    found = {w.text: w.score for w in beam(heard, settings=BeamSettings(width=30_000, least=-99))}
    assert found[text] == pytest.approx(math.log(likelihood(heard, text)), abs=1e-4)


def test_the_beam_finds_what_greedy_misses():
    """A text that two ways share beats the likeliest single way."""
    heard = np.full((2, OUTPUTS), -20.0, np.float32)
    a = SYMBOLS.index("a")
    heard[:, BLANK], heard[:, a] = math.log(0.55), math.log(0.45)
    assert greedy(heard).text == ""
    assert beam(heard)[0].text == "a"


def test_a_language_model_decides_between_like_sounds():
    """Where the sound leaves it open, the words of one's own text win."""
    heard = spelled("turn the lamb on")
    b, p = SYMBOLS.index("b"), SYMBOLS.index("p")
    sure = heard[:, b] > -1
    heard[sure, p] = heard[sure, b] - 0.2
    assert beam(heard)[0].text == "turn the lamb on"
    model = learn(["turn the lamp on", "the lamp is on"])
    assert beam(heard, model)[0].text == "turn the lamp on"


def test_nothing_heard_is_nothing_written():
    """No steps and blanks alone are an empty text."""
    none = np.zeros((0, OUTPUTS), np.float32)
    assert greedy(none).text == ""
    assert beam(none)[0].text == ""
    assert greedy(spelled("")).text == ""
