"""Calibration: measured on the exported step, with a really trained one that hears a beep."""

from pathlib import Path

import numpy as np
import pytest
from wakeful.models.bundle import load_bundle
from wakeful.synth.palette import Clip
from wakeful.training.calibrate import best, calibrate, in_silence, lowest_of, sure_of
from wakeful.training.export import bundle_scorer, streamed
from wakeful.training.measure import THRESHOLDS, Point, Rule

RATE_HZ = 16_000


def tones(*frequencies_hz: float, level: float = 0.2) -> Clip:
    """One tone after the other, 0.18 s each."""
    t = np.arange(int(0.18 * RATE_HZ)) / RATE_HZ
    edges = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    wave = np.concatenate([np.sin(2 * np.pi * hz * t) * edges for hz in frequencies_hz])
    return Clip((wave * level * 32_767).astype(np.int16), 0, len(wave))


def hiss(seconds: int, seed: int) -> np.ndarray:
    """Long sound without a beep."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=seconds * RATE_HZ) * 60).astype(np.int16)


WORDS = [tones(700, 1_100, level=level) for level in (0.05, 0.1, 0.3)]
NEAR = [tones(1_100, 700), tones(1_100), tones(700)]


def test_a_trained_model_is_calibrated(beep_bundle: Path) -> None:
    """It hears every beep, no reversed one, and nothing in hiss; soon after the end."""
    found = calibrate(load_bundle(beep_bundle), WORDS, NEAR, [hiss(30, 1), hiss(30, 2)], 0.5)
    assert found.hours == pytest.approx(1 / 60)
    assert (found.words, found.chosen.miss_rate, found.hard_rate) == (3, 0.0, 0.0)
    assert found.chosen.false_accepts_per_hour == 0.0
    assert 0 <= found.latency_ms["p50"] <= found.latency_ms["p95"] < 300


def test_false_accepts_raise_the_threshold(beep_bundle: Path) -> None:
    """Where the negatives sound just like the word, it rather misses than fires too often."""
    bundle = load_bundle(beep_bundle)
    stray = hiss(30, 1)
    stray[99_000 : 99_000 + len(WORDS[2].samples)] += WORDS[2].samples
    quiet = calibrate(bundle, WORDS, [], [hiss(30, 1)], 0.5)
    told = calibrate(bundle, WORDS, [], [stray], 0.5)
    assert quiet.chosen.threshold == min(float(t) for t in THRESHOLDS if t > 0.5)
    assert quiet.raised
    assert not told.raised
    assert told.chosen.threshold > 0.99
    assert told.chosen.false_accepts_per_hour == 0.0


@pytest.mark.parametrize(
    ("missed_above", "steps", "threshold"),
    [(0.01, 3, 0.68), (0.02, 3, 0.52), (0.01, 1, 0.52), (0.01, 2, 0.52), (0.0, 4, 0.76)],
)
def test_a_cheaper_threshold_may_cost_a_word_in_a_hundred(missed_above, steps, threshold):
    """Where all steps of the mean must be sure, the daemon looks half as often."""
    ladder = np.arange(0.4, 1, 0.04)
    found = [Point(float(t), 0.1 + missed_above * (t > 0.6), 0.4 if t > 0.5 else 9) for t in ladder]
    lowest = lowest_of(found, 0.5, 10.0)
    assert lowest.threshold == pytest.approx(0.52)
    sure = sure_of(found, lowest, Rule(smooth_steps=steps), 0.5)
    assert sure.threshold == pytest.approx(threshold)


@pytest.mark.parametrize(
    ("hours", "dear", "threshold"),
    [(1.2, 0.3, 0.8), (1.2, 0.05, 0.92), (0.3, 0.3, 0.92), (2.5, 0.3, 0.92)],
)
def test_one_phrase_costs_no_tenth_of_the_words(
    hours: float, dear: float, threshold: float
) -> None:
    """Where it alone breaks the aim: not in a few minutes, nor where there is sound enough."""
    ladder = np.arange(0.52, 1, 0.04)
    found = [
        Point(float(t), 0.05 + dear * (t > 0.9), (0 if t > 0.9 else 1 if t > 0.78 else 3) / hours)
        for t in ladder
    ]
    if hours > 2:  # There one more breaks it.
        found = [Point(p.threshold, p.miss_rate, 2 * p.false_accepts_per_hour) for p in found]
    chosen = lowest_of(found, 0.5, hours)
    assert chosen.threshold == pytest.approx(threshold)


def test_figures_have_the_manifests_keys(beep_bundle: Path) -> None:
    """Every limit that is reported, with what it costs."""
    found = calibrate(load_bundle(beep_bundle), WORDS, [], [hiss(10, 1)], 0.5).figures()
    assert {"negative_hours", "positives", "near_words_fired", "latency_ms"} < set(found)
    assert set(found["at"]) == {"0.5", "1", "2", "5"}
    assert set(found["at"]["1"]) == {"threshold", "miss_rate", "false_accepts_per_hour"}
    assert found["near_words_fired"] is None


def test_own_recordings_are_counted_apart(beep_bundle: Path) -> None:
    """One that is heard and one that isn't: told beside the rest, of which nothing changes."""
    bundle = load_bundle(beep_bundle)
    without = calibrate(bundle, WORDS, [], [hiss(10, 1)], 0.5).figures()
    own = [WORDS[0], NEAR[0]]
    figures = calibrate(bundle, WORDS, [], [hiss(10, 1)], 0.5, own).figures()
    assert figures.pop("own_recordings") == {"count": 2, "missed": 1}
    assert figures == without


def test_the_evidence_holds_a_score_for_every_step(beep_bundle: Path) -> None:
    """From which the very points follow that were chosen from."""
    found = calibrate(load_bundle(beep_bundle), WORDS, NEAR, [hiss(10, 1), hiss(5, 2)], 0.5)
    kept = found.evidence
    lengths_s = [len(s) * kept.step_samples / RATE_HZ for s in kept.streams]
    assert lengths_s == pytest.approx([10, 5], abs=0.05)
    heard = [best(s) >= found.chosen.threshold for s in (*kept.words, *kept.near)]
    assert heard == [True] * 3 + [False] * 3
    assert found.latency_ms["p50"] == pytest.approx(np.median(kept.late_ms), abs=0.05)
    assert found.chosen in kept.points


def test_a_clip_is_heard_as_the_daemon_hears_it_on_waking() -> None:
    """0.9 s of a quiet room first, so that the network has woken up."""
    heard = in_silence(WORDS[0])
    assert np.abs(heard[:14_400]).max() < 60
    np.testing.assert_allclose(heard[14_400 : 14_400 + 5_760], WORDS[0].samples, atol=60)


def test_scoring_whole_streams_is_feeding_block_by_block(beep_bundle: Path) -> None:
    """The scorer that measures gives what the daemon's way of feeding gives, to the bit."""
    from wakeful.models.frontend import FrontEnd

    bundle = load_bundle(beep_bundle)
    clip = in_silence(WORDS[1])
    frames = FrontEnd(bundle.frontend).whole(clip)
    fed = streamed(bundle, clip)
    np.testing.assert_array_equal(bundle_scorer(bundle)(frames[np.newaxis])[0], fed)
