"""Other throats: resonances move by the factor, and nothing else happens."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from wakeful.models.frontend import FrontEnd, FrontEndConfig
from wakeful.models.mel import hz_to_mel
from wakeful.training.tract import tract, tracts

FACTORS = st.floats(0.75, 1.33)


def loudest_band(hz: float, factor: float) -> int:
    """Of a tone, once heard from another throat."""
    t = np.arange(16_000) / 16_000
    tone = (8_000 * np.sin(2 * np.pi * hz * t)).astype(np.int16)
    return int((FrontEnd().whole(tone)[50] @ tract(factor)).argmax())


def band_of(hz: float) -> float:
    """Where a frequency lies on the bands."""
    c = FrontEndConfig()
    low, high = hz_to_mel([c.low_hz, c.high_hz])
    return float((hz_to_mel(hz) - low) / (high - low) * (c.bands + 1) - 1)


@given(hz=st.floats(400.0, 4_000.0), factor=FACTORS)
def test_a_tone_moves_by_the_factor(hz: float, factor: float) -> None:
    """To the band of so many times its frequency, or the next."""
    assert abs(loudest_band(hz, factor) - band_of(factor * hz)) < 1.5


@given(FACTORS)
def test_what_is_the_same_in_all_bands_stays(factor: float) -> None:
    """Each band is a mean of at most two others."""
    own = tract(factor)
    np.testing.assert_allclose(own.sum(axis=0), 1.0, atol=1e-5)
    assert ((own > 0).sum(axis=0) <= 2).all()


def test_the_same_throat_changes_nothing() -> None:
    """And the middle of a symmetric range is that one."""
    np.testing.assert_allclose(tract(1.0), np.eye(40), atol=1e-5)
    np.testing.assert_allclose(tracts((0.8, 1.25))[16], np.eye(40), atol=1e-5)
