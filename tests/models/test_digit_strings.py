"""Digits read from sound: however it is cut, the same; a clear string is what was said."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.models.digit_strings import LEAD_FRAMES, TAIL_FRAMES, DigitReader, Reading
from wakeful.models.frontend import FrontEndConfig
from wakeful.training.export import Origin, save_step

pytestmark = pytest.mark.tensorflow
digits = pytest.importorskip("wakeful.models.digits", exc_type=ImportError)
streaming = pytest.importorskip("wakeful.models.streaming", exc_type=ImportError)
keras = pytest.importorskip("keras", exc_type=ImportError)

LABELS = [*digits.DIGITS, "_unknown_", "_silence_"]
RATE_HZ = 16_000


@pytest.fixture(scope="module")
def reader(tmp_path_factory) -> DigitReader:
    """A small network of any weights, but for what it answers most of the time: the blank."""
    keras.utils.set_random_seed(3)
    net = digits.digits_default(
        digits.DigitSize(first_filters=8, second_filters=8, units=12, recurrent_layers=1)
    )
    last = net.get_layer("tokens")
    bias = np.zeros(12, np.float32)
    bias[-1] = 2.0
    last.set_weights([last.get_weights()[0] * 4, bias])
    step = streaming.convert(net, 6, values=12)
    stem = tmp_path_factory.mktemp("bundle") / "small"
    origin = Origin(measured={"temperature": 2.0})
    return DigitReader(save_step(stem, step, "digits", LABELS, FrontEndConfig(), origin))


def sound(seconds: float, seed: int = 1) -> np.ndarray:
    """Bursts of noise, as loud as speech."""
    rng = np.random.default_rng(seed)
    count = int(seconds * RATE_HZ)
    loud = np.repeat(rng.random(count // 1_600 + 1) > 0.5, 1_600)[:count]
    return (rng.normal(size=count) * 0.1 * loud).astype(np.float32)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 9_000), max_size=12), st.integers(0, 99))
def test_however_it_is_cut_the_reading_is_the_same(reader, cuts, seed) -> None:
    """To the bit: rows, text, confidence and places."""
    samples = (sound(1.5, seed) * 32_768).astype(np.int16)
    state = reader.new_state()
    at = 0
    for cut in cuts:
        reader.feed(state, samples[at : at + cut])
        at += cut
    reader.feed(state, samples[at:])
    found = reader.reading(state, len(samples) / RATE_HZ)
    assert found == reader.read(samples)


def test_rows_cover_the_clip_and_the_silence_around_it(reader) -> None:
    """A row each 30 ms, each a set of probabilities."""
    rows = reader.rows(sound(1.2))
    assert rows.shape == ((LEAD_FRAMES + 120 + TAIL_FRAMES) // 3, 12)
    np.testing.assert_allclose(np.exp(rows).sum(axis=1), 1, rtol=1e-4)


def test_every_label_is_ranked_with_its_probability(reader) -> None:
    """Best first, all of them, a sum of one."""
    ranked = reader.rank(sound(0.6))
    assert sorted(label for label, _ in ranked) == sorted(LABELS)
    shares = [share for _, share in ranked]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1)


@pytest.mark.parametrize("length", [0, 1, 959, 961])
def test_hardly_any_sound_is_read_too(reader, length: int) -> None:
    """No clip is too short to be answered."""
    found = reader.read(np.zeros(length, np.float32))
    assert isinstance(found, Reading)
    assert 0 < found.confidence <= 1


@settings(max_examples=25)
@given(st.integers(0, 999), st.floats(0.2, 2.5))
def test_places_lie_in_the_sound_and_follow_each_other(reader, seed, seconds) -> None:
    """One for each token, in order, none of them empty or beyond the end."""
    found = reader.read(sound(seconds, seed))
    length_s = int(seconds * RATE_HZ) / RATE_HZ
    assert [s.label for s in found.spans if s.label != "_unknown_"] == found.text.split()
    ends = [0.0]
    for span in found.spans:
        assert 0 <= span.start_s <= span.end_s <= length_s + 1e-3
        assert span.end_s >= ends[-1]
        ends.append(span.end_s)


def test_two_streams_do_not_touch(reader) -> None:
    """Fed in turns, each reads what it would alone."""
    one, two = ((sound(1.0, seed) * 32_768).astype(np.int16) for seed in (4, 5))
    states = reader.new_state(), reader.new_state()
    for at in range(0, 16_000, 700):
        reader.feed(states[0], one[at : at + 700])
        reader.feed(states[1], two[at : at + 700])
    assert reader.reading(states[0], 1.0) == reader.read(one)
    assert reader.reading(states[1], 1.0) == reader.read(two)
