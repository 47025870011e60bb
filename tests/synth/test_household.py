"""Mixtures with all there is: banked rooms, crowds, televisions, devices, and bad noise."""

import hashlib
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from wakeful.synth.babble import Crowd, Talker
from wakeful.synth.backdrop import Backdrop
from wakeful.synth.codec import Codec
from wakeful.synth.device import Device
from wakeful.synth.levels import rms_dbfs, to_float, to_int16
from wakeful.synth.mixture import Mixture, MixtureSettings, Placement, compose, draw_mixture
from wakeful.synth.mixture_settings import HOUSEHOLD
from wakeful.synth.noise import coloured
from wakeful.synth.palette import Clip, Palette, PaletteError
from wakeful.synth.room import BankedRoom, Room
from wakeful.training.corpus import CorpusError, read_folders

SECOND = 16_000
EVERYTHING = MixtureSettings(
    room_share=1.0, crowd_share=1.0, television_share=1.0, device_share=1.0
)


def syllables(seconds: float, seed: int) -> Clip:
    """Noise that comes and goes: speech for whoever doesn't listen."""
    length = round(seconds * SECOND)
    sound = coloured("pink", length, np.random.default_rng(seed))
    sound *= np.float32(0.05) * (np.sin(np.arange(length) / 1_300) > -0.5)
    return Clip(to_int16(sound), 0, length)


def response(direct_db: float, seed: int) -> np.ndarray:
    """A banked room: direct sound first."""
    return Room(0.3, direct_db, 0.003, seed).response()


PALETTE = Palette(
    word=[syllables(0.7, 1)],
    hard=[syllables(0.6, 2)],
    speech=[syllables(4.0, 3), syllables(2.0, 4)],
    noise=[syllables(5.0, 5)],
    rooms=[response(3.0, 1), response(-3.0, 2), np.ones(1, np.float32)],
)
BARE = Mixture("word", 2 * SECOND, (), (), None, None, -20.0, seed=0)
WORD = (Placement("word", 0, 0, 11_200, 8_000),)


@given(st.integers(0, 2**32))
@examples(max_examples=25, deadline=None)
def test_everything_at_once_is_as_long_as_asked_and_the_same_again(seed: int) -> None:
    """A mixture that is written down can be heard again, encoders included."""
    drawn = draw_mixture(np.random.default_rng(seed), PALETTE, EVERYTHING)
    assert drawn == draw_mixture(np.random.default_rng(seed), PALETTE, EVERYTHING)
    assert drawn.room
    assert drawn.crowd
    assert drawn.television
    assert drawn.device
    samples = compose(drawn, PALETTE)
    assert samples.shape == (EVERYTHING.length,)
    assert samples.dtype == np.int16
    np.testing.assert_array_equal(samples, compose(drawn, PALETTE))


@given(st.integers(0, 2**32))
@examples(deadline=None)
def test_what_is_off_by_default_changes_nothing_that_is_on(seed: int) -> None:
    """With a household's extras the words, rooms, noises and levels of a seed stay."""
    plain, full = (draw_mixture(np.random.default_rng(seed), PALETTE, s) for s in (None, HOUSEHOLD))
    assert replace(full, crowd=None, television=None, device=None) == plain


def test_without_a_bank_a_seed_sounds_as_it_always_did() -> None:
    """Drawn values of a seed, written down when there was nothing else to draw."""
    bare = replace(PALETTE, rooms=())
    drawn = [draw_mixture(np.random.default_rng([7, n]), bare) for n in range(40)]
    told = repr([(m.kind, m.placements, m.room, m.equaliser, m.level_dbfs, m.seed) for m in drawn])
    assert hashlib.sha256(told.encode()).hexdigest()[:16] == "1a0167f14f811e41"


def test_of_a_bank_some_rooms_are_drawn_and_some_stay_cheap() -> None:
    """Each of the bank's, in the share that is set."""
    settings = MixtureSettings(room_share=1.0, banked_share=0.6)
    rooms = [draw_mixture(np.random.default_rng(n), PALETTE, settings).room for n in range(600)]
    banked = [room for room in rooms if isinstance(room, BankedRoom)]
    assert {room.number for room in banked} == {0, 1, 2}
    assert len(banked) / 600 == pytest.approx(0.6, abs=0.06)


def test_a_banked_room_is_heard_and_delays_nothing() -> None:
    """A room that is one sample changes nothing; another answers after the word alone."""
    dry = replace(BARE, placements=WORD)
    same = compose(replace(dry, room=BankedRoom(2)), PALETTE)
    assert np.abs(same.astype(int) - compose(dry, PALETTE)).max() <= 1
    wet = to_float(compose(replace(dry, room=BankedRoom(1)), PALETTE))
    assert not wet[:8_000].any()
    assert rms_dbfs(wet[19_200:20_800]) > -45


