"""Crowds and televisions: everyone at the drawn level, nobody turned up for saying nothing."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from wakeful.synth.babble import Crowd, Talker, draw_crowd, draw_talkers, talking
from wakeful.synth.dynamics import Compressor
from wakeful.synth.levels import active_dbfs, rms_dbfs, to_int16
from wakeful.synth.music import Tune, draw_tune
from wakeful.synth.palette import Clip, Palette
from wakeful.synth.spectrum import Equaliser
from wakeful.synth.television import Television, draw_television

SECOND = 16_000
FLAT = Compressor(200.0, 1.5)


def tone(hz: float, seconds: float, size: float = 0.3) -> Clip:
    """A sine: a talker who is told from the others by his pitch."""
    time_s = np.arange(round(seconds * SECOND)) / SECOND
    return Clip(to_int16((size * np.sin(2 * np.pi * hz * time_s)).astype(np.float32)))


SILENT = Clip(np.zeros(SECOND, np.int16))
PALETTE = Palette(
    word=[tone(900, 0.5)],
    hard=[],
    speech=[tone(200, 2.0), tone(300, 3.0, 0.01), tone(400, 0.5), SILENT],
    noise=[],
)
TUNE = Tune(220.0, (0, 4, 7), 0.25, 0.8, (1.0, 0.5), seed=3)


def strength(sound: np.ndarray, hz: float) -> float:
    """The RMS of a tone in it."""
    wave = np.exp(2j * np.pi * hz * np.arange(len(sound)) / SECOND)
    return float(abs(sound @ wave) / len(sound) * np.sqrt(2))


def test_each_talker_has_the_drawn_level_whatever_his_recording_had() -> None:
    """A shouter at 1.0 RMS and a whisperer 6 dB below, from the first sample to the last."""
    heard = talking((Talker(0, 100, 0.0), Talker(1, 40_000, -6.0)), PALETTE, 2 * SECOND)
    for part in (heard[:SECOND], heard[SECOND:]):
        assert strength(part, 200) == pytest.approx(1.0, abs=0.03)
        assert strength(part, 300) == pytest.approx(0.5, abs=0.03)


def test_a_talker_begins_where_he_was_drawn_to() -> None:
    """The offset is into his recording."""
    one, later = (talking((Talker(0, start, 0.0),), PALETTE, 4_000) for start in (0, 100))
    np.testing.assert_allclose(one[100:], later[:-100], atol=2e-3)


def test_who_says_nothing_is_silent() -> None:
    """Silence isn't amplified, nor is it an error."""
    assert not talking((Talker(3, 500, 0.0),), PALETTE, SECOND).any()
    assert not talking((), PALETTE, SECOND).any()


@given(st.integers(0, 2**32), st.integers(1, 12))
@examples(deadline=None)
def test_as_many_talk_as_asked_and_each_from_inside_his_recording(seed: int, count: int) -> None:
    """The farthest 12 dB below the nearest."""
    drawn = draw_talkers(np.random.default_rng(seed), PALETTE, count)
    assert len(drawn) == count
    for talker in drawn:
        assert 0 <= talker.start < len(PALETTE.speech[talker.number].samples)
        assert -12.0 <= talker.gain_db <= 0.0


def test_a_crowd_is_no_duet() -> None:
    """Four to ten, and every number of them."""
    rng = np.random.default_rng(0)
    sizes = {len(draw_crowd(rng, PALETTE, 10.0).talkers) for _ in range(200)}
    assert sizes == set(range(4, 11))


@given(st.integers(0, 2**32), st.integers(400, 20_000))
@examples(max_examples=30, deadline=None)
def test_whatever_is_drawn_is_finite_and_the_same_again(seed: int, length: int) -> None:
    """Crowds and televisions, of any length."""
    rng = np.random.default_rng(seed)
    crowd, television = draw_crowd(rng, PALETTE, 9.0), draw_television(rng, PALETTE, 9.0)
    for heard, again in (
        (crowd.sound(PALETTE, length), crowd.sound(PALETTE, length)),
        tuple(television.sound(PALETTE, length, np.random.default_rng(1)) for _ in range(2)),
    ):
        assert heard.shape == (length,)
        assert heard.dtype == np.float32
        assert np.abs(heard).max() < 100
        np.testing.assert_array_equal(heard, again)


