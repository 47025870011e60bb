"""ROC and DET: what is found against what is falsely found."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsed_page import Parsed
from wakeful.training.roc import RocError, det_svg, roc, roc_svg

# Few different scores, so that ties are the rule.
SCORED = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=60).filter(
    lambda pairs: len({true for _, true in pairs}) == 2
)


def split(pairs: list[tuple[int, bool]]) -> tuple[list[float], list[bool]]:
    """Scores and truths."""
    return [score / 9 for score, _ in pairs], [true for _, true in pairs]


@given(SCORED)
def test_each_place_is_what_its_threshold_gives(pairs: list[tuple[int, bool]]) -> None:
    """Counted again at every threshold, one clip at a time."""
    scores, truths = split(pairs)
    curve = roc(scores, truths)
    for at, falsely, found in zip(curve.thresholds, curve.false_rate, curve.true_rate, strict=True):
        of_true = [score >= at for score, true in zip(scores, truths, strict=True) if true]
        of_false = [score >= at for score, true in zip(scores, truths, strict=True) if not true]
        assert found == pytest.approx(np.mean(of_true))
        assert falsely == pytest.approx(np.mean(of_false))
    assert (curve.false_rate[0], curve.true_rate[0]) == (0, 0)
    assert (curve.false_rate[-1], curve.true_rate[-1]) == (1, 1)


@given(SCORED)
def test_the_area_is_how_often_a_true_clip_scores_above_a_false_one(
    pairs: list[tuple[int, bool]],
) -> None:
    """Over all pairs of them, a tie counted as half."""
    scores, truths = split(pairs)
    true = [s for s, t in zip(scores, truths, strict=True) if t]
    false = [s for s, t in zip(scores, truths, strict=True) if not t]
    above = [(a > b) + 0.5 * (a == b) for a in true for b in false]
    assert roc(scores, truths).area == pytest.approx(np.mean(above))


@given(SCORED)
def test_the_equal_error_lies_on_the_curve(pairs: list[tuple[int, bool]]) -> None:
    """There, as many are missed as are falsely found."""
    curve = roc(*split(pairs))
    equal = curve.equal_error
    assert 0 <= equal <= 1
    along = np.linspace(0, len(curve.thresholds) - 1, 20_001)
    at = np.arange(len(curve.thresholds))
    falsely = np.interp(along, at, curve.false_rate)
    missed = 1 - np.interp(along, at, curve.true_rate)
    assert np.min(np.abs(falsely - equal) + np.abs(missed - equal)) < 0.01


def test_perfect_scores_and_chance() -> None:
    """An area of 1 and no error; of 0.5 and an error of one half."""
    perfect = roc([0.9, 0.8, 0.2, 0.1], [True, True, False, False])
    assert (perfect.area, perfect.equal_error) == (1, 0)
    chance = roc([0.5] * 4, [True, True, False, False])
    assert (chance.area, chance.equal_error) == (0.5, 0.5)


@given(SCORED)
def test_both_drawings_stay_inside_and_name_their_curves(pairs: list[tuple[int, bool]]) -> None:
    """A ROC curve from corner to corner, a DET curve between its ends."""
    curve = roc(*split(pairs))
    for picture in (roc_svg({"ours": curve}), det_svg({"ours": curve})):
        drawn = Parsed(picture)
        (path,) = drawn.all("path")
        told = str(path["d"])[1:].split("L") if path["d"] else []
        places = [tuple(map(float, place.split())) for place in told]
        assert all(64 <= x <= 612 and 16 <= y <= 372 for x, y in places)
        assert "ours (" in drawn.text


def test_a_det_curve_shows_the_mistakes_that_matter() -> None:
    """From the left to the right fewer are missed; what is worse than 40 % is left out."""
    rng = np.random.default_rng(5)
    truths = rng.random(4_000) < 0.5
    (path,) = Parsed(det_svg({"x": roc(rng.normal(size=4_000) + 2 * truths, truths)})).all("path")
    places = [tuple(map(float, place.split())) for place in str(path["d"])[1:].split("L")]
    assert len(places) > 50
    assert all(a[0] <= b[0] and a[1] <= b[1] for a, b in itertools.pairwise(places))
    across, down = places[-1][0] - places[0][0], places[-1][1] - places[0][1]
    middle = places[len(places) // 2]
    # Scores that are normal make a straight line.
    expected = places[0][1] + down * (middle[0] - places[0][0]) / across
    assert middle[1] == pytest.approx(expected, abs=25)


@pytest.mark.parametrize(
    ("scores", "truths"),
    [([0.1, 0.2], [True, True]), ([], []), ([0.1], [True, False]), ([np.nan, 1], [True, False])],
)
def test_scores_without_a_curve_are_refused(scores: list[float], truths: list[bool]) -> None:
    """One kind of clip, none, one score too few, or what is no number."""
    with pytest.raises(RocError, match=r"^ROC: "):
        roc(scores, truths)