@pytest.mark.parametrize("snr_db", [0.0, 12.0, 30.0])
def test_a_crowd_lies_as_far_below_as_drawn(snr_db: float) -> None:
    """Measured where nothing else is said."""
    crowd = Crowd(snr_db, tuple(Talker(n % 2, 7_000 * n, 0.0) for n in range(6)))
    samples = compose(replace(BARE, placements=WORD, crowd=crowd), PALETTE)
    alone = to_float(samples) - to_float(compose(replace(BARE, placements=WORD), PALETTE))
    assert rms_dbfs(alone) == pytest.approx(-20.0 - snr_db, abs=0.7)


def test_a_device_comes_last_and_leaves_the_word_where_its_label_is() -> None:
    """200 ppm and a telephone later, the word's end is where it was."""
    plain = replace(BARE, placements=WORD, word_end=19_200)
    device = Device(drift_ppm=200.0, codec=Codec("mu-law"))
    courses = [
        np.convolve(to_float(compose(m, PALETTE)) ** 2, np.ones(160) / 160, "same")
        for m in (plain, replace(plain, device=device))
    ]
    ends = [int(np.flatnonzero(c > 0.02 * c.max())[-1]) for c in courses]
    assert abs(ends[0] - ends[1]) <= 16


def mixed_with(noise: Clip, snr_db: float = 10.0) -> np.ndarray:
    """The word over one recording of noise."""
    palette = replace(PALETTE, noise=[noise])
    backdrop = Backdrop(snr_db, None, "noise", 0, 0)
    return compose(replace(BARE, placements=WORD, backdrops=(backdrop,)), palette)


def test_silent_noise_adds_nothing() -> None:
    """No division by a level of zero, and the word is what it is without."""
    heard = mixed_with(Clip(np.zeros(100, np.int16)))
    np.testing.assert_array_equal(heard, compose(replace(BARE, placements=WORD), PALETTE))


def test_a_recording_of_next_to_nothing_is_not_turned_up_to_full_level() -> None:
    """Its last bit, once in a second, stays below what is said by more than was drawn."""
    samples = np.zeros(2 * SECOND, np.int16)
    samples[::SECOND] = 1
    quiet = compose(replace(BARE, placements=WORD), PALETTE)
    added = to_float(mixed_with(Clip(samples), snr_db=0.0)) - to_float(quiet)
    assert np.abs(added).max() < 0.05


def test_noise_of_no_length_at_all_is_one_line() -> None:
    """An empty file among others is never drawn; nothing but empty files is said before mixing."""
    empty = Clip(np.zeros(0, np.int16))
    with pytest.raises(PaletteError, match="every recording of noise is empty"):
        replace(PALETTE, noise=[empty])
    some = replace(PALETTE, noise=[empty, syllables(0.01, 1), empty])
    rng = np.random.default_rng(0)
    assert {some.draw("noise", rng) for _ in range(50)} == {1}


@given(st.integers(1, 400), st.integers(0, 2**32))
@examples(max_examples=25, deadline=None)
def test_noise_much_shorter_than_the_mixture_fills_it(length: int, seed: int) -> None:
    """Over and over, from wherever it was begun."""
    rng = np.random.default_rng(seed)
    noise = Clip(rng.integers(-3_000, 3_000, length).astype(np.int16))
    palette = replace(PALETTE, noise=[noise])
    start = int(rng.integers(length))
    heard = palette.excerpt("noise", 0, start, 5_000)
    np.testing.assert_array_equal(heard, to_float(np.resize(np.roll(noise.samples, -start), 5_000)))


@pytest.mark.parametrize(
    ("suffix", "subtype", "rate_hz", "channels"),
    [
        (".wav", "PCM_U8", 8_000, 1),
        (".wav", "PCM_24", 48_000, 2),
        (".wav", "ULAW", 8_000, 1),
        (".flac", "PCM_16", 22_050, 6),
        (".ogg", "VORBIS", 32_000, 2),
    ],
)
def test_noise_of_any_format_and_rate_is_mixed(
    tmp_path: Path, suffix: str, subtype: str, rate_hz: int, channels: int
) -> None:
    """Half a second of it fills two, at the drawn level."""
    rng = np.random.default_rng(1)
    recorded = 0.1 * rng.standard_normal((rate_hz // 2, channels)).cumsum(axis=0) / 20
    soundfile.write(tmp_path / f"fan{suffix}", recorded, rate_hz, subtype)
    (noise,) = read_folders([tmp_path])
    assert len(noise.samples) == pytest.approx(SECOND // 2, abs=2)
    added = to_float(mixed_with(noise)) - to_float(mixed_with(Clip(np.zeros(9, np.int16))))
    assert rms_dbfs(added) == pytest.approx(-30.0, abs=0.5)


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", b"no sound", struct.pack("<4sI4s", b"RIFF", 4, b"WAVE")]
)
def test_corrupt_noise_is_one_line_with_its_name(tmp_path: Path, content: bytes) -> None:
    """And what to do about it."""
    (tmp_path / "broken.wav").write_bytes(content)
    with pytest.raises(CorpusError, match=r"broken\.wav: not readable.*take it away") as caught:
        read_folders([tmp_path])
    assert "\n" not in str(caught.value)
