"""A part of a report, under a heading that it can be found by."""

from __future__ import annotations

from ..synth.page import Markup, tag


def section(anchor: str, title: str, said: str, *parts: Markup) -> Markup:
    """`said` is a line on how to read it; there may be none."""
    line = [tag("p", said, class_="faint")] if said else []
    return tag("section", tag("h2", title), *line, *parts, id=anchor)
