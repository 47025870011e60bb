"""What the engines are given: the same for all of them, and what its name says."""

import json
from pathlib import Path

import numpy as np
import pytest
from accuracy import Record, Task, heard_in, share_of
from conditions import _FAR, _NEAR, AFTER, Said, _rooms, conditions, noises
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.synth.levels import active_dbfs, rms_dbfs, to_float
from wakeful.synth.world import has_world
from wakeful.training.quiet_room import LEAD
from wakeful.training.takes import Take

pytest.importorskip("pyroomacoustics")
pytestmark = pytest.mark.skipif(not has_world(), reason="no synth extra")

ALL = {c.name: c for c in conditions(noises(None, []))}
CHEAP = [name for name in ALL if name not in ("near", "far")]


@pytest.fixture(scope="module")
def said(voice):
    """A sentence with a second of nothing before it; the word is its second half."""
    sound = np.concatenate([np.zeros(16_000, np.int16), voice])
    return Said(sound, ((16_000 + len(voice) // 2, len(sound)),))


@pytest.mark.parametrize("name", CHEAP)
def test_everybody_is_given_the_same(said, name):
    """A recording through a condition is the same sound each time, and another one otherwise."""
    first, again = ALL[name].heard(said, 3), ALL[name].heard(said, 3)
    np.testing.assert_array_equal(first.samples, again.samples)
    assert first.spans == again.spans
    if name.endswith("dB"):
        assert (first.samples != ALL[name].heard(said, 4).samples).any()


@pytest.mark.parametrize("name", CHEAP)
def test_the_word_lies_where_it_is_said_to_lie(said, name):
    """Its span is within the sound, with room behind it, and the longer the slower it is said."""
    heard = ALL[name].heard(said, 1)
    ((first, last),) = heard.spans
    assert LEAD < first < last <= len(heard.samples) - AFTER
    factor = {"slow": 1.3, "fast": 1 / 1.3}.get(name, 1.0)
    ((a, b),) = said.spans
    assert last - first == pytest.approx(factor * (b - a), abs=2)


@settings(max_examples=12)
@given(kind=st.sampled_from(["music", "traffic"]), number=st.integers(0, 999))
def test_noise_lies_as_far_below_the_word_as_its_name_says(said, kind, number):
    """What is left when the word is taken away is 10 dB below the word's own level."""
    clean, noisy = ALL["clean"].heard(said, number), ALL[f"{kind} 10 dB"].heard(said, number)
    ((a, b),) = clean.spans
    word = to_float(clean.samples)
    both = to_float(noisy.samples)
    # It may be turned down as a whole, so that the sum isn't clipped.
    scale = np.dot(both[a:b], word[a:b]) / np.dot(word[a:b], word[a:b])
    left = both / np.float32(scale) - word
    assert active_dbfs(word[a:b]) - rms_dbfs(left) == pytest.approx(10, abs=1.5)


def test_levels_and_the_telephone_are_what_they_are_called(said):
    """Quiet and loud differ by what they say; a telephone passes nothing above 4 kHz."""
    words = {}
    for name in ("quiet", "loud", "telephone"):
        heard = ALL[name].heard(said, 1)
        ((a, b),) = heard.spans
        words[name] = to_float(heard.samples[a:b])
    assert active_dbfs(words["quiet"]) < -44
    assert active_dbfs(words["loud"]) > -14
    power = np.abs(np.fft.rfft(words["telephone"])) ** 2
    edge = round(4_200 / 8_000 * len(power))
    assert power[edge:].sum() < 1e-3 * power.sum()


def test_far_is_more_echo_than_near(monkeypatch):
    """Across the room less of what arrives comes straight from the mouth."""
    monkeypatch.setattr("conditions._ROOMS", 2)
    _rooms.cache_clear()
    straight_db = {
        metres: np.median([_straight_db(response) for response in _rooms(*metres)])
        for metres in (_NEAR, _FAR)
    }
    _rooms.cache_clear()
    assert straight_db[_NEAR] > straight_db[_FAR] + 6


def _straight_db(response):
    """The first 2.5 ms against all that follows."""
    return 10 * np.log10(np.sum(response[:40] ** 2) / np.sum(response[40:] ** 2))


def test_what_has_been_done_is_not_done_again(tmp_path):
    """A record that is opened again knows every row that was added; half a run goes on."""
    path = tmp_path / "new" / "accuracy-x.jsonl"
    Record(path).add(Task("wakeful", "clean"), heard=[1])
    again = Record(path)
    assert again.has(Task("wakeful", "clean"))
    assert not again.has(Task("porcupine", "clean"))
    again.add(Task("porcupine", "clean"), heard=[0])
    assert [json.loads(line)["engine"] for line in path.read_text().splitlines()] == [
        "wakeful",
        "porcupine",
    ]


def test_a_firing_is_a_words_only_in_its_time(said):
    """From its beginning to a second after its end; without labels, anywhere."""
    ((a, b),) = said.spans
    fired = [[a - 1], [a], [b + AFTER], [b + AFTER + 1], []]
    assert heard_in(said, fired) == [[False], [True], [True], [False], [False]]
    assert heard_in(Said(said.samples, ()), [[5], []]) == [[True], [False]]


@given(count=st.integers(0, 40), there=st.integers(0, 30))
def test_a_share_is_drawn_once_for_all(count, there):
    """As many as asked for or as there are, each under its own number, the same each time."""
    takes = [Take(Path(f"{n}.wav"), str(n)) for n in range(there)]
    chosen = share_of(takes, count)
    assert chosen == share_of(takes, count)
    assert len(chosen) == min(count, there)
    assert all(takes[number] is take for number, take in chosen)
