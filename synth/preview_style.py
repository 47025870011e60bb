"""How a preview looks, over what every page with sounds has: colours by kind, and its marks."""

from __future__ import annotations

from .page import Markup, tag
from .timeline import STYLE as TIMELINE

STYLE = (
    TIMELINE
    + """
.kind { border: 2px solid currentColor; border-radius: 1rem; padding: 0 .6rem; font-size: .95rem; }
.word { color: var(--blue); } .hard { color: var(--orange); } .part { color: var(--purple); }
.speech { color: var(--green); } .noise { color: var(--grey); }
.labelled { fill: #56b4e9; fill-opacity: .4; stroke: #fff; stroke-width: 1;
  vector-effect: non-scaling-stroke; }
.masked { fill: #b9bcc4; fill-opacity: .4; stroke: #fff; stroke-width: 1; stroke-dasharray: 3 3;
  vector-effect: non-scaling-stroke; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; margin: .8rem 0;
  list-style: none; font-size: .9rem; }
.legend svg { display: inline-block; width: 1.6rem; height: 1rem; margin-right: .4rem;
  vertical-align: -.15rem; background: #2c728e; }
"""
)

_MARKS = (
    ("labelled", "label 1: the network is to say “word”"),
    ("masked", "masked: it may say what it likes"),
)


def legend() -> Markup:
    """What the marks over the pictures mean."""
    items = [
        tag("li", _swatch(tag("rect", class_=name, width="20", height="10")), said)
        for name, said in _MARKS
    ]
    line = {"x1": "10", "x2": "10", "y1": "0", "y2": "10"}
    ends = _swatch(*(tag("line", class_=name, **line) for name in ("halo", "end")))
    items.append(tag("li", ends, "the word's end"))
    return tag("ul", *items, class_="legend")


def _swatch(*drawn: Markup) -> Markup:
    return tag("svg", *drawn, viewBox="0 0 20 10", preserveAspectRatio="none", aria_hidden="true")
