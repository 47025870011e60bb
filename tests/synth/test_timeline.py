"""A sound on a page: its pictures, its axis and its one player belong together."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from parsed_page import Parsed
from wakeful.synth.page import columns, contents, player, section, tag
from wakeful.synth.picture import WIDTH, area, mark
from wakeful.synth.timeline import SCRIPT, STYLE, strip, ticks_s, timeline


@given(st.floats(0.0, 20_000.0))
def test_ticks_are_few_round_and_inside(length_s: float) -> None:
    """From 0 on in equal steps, seven at most; the last has room for its text."""
    ticks = ticks_s(length_s)
    assert ticks[0] == 0.0
    assert len(ticks) <= 7
    steps = np.diff(ticks)
    assert np.allclose(steps, steps[0] if len(steps) else 0.0)
    assert not len(steps) or ticks[-1] < 0.87 * length_s
    if length_s >= 0.2:
        assert len(ticks) >= 2
    assert all(round(10 * tick) == 10 * tick for tick in ticks)


def test_a_sound_has_its_pictures_its_seconds_and_its_player() -> None:
    """In this order, in one element, which the script looks for."""
    sound = np.zeros(24_000, np.int16)
    pictures = [strip("waveform", area("wave", "waveform")), area("mel", "features")]
    document = Parsed(timeline(*pictures, length_s=1.5, heard=player(sound)))
    order = [str(a.get("class")) for name, a in document.found if name in ("div", "svg", "audio")]
    assert order == ["timeline", "plot", "strip", "wave", "mel", "cursor", "axis", "None"]
    ticks = [a for a in document.all("span") if "style" in a]
    assert [str(a["style"]) for a in ticks] == ["left:0.00%", "left:33.33%", "left:66.67%"]
    assert "waveform" in document.text
    assert "0 s0.5 s1 s" in document.text


def test_what_the_script_looks_for_is_there_and_styled() -> None:
    """A class that is renamed on one side alone would leave a page dead."""
    document = Parsed(timeline(area("wave", "x"), length_s=1, heard=player(np.zeros(9, np.int16))))
    there = {str(a["class"]) for _, a in document.found if "class" in a}
    wanted = set(re.findall(r"'\.(\w+)'", SCRIPT))
    assert wanted == {"timeline", "plot", "cursor"}
    assert wanted <= there
    assert {"plot", "cursor", "axis", "wave"} <= set(re.findall(r"\.([a-z]+)[ ,]", STYLE)) & there


@given(st.floats(0.0, 1.0))
def test_a_mark_lies_at_its_share(share: float) -> None:
    """Twice, the bright line under the coloured one."""
    lines = Parsed(tag("svg", *mark(share))).all("line")
    assert [line["class"] for line in lines] == ["halo", "end"]
    for line in lines:
        assert abs(float(str(line["x1"])) - WIDTH * share) <= 0.05
        assert line["x1"] == line["x2"]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=4), st.booleans())
def test_every_cell_has_a_heading_over_it(rows: list[list[str]], wide: bool) -> None:
    """And the first of a row is the heading of the row; text stays text."""
    document = Parsed(columns("", ("<b>", "value"), rows, wide=wide))
    scopes = [a["scope"] for a in document.all("th")]
    assert scopes == ["col", "col", *["row"] * len(rows)]
    assert len(document.all("td")) == len(rows)
    assert not document.all("b")
    assert not document.all("caption")
    assert [a["class"] for a in document.all("div")] == ["wide"] * wide


def test_a_section_is_found_by_its_anchor() -> None:
    """A line on how to read it is there if there is one to say."""
    said = Parsed(section("a", "Title", "How to read it", tag("p", "x")))
    assert said.all("section") == [{"id": "a"}]
    assert [p.get("class") for p in said.all("p")] == ["faint", None]
    assert Parsed(section("a", "Title", "")).all("p") == []


def test_the_contents_lead_to_every_section() -> None:
    """By its heading up to a colon, whatever it holds; what is no section has no way to it."""
    parts = [section("a", "<One>: more of it", ""), tag("p", "between"), section("b", "Two", "")]
    document = Parsed(contents(parts))
    assert [a["href"] for a in document.all("a")] == ["#a", "#b"]
    assert document.text == "<One>Two"
