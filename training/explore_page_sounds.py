"""What one hears in a report: what is there twice, what is typical, and what stands out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..synth.collection import shown
from ..synth.page import Markup, section, tag
from .explore import Explored
from .explore_near import Near, Same, groups_of
from .explore_sights import Sights
from .explore_store import Row
from .explore_turning import turning

_MOST_LISTED, _MOST_NAMED = 40, 12


def same_section(e: Explored, sights: Sights) -> Iterator[Markup]:
    """Equal and nearly equal recordings."""
    f = e.figures
    if not f.same_groups and not e.near:
        yield section("same", "What is there twice", "Nothing, and nothing nearly.")
        return
    parts = []
    if f.same_groups:
        told = f"{f.same_recordings} recordings hold the very same samples as others."
        items = [tag("li", _group(same)) for same in e.same[:_MOST_LISTED]]
        parts += [tag("p", told), tag("ul", *items)]
    if e.near:
        groups = groups_of(e.near)
        told = (
            f"{sum(map(len, groups))} recordings are nearly those of {len(groups)}: at another "
            "level, with other ends, or through a codec."
        )
        rows = tag("ul", *(tag("li", _names(group)) for group in groups[:_MOST_LISTED]))
        parts += [tag("h3", "Nearly the same"), tag("p", told), rows]
        parts += [tag("h3", "The best matches"), *(_pair(*pair) for pair in sights.pairs)]
    if e.near_untried:
        parts.append(tag("p", f"{e.near_untried} pairs that sound alike were not laid over."))
    yield section("same", "What is there twice", "", *parts)


def _group(same: Same) -> str:
    more = f" and {same.count - len(same.clips)} more" if same.count > len(same.clips) else ""
    return f"{_names(same.clips)}{more}{'; digital silence' if same.silent else ''}"


def _names(rows: Sequence[Row]) -> str:
    """Some of them; and whether they are called differently."""
    names = ", ".join(shown(row.name) for row in rows[:_MOST_NAMED])
    more = f" and {len(rows) - _MOST_NAMED} more" if len(rows) > _MOST_NAMED else ""
    labels = {row.label for row in rows}
    told = f"; under {len(labels)} labels" if len(labels) > 1 else ""
    return f"{names}{more}{told}"


def _pair(near: Near, first: str, second: str) -> Markup:
    names = f"{shown(near.first.name)} and {shown(near.second.name)}: match {near.match:.3f}"
    sounds = [
        tag("audio", controls="", preload="metadata", src=source, aria_label=shown(row.name))
        for row, source in ((near.first, first), (near.second, second))
        if source
    ]
    return tag("div", tag("p", names), *sounds, class_="pair")


def typical_section(sights: Sights) -> Iterator[Markup]:
    """Those that were asked for, and of each label the one nearest to its mean."""
    if sights.chosen:
        said = "Asked for with --clip."
        yield section("chosen", "Chosen recordings", said, _cards(sights.chosen))
    if sights.typical:
        said = "Of each label the recording that is nearest to its mean. Click a picture to play."
        yield section("typical", "Typical recordings", said, _cards(sights.typical))


def odd_section(e: Explored, sights: Sights) -> Iterator[Markup]:
    """The points in space, and the farthest out as cards."""
    if not e.space or not e.sounds or not sights.points:
        return
    shares = ", ".join(f"{100 * share:.0f} %" for share in e.space.shares)
    said = (
        "Each point is a recording, placed by how it sounds: the three main axes of 32 mel bands "
        f"at six times, which hold {shares} of what differs. Drag to turn, click to hear; ringed "
        "ones are listed below. How far out counts along all axes that hold 90 %."
    )
    if len(sights.points) < e.figures.recordings:
        said += f" {len(sights.points)} of {e.figures.recordings} are drawn."
    plot = turning(
        sights.points, e.sounds.labels, sights.point_sounds, sights.point_cards, e.space.shares
    )
    farthest = tag("h3", "Farthest out")
    yield section("odd", "What stands out", said, plot, farthest, _cards(sights.odd))


def _cards(cards: tuple[Markup, ...]) -> Markup:
    return tag("div", *cards, class_="cards")
