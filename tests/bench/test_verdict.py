"""What the page says of a demand, and of what a ratio may come to."""

import statistics

import pytest
from cost import cost_verdicts, joined
from hypothesis import given
from hypothesis import strategies as st
from stated import beside, state, stated, stated_lines
from verdict import Verdict, verdict_rows

ENGINES = ("wakeful", "pymicro-wakeword", "porcupine")
KINDS = ("speech", "digital silence", "quiet room")
TIMES = st.floats(1e-5, 1e-1)


@st.composite
def tables(draw):
    """As many rounds of each engine and kind: they are heard side by side."""
    rounds = draw(st.integers(1, 7))
    row = st.fixed_dictionaries(
        dict.fromkeys(ENGINES, st.lists(TIMES, min_size=rounds, max_size=rounds))
    )
    return draw(st.fixed_dictionaries(dict.fromkeys(KINDS, row)))


def measured(table, *sittings):
    """As `cost` keeps it: so many rounds in each sitting, or all of them in one."""
    heard = {
        kind: {name: [{"cpu_s": time} for time in times] for name, times in row.items()}
        for kind, row in table.items()
    }
    return {"heard": heard, "rounds": list(sittings) or [len(table["speech"]["wakeful"])]}


@given(tables())
def test_a_ratio_lies_between_its_least_and_its_most(table):
    """Of any rounds, and what silence may cost is never more than either peer allows speech."""
    found = cost_verdicts(measured(table))
    assert len(found) == 4
    for verdict in found:
        assert verdict.between is not None
        least, most = verdict.between
        assert least <= verdict.value * (1 + 1e-9)
        assert verdict.value <= most * (1 + 1e-9)
    speech = table["speech"]
    may = [
        min(m / 2, p / 4)
        for m, p in zip(speech["pymicro-wakeword"], speech["porcupine"], strict=True)
    ]
    quiet = zip(table["quiet room"]["wakeful"], may, strict=True)
    assert found[3].value == pytest.approx(statistics.median(o / m for o, m in quiet))


@given(tables(), st.lists(st.floats(0.5, 9), min_size=7, max_size=7))
def test_a_machine_slower_in_some_rounds_changes_no_ratio(table, slowness):
    """What slows a round slows all who are heard in it."""
    slower = {
        kind: {
            name: [t * s for t, s in zip(times, slowness, strict=False)]
            for name, times in row.items()
        }
        for kind, row in table.items()
    }
    as_it_was = [v.value for v in cost_verdicts(measured(table))]
    assert [v.value for v in cost_verdicts(measured(slower))] == pytest.approx(as_it_was)


@given(st.lists(st.floats(1, 2), min_size=6, max_size=6), st.floats(3, 9))
def test_a_disturbed_round_widens_no_range_but_a_disturbed_sitting_does(times, slowness):
    """What is stated is where the median of a sitting lies."""
    steady = [1e-3 * t for t in times]
    others = {name: [1e-2] * 6 for name in ENGINES[1:]}

    def between(ours):
        table = {kind: {"wakeful": ours, **others} for kind in KINDS}
        return cost_verdicts(measured(table, 3, 3))[0].between

    low, high = between(steady)
    assert between([slowness * max(steady), *steady[1:]])[1] <= max(steady) / 1e-2 * 1.1 * (
        1 + 1e-9
    )
    assert between([slowness * t for t in steady[:3]] + steady[3:])[1] > high
    medians = [statistics.median(steady[:3]) / 1e-2, statistics.median(steady[3:]) / 1e-2]
    assert (low, high) == pytest.approx((0.9 * min(medians), 1.1 * max(medians)))


def sitting(when, seconds, *names):
    """What one sitting keeps."""
    heard = {"speech": {name: [{"cpu_s": 0.1}] for name in names}}
    engines: dict[str, dict[str, str]] = {name: {} for name in names}
    return {
        "seconds": seconds,
        "rounds": [1],
        "sittings": [when],
        "engines": engines,
        "heard": heard,
    }


def test_sittings_add_up():
    """Their rounds are one after the other, and when they were is kept."""
    both = joined(sitting("mon", 60, "a", "b"), sitting("tue", 60, "b", "a"))
    assert both["rounds"] == [1, 1]
    assert both["sittings"] == ["mon", "tue"]
    assert [len(answers) for answers in both["heard"]["speech"].values()] == [2, 2]


@pytest.mark.parametrize("other", [sitting("tue", 60, "a"), sitting("tue", 5, "a", "b")])
def test_sittings_of_another_kind_are_not_joined(other):
    """Of other engines or another length: one line says what to do."""
    with pytest.raises(SystemExit, match="again cost"):
        joined(sitting("mon", 60, "a", "b"), other)


def test_another_run_is_held_against_the_page(tmp_path):
    """Within, at the very ends, beside, and not measured at all."""
    path = tmp_path / "stated.json"
    state([Verdict("a", 1, 2, "×", (0.5, 1.5)), Verdict("mb", 9, 9, "MB")], path)
    ranges = stated(path)
    assert ranges == {"a": (0.5, 1.5)}
    assert beside([Verdict("a", 1.5, 2, "×")], ranges) == []
    assert beside([Verdict("a", 1.51, 2, "×")], ranges) == ["a"]
    assert beside([], ranges) == ["a"]
    assert list(stated_lines([], ranges)) == ["BESIDE a: not measured (stated: 0.5 to 1.5)"]


def test_a_row_tells_what_it_can_come_to():
    """A figure that was measured once has nothing in brackets."""
    rows = verdict_rows(
        [Verdict("speech", 0.4, 0.5, "×", (0.35, 0.62)), Verdict("rss", 61, 60, "MB")]
    )
    assert "| speech | 0.4 × (0.35–0.62) | 0.5 × | yes |" in rows
    assert "| rss | 61 MB | 60 MB | **no** |" in rows
