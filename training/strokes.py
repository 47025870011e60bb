"""The few strokes of which every chart on a page is made: a line, a text, a box, a legend."""

from __future__ import annotations

from collections.abc import Sequence

from ..synth.page import Markup, tag

NAMES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
"""The classes of what is drawn side by side, in colours that everybody can tell apart."""


def line(x1: float, y1: float, x2: float, y2: float, name: str = "grid") -> Markup:
    """A straight line."""
    ends = {"x1": f"{x1:.1f}", "y1": f"{y1:.1f}", "x2": f"{x2:.1f}", "y2": f"{y2:.1f}"}
    return tag("line", class_=name, **ends)


def text(x: float, y: float, said: str, anchor: str = "start", **more: str) -> Markup:
    """A text; `anchor` is the end of it that lies at `x`."""
    return tag("text", said, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, **more)


def box(x: float, y: float, width: float, height: float, told: str = "", **more: str) -> Markup:
    """A rectangle that tells what it is to who points at it."""
    size = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}"}
    return tag("rect", *([tag("title", told)] if told else []), **size, **more)


def way(places: Sequence[tuple[float, float]], name: str) -> Markup:
    """A line through some places; nothing where there are none."""
    drawn = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    return tag("path", d=f"M{drawn}" if drawn else "", class_=name)


def chart(width: int, height: int, said: str, *drawn: Markup, name: str = "det") -> Markup:
    """What was drawn as one picture; `said` is what it shows, for who can't see it."""
    size = f"0 0 {width} {height}"
    return tag("svg", *drawn, viewBox=size, class_=name, role="img", aria_label=said)


def legend(names: Sequence[str]) -> Markup:
    """What the colours mean."""
    items = []
    for key, name in zip(NAMES, names, strict=False):
        items += [tag("span", class_=f"key {key}"), name]
    return tag("p", *items, class_="faint")
