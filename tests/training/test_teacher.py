"""The teacher: the public embedding itself, where it is installed."""

import numpy as np
import pytest
from wakeful.synth.levels import to_float
from wakeful.training.teacher import EVERY, FIRST_END, WIDTH, Teacher, has_teacher

pytestmark = pytest.mark.skipif(not has_teacher(), reason="the backbone extra isn't installed")


@pytest.fixture(scope="module")
def teacher() -> Teacher:
    """One for all: a test may not leave anything behind in it."""
    return Teacher()


def test_one_every_twenty_milliseconds(teacher: Teacher, voice: np.ndarray) -> None:
    """As many as there are ends of windows, each of which is what its own window gives alone."""
    found = teacher(voice[:32_000])
    assert found.shape == ((32_000 - FIRST_END) // EVERY + 1, WIDTH)
    for number in (0, 1, 2, 3, 7, len(found) - 1):
        window = voice[number * EVERY : number * EVERY + FIRST_END]
        # Its spectrogram ends 80 dB below the loudest that it is given: not bit for bit.
        assert np.corrcoef(teacher(window)[0], found[number])[0, 1] > 0.99


def test_too_little_sound_gives_none(teacher: Teacher, voice: np.ndarray) -> None:
    """A window must be whole."""
    assert teacher(voice[: FIRST_END - 1]).shape == (0, WIDTH)
    assert teacher(voice[:FIRST_END]).shape == (1, WIDTH)


def test_targets_end_where_steps_end(teacher: Teacher, voice: np.ndarray) -> None:
    """The target of a step is the window that ends within 10 ms of it, if one does."""
    targets = teacher.targets(to_float(voice), len(voice) // 480, 480)
    ends = np.arange(1, len(targets) + 1) * 480
    there = np.isfinite(targets).all(axis=1)
    assert (there == (ends >= FIRST_END - EVERY / 2)).all()
    alone = teacher(voice)
    nearest = round((ends[40] - FIRST_END) / EVERY)
    assert np.corrcoef(targets[40].astype(float), alone[nearest])[0, 1] > 0.99


def test_targets_do_not_depend_on_level(teacher: Teacher, voice: np.ndarray) -> None:
    """`said` comes at a level of 1.0 RMS, twenty times full scale at its peaks: nothing clips."""
    said = to_float(voice)
    said /= np.sqrt(np.mean(said**2))
    targets = teacher.targets(said, 74, 480)
    quieter = teacher.targets(said * np.float32(0.5), 74, 480)
    there = np.isfinite(targets)
    assert np.corrcoef(targets[there].astype(float), quieter[there].astype(float))[0, 1] > 0.95
