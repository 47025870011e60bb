"""The report of a data set: one page that loads nothing, from how much there is to what is odd."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..synth.page import Markup, columns, contents, page, section, tag
from .explore import Explored
from .explore_charts import named_bars, spread_bars
from .explore_figures import Leaking, Named
from .explore_noises import noises_section
from .explore_page_labels import label_sections
from .explore_page_sounds import odd_section, same_section, typical_section
from .explore_sights import Sights
from .explore_spread import SHARES, Spread
from .explore_style import SCRIPT, STYLE
from .explore_text import findings, length_told

_MOST_BARS, _MOST_SPEAKERS = 40, 15


def explored_page(
    e: Explored, sights: Sights, surprises: Sequence[Markup] = (), *, noises: bool = False
) -> str:
    """A whole document; `surprises` are the sections of what a model makes of it."""
    name = e.figures.folder.rstrip("/").rpartition("/")[2] or e.figures.folder
    sections = [
        *_found(e),
        *_how_much(e),
        *_lengths(e),
        *_levels(e),
        *_quiet(e),
        *same_section(e, sights),
        *_leaks(e),
        *label_sections(e, sights),
        *typical_section(sights),
        *odd_section(e, sights),
        *surprises,
        *_unreadable(e),
        *([noises_section()] if noises else []),
    ]
    heading = tag("h1", f"{name}: what is in it")
    folder = tag("p", e.figures.folder, class_="faint")
    body = [heading, folder, _tiles(e), contents(sections), *sections]
    return page(f"{name}: what is in it", *body, style=STYLE, script=SCRIPT)


def noises_page() -> str:
    """The noises alone."""
    title = "The five noises"
    return page(title, tag("h1", title), noises_section(), style=STYLE, script=SCRIPT)


def _tiles(e: Explored) -> Markup:
    f = e.figures
    tiles = [
        (f"{f.recordings}", "recordings"),
        (length_told(f.hours), "of sound"),
        (f"{len(f.labels)}", "label" if len(f.labels) == 1 else "labels"),
        (f"{f.speakers}" if f.speakers else "–", "speakers known"),
        (f"{f.saved_share:.0%}", "saved by trimming"),
        (f"{f.unreadable}", "unreadable"),
    ]
    drawn = (tag("div", tag("b", value), tag("span", name), class_="tile") for value, name in tiles)
    return tag("div", *drawn, class_="tiles")


def _found(e: Explored) -> Iterator[Markup]:
    lines = list(findings(e))
    said = "What to look at before training" if lines else "Nothing stands in the way of training"
    items = tag("ul", *(tag("li", line) for line in lines))
    yield tag("div", tag("h2", said), items, class_="found")


def _how_much(e: Explored) -> Iterator[Markup]:
    f = e.figures
    if not f.labels:
        return
    counted = [(label.name, label.recordings) for label in f.labels[:_MOST_BARS]]
    parts = [tag("h3", "Recordings by label"), named_bars(counted, "recordings by label")]
    if len(f.labels) > _MOST_BARS:
        parts.append(tag("p", f"and {len(f.labels) - _MOST_BARS} rarer labels", class_="faint"))
    parts.append(_folded("The labels as a table", _label_table(e)))
    if f.largest_speakers:
        most = list(f.largest_speakers.items())[:_MOST_SPEAKERS]
        who = f"{f.speakers} speakers" + (", those with most" if f.speakers > len(most) else "")
        parts.append(tag("h3", f"Recordings by speaker: {who}"))
        parts.append(named_bars(most, "recordings by speaker"))
    if f.without_speaker:
        told = f"{f.without_speaker} of {f.recordings} tell no speaker."
        parts.append(tag("p", told, class_="faint"))
    yield section("how-much", "How much there is", "", *parts)


def _label_table(e: Explored) -> Markup:
    rows = [
        (label.name, f"{label.recordings}", length_told(label.hours), f"{label.speakers or '–'}")
        for label in e.figures.labels[:1_000]
    ]
    return columns("", ("label", "recordings", "sound", "speakers"), rows)


def _folded(title: str, *parts: Markup) -> Markup:
    return tag("details", tag("summary", title), *parts)


def _lengths(e: Explored) -> Iterator[Markup]:
    f = e.figures
    if not f.seconds:
        return
    short = f"{f.under_a_second} of {f.recordings} are under a second."
    odd = [("sample rate", rate, f"{count}") for rate, count in f.rates_hz.items()]
    odd += [("channels", channels, f"{count}") for channels, count in f.channels.items()]
    yield section(
        "length",
        "How long they are",
        short,
        spread_bars(f.seconds, " s", "length in seconds"),
        _percentiles(f.seconds, "seconds", 3),
        columns("Formats", ("", "value", "recordings"), odd),
    )


def _percentiles(s: Spread, unit: str, digits: int) -> Markup:
    """0 to 100 by tens, then 90 to 99 one by one, each in one scrolling row."""
    tens = [share for share in SHARES if share % 10 == 0]
    ones = [share for share in SHARES if 90 <= share < 100]
    tables = []
    for said, shares in ((f"Percentiles, {unit}", tens), ("From 90 to 99", ones)):
        head = ("percent", *(str(share) for share in shares))
        row = (unit, *(f"{s.percentiles[share]:.{digits}f}" for share in shares))
        tables.append(columns(said, head, [row], wide=True))
    return tag("div", *tables)


def _levels(e: Explored) -> Iterator[Markup]:
    f = e.figures
    if not f.level_dbfs or not f.peak_dbfs:
        return
    parts = [
        tag("h3", "Level of what sounds"),
        spread_bars(f.level_dbfs, " dBFS", "level"),
        tag("h3", "Peaks"),
        spread_bars(f.peak_dbfs, " dBFS", "peak"),
    ]
    if f.snr_db:
        parts += [tag("h3", "Signal to noise, estimated"), spread_bars(f.snr_db, " dB", "SNR")]
    parts += _named("Clipped", f.clipped, f.most_clipped)
    parts += _named("With a DC offset of over 1 % of full scale", f.dc, f.most_dc)
    said = (
        "The level is that of the 20 ms within 25 dB of the loudest; noise is taken to be the "
        "quietest tenth, so a recording without a pause is called noisier than it is."
    )
    yield section("level", "How loud and how clean they are", said, *parts)


def _named(title: str, count: int, first: Sequence[Named]) -> list[Markup]:
    if not count:
        return []
    rows = [(n.file, n.value) for n in first]
    more = f", the worst {len(rows)}" if count > len(rows) else ""
    return [_folded(f"{title}: {count}{more}", columns("", ("recording", "how much"), rows))]


def _quiet(e: Explored) -> Iterator[Markup]:
    f = e.figures
    if not f.before_s or not f.after_s:
        return
    rows = [
        ("all of it", length_told(f.hours), "100 %"),
        ("speech, as webrtcvad finds it", length_told(f.speech_hours), _share(f.speech_hours, e)),
        ("trimmed to it", length_told(f.trimmed_hours), _share(f.trimmed_hours, e)),
        ("saved in each epoch", length_told(f.hours - f.trimmed_hours), f"{f.saved_share:.0%}"),
    ]
    yield section(
        "quiet",
        "Quiet ends, and what trimming leaves",
        "Quiet is what lies 42 dB below a recording's loudest. Trimming leaves 0.1 s on both sides "
        "of the speech, and what has no speech as it is.",
        columns("Speech", ("", "sound", "share"), rows),
        tag("p", f"No speech is found in {f.without_speech} recordings.", class_="faint"),
        tag("h3", "Quiet before it begins"),
        spread_bars(f.before_s, " s", "quiet at the beginning"),
        tag("h3", "Quiet after it has ended"),
        spread_bars(f.after_s, " s", "quiet at the end"),
    )


def _share(hours: float, e: Explored) -> str:
    return f"{hours / e.figures.hours:.0%}" if e.figures.hours else "–"


def _leaks(e: Explored) -> Iterator[Markup]:
    f = e.figures
    if not f.splits:
        if not f.speakers:
            return
        told = (
            f"The data set says nothing of its split. Split at random in 80 and 20 %, "
            f"{f.leaking_by_chance:.0f} of its {f.speakers} speakers would be heard on both sides: "
            "part it by speaker."
        )
        yield section("leaks", "What would leak", told)
        return
    rows = [(name, f"{count}") for name, count in f.splits.items()]
    parts = [columns("Recordings by split", ("split", "recordings"), rows)]
    parts += _leaking("Speakers on both sides", f.leaking_speakers)
    parts += _leaking("Equal recordings on both sides", f.leaking_sounds)
    across = [n for n in e.near if n.first.split != n.second.split and n.first.split]
    if across:
        parts.append(tag("p", f"{len(across)} nearly equal pairs lie on both sides."))
    clean = not (f.leaking_speakers or f.leaking_sounds or across)
    said = "Nobody and nothing is on two sides of the split." if clean else ""
    yield section("leaks", "What would leak", said, *parts)


def _leaking(title: str, found: Sequence[Leaking]) -> list[Markup]:
    if not found:
        return []
    rows = [(x.name, ", ".join(f"{n} {s}" for s, n in x.splits.items())) for x in found[:100]]
    return [tag("p", f"{title}: {len(found)}"), columns("", ("which", "recordings"), rows)]


def _unreadable(e: Explored) -> Iterator[Markup]:
    f = e.figures
    if f.unreadable:
        reasons = [(reason, f"{count}") for reason, count in f.reasons.items()]
        first = [(n.file, n.value) for n in f.unreadable_first]
        yield section(
            "unreadable",
            f"What can't be read: {f.unreadable}",
            "",
            columns("Why", ("reason", "recordings"), reasons),
            _folded("The first of them", columns("", ("recording", "reason"), first)),
        )
