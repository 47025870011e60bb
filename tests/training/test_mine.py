"""Mining: what fires is found, cut out around where it fired, the worst first."""

import numpy as np
import pytest
from wakeful.models.frontend import FrontEnd
from wakeful.synth.levels import to_int16
from wakeful.synth.palette import Clip
from wakeful.training.mine import MineSettings, mine

SECOND = 16_000


def loud_frames(frames: np.ndarray) -> np.ndarray:
    """A network that takes loud bands for the word: [streams, frames, bands] to [., steps]."""
    level = frames.mean(axis=2)[:, 2::3]
    return (1 / (1 + np.exp(-4 * (level - 1.5)))).astype(np.float32)


def with_bursts(*at_s: float, level: float = 0.5) -> Clip:
    """Six seconds of faint hiss with a burst of it at each time."""
    rng = np.random.default_rng(1)
    sound = rng.normal(0, 0.001, 6 * SECOND).astype(np.float32)
    for start_s in at_s:
        start = round(start_s * SECOND)
        sound[start : start + 3_200] *= level / 0.001 * 0.2
    return Clip(to_int16(sound), name=f"bursts at {at_s}")


def test_every_firing_is_found_where_it_was() -> None:
    """A stretch from before it to a little after, named by clip and time."""
    clip = with_bursts(1.0, 4.0)
    finds = mine(loud_frames, FrontEnd(), [clip, with_bursts()], 3)
    assert sorted(round(float(f.clip.name.split("@")[1][:-1])) for f in finds) == [1, 4]
    assert all(f.clip.name.startswith(clip.name) for f in finds)
    later = max(finds, key=lambda f: float(f.clip.name.split("@")[1][:-1]))
    assert len(later.clip.samples) == pytest.approx(1.6 * SECOND, abs=10)
    assert np.abs(later.clip.samples).max() > 1_000


def test_the_worst_come_first_and_no_more_than_asked() -> None:
    """So that a person listens to those that matter."""
    clips = [with_bursts(1.0, level=level) for level in (0.05, 0.5, 0.1)]
    finds = mine(loud_frames, FrontEnd(), clips, 3, MineSettings(most=2))
    assert len(finds) == 2
    assert finds[0].score >= finds[1].score
    assert finds[0].score == max(f.score for f in mine(loud_frames, FrontEnd(), clips, 3))


def test_a_network_that_never_fires_gives_nothing() -> None:
    """And that is no error."""
    assert (
        mine(
            lambda f: np.zeros((len(f), f.shape[1] // 3), np.float32),
            FrontEnd(),
            [with_bursts()],
            3,
        )
        == []
    )
