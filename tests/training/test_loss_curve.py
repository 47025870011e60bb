"""The curves of losses and of rates: every point inside, in order, and none made up."""

import itertools
import math

from hypothesis import given
from hypothesis import strategies as st
from parsed_page import Parsed
from wakeful.training.curve import Axes, least_per_hour
from wakeful.training.loss_curve import Fit, LossAxes, loss_svg

RATES = st.floats(0, 1e9, allow_nan=False)
LOSSES = st.lists(st.floats(0, 1e6, allow_nan=False) | st.just(math.nan), min_size=1, max_size=40)


def size(document: Parsed) -> tuple[float, float]:
    """Of the drawing."""
    (picture,) = document.all("svg")
    _, _, width, height = map(float, str(picture["viewbox"]).split())
    return width, height


@given(LOSSES, LOSSES)
def test_every_known_loss_is_a_dot_inside_the_drawing(
    first: list[float], last: list[float]
) -> None:
    """One epoch after the other through both fits, the higher the loss the higher the dot."""
    drawn = Parsed(loss_svg([Fit("first fit", first), Fit("second fit", last)]))
    width, height = size(drawn)
    known = [loss for loss in (*first, *last) if not math.isnan(loss)]
    dots = [(float(str(a["cx"])), float(str(a["cy"]))) for a in drawn.all("circle")]
    assert len(dots) == len(known)
    assert all(0 < x < width and 0 < y < height for x, y in dots)
    assert all(a[0] < b[0] for a, b in itertools.pairwise(dots))
    ordered = [y for _, y in sorted(zip(known, (y for _, y in dots), strict=True), reverse=True)]
    assert all(a <= b + 0.11 for a, b in itertools.pairwise(ordered))


@given(st.lists(LOSSES, min_size=1, max_size=9))
def test_fits_beside_each_other_begin_at_the_left(fits: list[list[float]]) -> None:
    """Equal epochs lie above one another; every one of seven has a colour of its own."""
    drawn = Parsed(loss_svg([Fit(f"{n}", fit) for n, fit in enumerate(fits)], beside=True))
    width, height = size(drawn)
    places: dict[int, set[str]] = {}
    dots = iter(drawn.all("circle"))
    for fit in fits[:7]:
        for epoch, loss in enumerate(fit):
            if not math.isnan(loss):
                dot = next(dots)
                assert 0 < float(str(dot["cy"])) < height
                places.setdefault(epoch, set()).add(str(dot["cx"]))
    assert next(dots, None) is None
    assert all(len(where) == 1 for where in places.values())
    across = [float(where.pop()) for _, where in sorted(places.items())]
    assert all(0 < a < b < width for a, b in itertools.pairwise(across))
    assert len({line["class"] for line in drawn.all("path")}) == min(7, len(fits))


@given(LOSSES)
def test_ticks_lie_between_the_ends(losses: list[float]) -> None:
    """And rise."""
    axes = LossAxes(losses)
    ticks = axes.ticks()
    assert all(axes.low <= tick <= axes.high for tick in ticks)
    assert all(a < b for a, b in itertools.pairwise(ticks))


def test_a_line_breaks_where_a_loss_is_not_known() -> None:
    """The epochs of an old checkpoint are no epochs of loss 0."""
    drawn = Parsed(loss_svg([Fit("first fit", [math.nan, 0.5, 0.4, math.nan, 0.3])]))
    (line,) = drawn.all("path")
    assert str(line["d"]).count("M") == 2
    assert "first fit, epoch 5: 0.3" in drawn.text
    assert "nan" not in drawn.text


def test_fits_that_are_not_done_leave_an_empty_drawing() -> None:
    """No fit at all, or one without a whole epoch."""
    assert not Parsed(loss_svg([])).all("circle")
    assert not Parsed(loss_svg([Fit("first fit", [])])).all("circle")


@given(st.floats(1e-3, 1e5), st.lists(RATES, min_size=1))
def test_rates_lie_on_the_axis(hours: float, rates: list[float]) -> None:
    """More false accepts are never drawn further left, and nothing beside the drawing."""
    axes = Axes(least_per_hour(hours))
    places = [axes.x(rate) for rate in sorted(rates)]
    assert all(a <= b for a, b in itertools.pairwise(places))
    assert axes.x(0.0) - 1e-6 <= places[0] <= places[-1] <= axes.x(math.inf) + 1e-6
    assert 0 < axes.x(0.0) < axes.x(math.inf) < 640


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_misses_are_drawn_higher(one: float, other: float) -> None:
    """From all of them at the top to none at the bottom."""
    axes = Axes(0.1)
    few, many = sorted((one, other))
    assert axes.y(1.0) <= axes.y(many) <= axes.y(few) <= axes.y(0.0)