@pytest.mark.parametrize("bed", [TUNE, "pink"])
@pytest.mark.parametrize("bed_db", [-20.0, -6.0])
def test_the_bed_lies_as_far_below_the_talker_as_drawn(bed, bed_db: float) -> None:
    """Whether it is music or noise."""
    on = Television(0.0, (Talker(0, 0, 0.0),), bed, bed_db, FLAT, Equaliser())
    alone = replace(on, bed_db=-200.0)
    one, other = (t.sound(PALETTE, 2 * SECOND, np.random.default_rng(1)) for t in (on, alone))
    assert rms_dbfs(one - other) - active_dbfs(other) == pytest.approx(bed_db, abs=0.1)


def test_the_loudspeaker_is_small_and_what_is_on_is_pressed_flat() -> None:
    """No lows come out, and the loud half of the show is nearer to the quiet one than it was."""
    speaker = Equaliser(low_cut_hz=400.0)
    thin = Television(0.0, (Talker(0, 0, 0.0),), "white", -60.0, FLAT, speaker)
    full = replace(thin, loudspeaker=Equaliser())
    low, whole = (t.sound(PALETTE, SECOND, np.random.default_rng(1)) for t in (thin, full))
    assert strength(low, 200) < 0.1 * strength(whole, 200)
    flat = replace(full, compressor=Compressor(-12.0, 8.0, 1.0, 1.0))
    pressed = flat.sound(PALETTE, SECOND, np.random.default_rng(1))
    assert rms_dbfs(pressed) == pytest.approx(-12.0 + 12.0 / 8, abs=0.6)


def test_a_television_on_which_nobody_speaks_still_plays() -> None:
    """A talker's silence doesn't turn the music up or away."""
    on = Television(0.0, (Talker(3, 0, 0.0),), TUNE, -6.0, FLAT, Equaliser())
    heard = on.sound(PALETTE, SECOND, np.random.default_rng(1))
    assert rms_dbfs(heard) == pytest.approx(-6.0, abs=0.1)


def test_a_tune_is_made_of_its_notes() -> None:
    """All that sounds is in the key, at whole multiples of notes of three octaves."""
    heard = replace(TUNE, overtones=(1.0,), decay_s=4.0).sound(8 * SECOND)
    power = np.abs(np.fft.rfft(heard * np.hanning(len(heard)))) ** 2
    hz = np.arange(len(power)) / 8
    steps = 12 * np.log2(np.maximum(hz, 1.0) / 220.0)
    in_key = np.zeros(len(hz), bool)
    for step in (0, 4, 7):
        in_key |= np.abs((steps - step + 6) % 12 - 6) < 0.3
    assert power[in_key].sum() > 0.97 * power.sum()


@given(st.integers(0, 2**32), st.integers(0, 30_000), st.integers(0, 30_000))
@examples(max_examples=30, deadline=None)
def test_a_tune_of_any_length_begins_alike_and_never_sounds_above_its_overtones(
    seed: int, one: int, other: int
) -> None:
    """The shorter is the longer's beginning."""
    tune = draw_tune(np.random.default_rng(seed))
    short, long = sorted((one, other))
    np.testing.assert_array_equal(tune.sound(short), tune.sound(long)[:short])
    assert 55.0 * 0.99 <= tune.root_hz <= 110.0 * 1.01


def test_a_crowd_says_how_far_below_it_is() -> None:
    """Its level is the mixture's business, not its own."""
    crowd = Crowd(12.0, (Talker(0, 0, 0.0),))
    loud = crowd.sound(PALETTE, SECOND)
    np.testing.assert_array_equal(loud, replace(crowd, snr_db=3.0).sound(PALETTE, SECOND))
