"""What the page says of a demand."""

import statistics

import pytest
from cost import cost_verdicts
from hypothesis import given
from hypothesis import strategies as st
from verdict import Verdict, verdict_rows

ROUNDS = st.lists(st.floats(1e-5, 1e-1), min_size=1, max_size=7)
ENGINES = ("wakeful", "pymicro-wakeword", "porcupine")
KINDS = ("speech", "digital silence", "quiet room")


@given(
    st.fixed_dictionaries({k: st.fixed_dictionaries(dict.fromkeys(ENGINES, ROUNDS)) for k in KINDS})
)
def test_a_ratio_lies_between_its_least_and_its_most(table):
    """Of any rounds, and what silence may cost is never more than either peer allows speech."""
    found = cost_verdicts(table)
    assert len(found) == 4
    for verdict in found:
        assert verdict.between is not None
        least, most = verdict.between
        assert least <= verdict.value * (1 + 1e-9)
        assert verdict.value <= most * (1 + 1e-9)
    quiet = statistics.median(table["quiet room"]["wakeful"])
    medians = {name: statistics.median(table["speech"][name]) for name in ENGINES}
    may = min(0.5 * medians["pymicro-wakeword"], 0.25 * medians["porcupine"])
    assert found[3].value == pytest.approx(quiet / may)


def test_a_row_tells_what_it_can_come_to():
    """A figure that was measured once has nothing in brackets."""
    rows = verdict_rows(
        [Verdict("speech", 0.4, 0.5, "×", (0.35, 0.62)), Verdict("rss", 61, 60, "MB")]
    )
    assert "| speech | 0.4 × (0.35–0.62) | 0.5 × | yes |" in rows
    assert "| rss | 61 MB | 60 MB | **no** |" in rows
