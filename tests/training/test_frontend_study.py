"""The study's changes of sound are the ones that its table names."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth.levels import active_dbfs, peak_dbfs, to_float, to_int16
from wakeful.synth.noise import coloured
from wakeful.synth.palette import Clip
from wakeful.training.frontend_study import (
    VARIANTS,
    after_a_jump,
    as_it_is,
    shouted,
    whispered,
)
from wakeful.training.noisy import with_noise

NOISE = [Clip(to_int16(coloured("pink", 30_000, np.random.default_rng(n)) * 0.1)) for n in (1, 2)]


def test_a_whisper_and_a_shout_have_their_levels(voice: np.ndarray) -> None:
    """-45 dBFS where it sounds; a peak of -0.5 dBFS; and the recording as it is."""
    assert active_dbfs(to_float(whispered(voice))) == pytest.approx(-45, abs=0.1)
    assert peak_dbfs(to_float(shouted(voice))) == pytest.approx(-0.5, abs=0.01)
    np.testing.assert_array_equal(as_it_is(voice), voice)


@given(st.floats(0, 20))
def test_noise_lies_so_far_below_what_is_said(snr_db: float) -> None:
    """Measured by taking the clean sound away again."""
    clean = to_int16((0.1 * np.sin(np.arange(16_000) / 7)).astype(np.float32))
    (noisy,) = with_noise([clean], NOISE, snr_db, seed=1)
    noise = to_float(noisy) - to_float(clean)
    found_db = 10 * np.log10(np.mean(to_float(clean) ** 2) / np.mean(noise**2))
    assert found_db == pytest.approx(snr_db, abs=0.3)


def test_noise_is_the_same_for_every_variant(voice: np.ndarray) -> None:
    """Or the table would compare different tests."""
    one, two = (with_noise([voice, voice], NOISE, 10.0, seed=4) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("jump_db", [-20.0, 20.0])
def test_a_jump_is_as_high_as_named(voice: np.ndarray, jump_db: float) -> None:
    """Two seconds of speech, then the clip, so much louder."""
    before = np.tile(voice, 2)
    (both,) = after_a_jump([voice], [before], jump_db)
    assert len(both) == 32_000 + len(voice)
    first, second = active_dbfs(to_float(both[:32_000])), active_dbfs(to_float(both[32_000:]))
    assert second - first == pytest.approx(jump_db, abs=1.0)


def test_all_variants_take_blocks_of_one_length() -> None:
    """They are all candidates for what ships, and differ in normalisation alone."""
    assert len({(v.hop_samples, v.bands, v.block_frames) for v in VARIANTS.values()}) == 1
    assert {v.normalisation for v in VARIANTS.values()} == {"log", "running", "pcen"}
