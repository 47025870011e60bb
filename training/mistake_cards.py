"""Mistakes on a page: each with what was said, what was heard, how sure, and the sound itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..synth.collection import shown
from ..synth.levels import to_int16
from ..synth.page import Markup, joined, tag
from .corpora import Clip
from .corpora_sound import read_clip
from .corpus import CorpusError
from .explore_clip import Shown, heard_card
from .mistakes import Mistake

_LONGEST_S = 15.0


def mistakes_told(mistakes: Sequence[Mistake]) -> Markup:
    """Side by side where there is room, under a heading; nothing where there are none."""
    if not mistakes:
        return joined()
    cards = tag("div", *(_card(mistake) for mistake in mistakes), class_="cards")
    return joined(tag("h3", "Of what it was wrong about, what it was surest of"), cards)


def _card(m: Mistake) -> Markup:
    sure = f"{m.sure:.1%} sure, {m.believed:.1%} for {m.said}"
    who = f"; {m.speaker}" if m.speaker else ""
    at = f" from {m.start_s:.2f} s" if m.start_s else ""
    said = f"{sure}{who}; {shown(Path(m.file).name)}{at}"
    return sound_card(m.clip, f"“{m.said}” heard as “{m.heard}”", said)


def sound_card(clip: Clip, title: str, said: str) -> Markup:
    """A clip's waveform, mel and player; a line instead, if it can't be read any more."""
    try:
        sound = read_clip(clip)
    except CorpusError as error:
        gone = not clip.path.exists()
        why = f"{shown(clip.path)}: is not there any more" if gone else str(error)
        lines = (tag("p", text, class_="faint") for text in (said, why))
        return tag("article", joined(tag("h3", title), *lines), class_="clip")
    cut = to_int16(sound[: round(_LONGEST_S * 16_000)])
    return heard_card(Shown(clip.path, title, said, whole=False), cut)
