"""The confusion matrix: every count is there, in its place, and said in words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from parsed_page import Parsed
from wakeful.training.confusion import ConfusionError, confusion, confusion_svg

LABELS = st.lists(st.text(max_size=30), min_size=1, max_size=8)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4))))
def test_each_pair_is_counted_once(pairs: list[tuple[int, int]]) -> None:
    """Rows are what was said, columns what was heard."""
    counts = confusion([a for a, _ in pairs], [b for _, b in pairs], 5)
    assert counts.sum() == len(pairs)
    assert all(counts[a, b] == pairs.count((a, b)) for a in range(5) for b in range(5))


@given(LABELS, st.data())
def test_every_cell_tells_its_count(labels: list[str], data: st.DataObject) -> None:
    """Whatever the labels are called, a cell says who was taken for whom and how often."""
    n = len(labels)
    counts = data.draw(arrays.arrays(np.int64, (n, n), elements=st.integers(0, 10**6)))
    drawn = Parsed(confusion_svg(labels, counts))
    assert len(drawn.all("rect")) == n * n
    for i, said in enumerate(labels):
        for j, heard in enumerate(labels):
            assert f"{said} heard as {heard}: {counts[i, j]} of {counts[i].sum()}" in drawn.text


@given(LABELS)
def test_nothing_lies_outside_the_drawing(labels: list[str]) -> None:
    """However many labels there are, and however long."""
    drawn = Parsed(confusion_svg(labels, np.ones((len(labels), len(labels)))))
    (picture,) = drawn.all("svg")
    _, _, width, height = map(float, str(picture["viewbox"]).split())
    for cell in drawn.all("rect"):
        assert 0 <= float(str(cell["x"])) <= width - float(str(cell["width"]))
        assert 0 <= float(str(cell["y"])) <= height - float(str(cell["height"]))


def test_right_and_wrong_differ_and_more_is_deeper() -> None:
    """The diagonal is marked right; the larger its share of a row, the deeper a cell."""
    drawn = Parsed(confusion_svg(["yes", "no"], [[90, 10], [0, 0]]))
    cells = [(cell["class"], str(cell["style"])) for cell in drawn.all("rect")]
    assert [name for name, _ in cells] == ["right", "wrong", "wrong", "right"]
    shades = [float(style.partition(":")[2]) for _, style in cells]
    assert shades[0] > shades[1] > shades[2] == shades[3] == 0


@pytest.mark.parametrize("counts", [[[1]], [[1, 2], [3, -1]], [1, 2]])
def test_counts_that_do_not_fit_are_refused(counts: object) -> None:
    """With the shape that was given, and the one that is needed."""
    with pytest.raises(ConfusionError, match="2 labels need as many rows"):
        confusion_svg(["a", "b"], np.array(counts))
