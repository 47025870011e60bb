"""The comparison of command networks as lines, as a picture and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..synth.page import Markup, columns, contents, page, section, tag, write_page
from ..synth.timeline import SCRIPT
from .command_compare import PUBLISHED, Compared
from .command_fit import Row
from .confusion import confusion_svg
from .corpora_classes import LABELS
from .drawing import BLUE, ORANGE, new_figure, save_figure
from .loss_curve import Fit, loss_svg
from .mistake_cards import mistakes_told
from .page_style import STYLE

HEADINGS = (
    "network",
    "features",
    "train",
    "validation",
    "test",
    "parameters",
    "8-bit MB",
    "ms",
    "minutes",
    "published",
)


def cells(row: Row) -> tuple[str, ...]:
    """One line of the table; what was published is of the whole data set."""
    return (
        row.network,
        row.feature,
        f"{row.train:.4f}",
        f"{row.validation:.4f}",
        f"{row.test:.4f}",
        f"{row.parameters:,}",
        f"{row.size_bytes / 1e6:.2f}",
        f"{row.ms:.1f}",
        f"{row.seconds / 60:.1f}",
        PUBLISHED.get(row.network, "-"),
    )


def lines(compared: Compared) -> Iterator[str]:
    """The table for a terminal, and what it was measured on."""
    table = [HEADINGS, *(cells(row) for row in compared.rows)]
    widths = [max(len(line[i]) for line in table) for i in range(len(HEADINGS))]
    for line in table:
        named = [cell.ljust(width) for cell, width in zip(line[:2], widths, strict=False)]
        figures = [cell.rjust(width) for cell, width in zip(line[2:], widths[2:], strict=True)]
        yield "  ".join(named + figures).rstrip()
    yield told(compared)


def told(compared: Compared) -> str:
    """Of what the shares are."""
    c = compared.clips
    return (
        f"{c['train']} clips fitted on, {c['validation']} validation, {c['test']} test, "
        f"{compared.speakers} speakers, split by {compared.by}; {compared.left_out} broken clips"
    )


def draw_comparison(path: Path, rows: Sequence[Row]) -> None:
    """A bar for each network and feature: right of test, with train as a mark behind it."""
    figure, axes = new_figure(8, 0.6 + 0.36 * len(rows))
    places = range(len(rows))
    axes.barh(places, [row.test for row in rows], color=BLUE, label="test")
    axes.plot([row.train for row in rows], places, "|", color=ORANGE, ms=12, mew=2, label="train")
    axes.set_yticks(places, [f"{row.network} · {row.feature}" for row in rows])
    for place, row in zip(places, rows, strict=True):
        axes.text(0.01, place, f"{row.test:.3f}", va="center", color="white", fontsize=8)
    axes.invert_yaxis()
    axes.set(xlim=(0, 1), xlabel="share of clips that are right")
    axes.legend(loc="lower right", fontsize=8)
    save_figure(figure, path)


def write_comparison(path: Path, compared: Compared) -> None:
    """One page: the table, and what each network takes for what, its best feature first."""
    networks: dict[str, list[Row]] = {}
    for row in sorted(compared.rows, key=lambda row: -row.test):
        networks.setdefault(row.network, []).append(row)
    sections = [_network(name, rows) for name, rows in networks.items()]
    body = [
        tag("h1", "Command networks on the same clips"),
        tag("p", told(compared), class_="faint"),
        contents(sections),
        columns("", HEADINGS, [cells(row) for row in compared.rows], wide=True),
        *sections,
    ]
    write_page(path, page("wakeful compare commands", *body, style=STYLE, script=SCRIPT))


def _network(name: str, rows: Sequence[Row]) -> Markup:
    """On its best feature, and folded away on the others."""
    best, *others = rows
    rest = (
        tag("details", tag("summary", _title(row)), _matrix(row), mistakes_told(row.mistakes))
        for row in others
    )
    shown = (_matrix(best), mistakes_told(best.mistakes))
    return section(name, _title(best), "", *shown, *rest)


def _title(row: Row) -> str:
    return f"{row.network} on {row.feature}: {row.test:.4f} of test right"


def _matrix(row: Row) -> Markup:
    losses = tag("details", tag("summary", "Losses"), loss_svg([Fit(row.network, row.losses)]))
    return tag("article", confusion_svg(LABELS, row.confusion), losses)
