"""The comparison of recognizers as a page: ranks, losses, and what each one read worst."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..synth.collection import shown
from ..synth.page import Markup, columns, contents, page, section, tag
from ..synth.timeline import SCRIPT
from .asr_compare import HEADINGS, Result, cells
from .asr_score import Misread
from .corpora import Clip
from .loss_curve import Fit, loss_svg
from .mistake_cards import sound_card
from .page_style import STYLE

_TITLE = "Speech recognizers on the same speech"


def comparison_page(ranked: Sequence[Result]) -> str:
    """A whole document that loads nothing; the best first."""
    rows = [cells(place, result) for place, result in enumerate(ranked, 1)]
    sections = [_losses(ranked), *(_misread(result) for result in ranked if result.worst)]
    table = columns("", HEADINGS, rows, wide=True)
    body = (tag("h1", _TITLE), contents(sections), table, *sections)
    return page(_TITLE, *body, style=STYLE, script=SCRIPT)


def _losses(ranked: Sequence[Result]) -> Markup:
    """All from the first chapter on, for they learn from the same."""
    fits = [Fit(result.name, result.losses) for result in ranked if result.losses]
    said = "In nats a symbol, of each hundred batches; every fit begins at the left."
    return section("losses", "Losses", said, loss_svg(fits, "hundreds of batches", beside=True))


def _misread(result: Result) -> Markup:
    cards = tag("div", *(_card(misread) for misread in result.worst), class_="cards")
    title = f"{result.name}: what it read worst"
    return section(result.name, title, "", cards)


def _card(m: Misread) -> Markup:
    read = f"read as “{m.written}”" if m.written else "nothing was read"
    said = f"{m.wrong:.0%} of its characters wrong; {shown(Path(m.file).name)}"
    return sound_card(Clip(Path(m.file), m.said), f"“{m.said}”: {read}", said)
