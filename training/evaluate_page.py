"""An evaluation as one page: the curve, the table, histograms, and the worst to be heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..synth.page import Markup, columns, contents, joined, page, section, tag
from ..synth.timeline import SCRIPT
from .card import Card, drawn
from .curve import curve_svg
from .evaluate import Evaluation
from .examiner import Offence, WordHeard
from .figures import cells, told_lines
from .histogram import Series, histogram
from .page_style import STYLE
from .roc import roc, roc_svg

_MOST_CLIPS = 12

_LEGEND = (
    "In the pictures below: the waveform; the features that the network is given; over them the "
    "white line of its score, from 0 below to 1 above, broken where the voice gate was closed; the "
    "dashed line of the model's own threshold; and, where labels say it, where the word lies."
)


def evaluation_page(e: Evaluation) -> str:
    """A whole document that loads nothing."""
    name = e.bundle.name
    title = f"{name}: misses and false accepts"
    heading = tag("h1", f"“{e.bundle.manifest.labels[0]}”: what the model {name} is worth")
    facts = tag("p", *(_line(line) for line in told_lines(e)), class_="faint")
    body = [_curve(e), _roc(e), _points(e), _scores(e), _levels(e), _latencies(e)]
    if e.missed() or e.offences:
        body.append(tag("p", _LEGEND, class_="faint"))
    missed = [_missed(e, w) for w in e.missed()[:_MOST_CLIPS]]
    fired = [_fired(e, o) for o in e.offences[:_MOST_CLIPS]]
    body += _cards("misses", "Worst misses: what scored least of what holds the word", missed)
    near = "Worst false accepts: what came nearest, or fired, without it"
    body += _cards("false-accepts", near, fired)
    return page(title, heading, facts, contents(body), *body, style=STYLE, script=SCRIPT)


def _line(text: str) -> Markup:
    return tag("span", text, style="display:block")


def _cards(anchor: str, title: str, cards: Sequence[Markup]) -> Iterator[Markup]:
    if cards:
        yield section(anchor, title, "", *cards)


def _curve(e: Evaluation) -> Markup:
    if not e.hours:
        return joined()
    said = "The orange dot is the model's own threshold; orange ticks are the limits of the table."
    never = f"What never fired in {e.hours:.2f} h is drawn at half a false accept in that time."
    told = tag("p", said, " ", never, class_="faint")
    return section("curve", "Missed words against false accepts", "", curve_svg(e), told)


def _roc(e: Evaluation) -> Markup:
    """The same by the second: of each that holds no word, whether it would fire."""
    seconds = int(3_600 * e.hours)
    if not seconds or not e.words:
        return joined()
    near = sorted(e.peaks, reverse=True)[:seconds]
    scores = [w.score for w in e.words] + near + [0.0] * (seconds - len(near))
    found = roc(scores, [True] * len(e.words) + [False] * seconds)
    told = f"Words found against seconds without one, of {seconds}, in which it fires."
    picture = roc_svg({e.bundle.name: found})
    return tag("details", tag("summary", "As a ROC curve"), tag("p", told), picture)


def _points(e: Evaluation) -> Markup:
    points = [(f"{limit} an hour", p) for limit, p in e.at().items()]
    points.append(("the model's own", e.own))
    head = ("keeping to", "threshold", "missed", "95 % interval", "false accepts")
    none = ("none", "", "", "")
    rows = [(name, *(cells(point, len(e.words)) if point else none)) for name, point in points]
    return columns("What the model gives where", head, rows, wide=True)


def _scores(e: Evaluation) -> Markup:
    words = Series("words", [w.score for w in e.words])
    others = Series("places without the word that came near", e.peaks)
    bars = histogram([words, others], np.linspace(0, 1, 41), "")
    return section("scores", "Highest score of each", "", bars)


def _levels(e: Evaluation) -> Markup:
    heard = Series("heard", [w.level_dbfs for w in e.words if w.fired_at_s is not None])
    missed = Series("missed", [w.level_dbfs for w in e.words if w.fired_at_s is None])
    bars = histogram([heard, missed], np.arange(-66.0, 1.0, 3.0), " dBFS")
    return section("levels", "Level of the words, at the model's own threshold", "", bars)


def _latencies(e: Evaluation) -> Markup:
    late = e.latencies_ms()
    if not late:
        return joined()
    bars = histogram([Series("words", late)], np.arange(-500.0, 1_001.0, 50.0), " ms")
    title = "From a word's end to the firing, at the model's own threshold"
    return section("latency", title, "", bars)


def _missed(e: Evaluation, w: WordHeard) -> Markup:
    at = "" if w.at_s is None else f" at {w.at_s:.2f} s"
    said = f"score {w.score:.3f}, level {w.level_dbfs:.0f} dBFS".replace("-", "−")
    return _card(e, w, f"{w.name}{at}", said, w.span)


def _fired(e: Evaluation, o: Offence) -> Markup:
    said = f"score {o.score:.3f}, " + ("fires" if o.fires else "does not fire")
    return _card(e, o, f"{o.name} at {o.at_s:.2f} s", said, None)


def _card(
    e: Evaluation, what: WordHeard | Offence, title: str, said: str, span: tuple[int, int] | None
) -> Markup:
    """An excerpt as it was heard, with the lines of where the word lies."""
    marks = [sample - what.excerpt.first for sample in span or ()]
    card = Card(title, said, e.sound_of(what), e.own.threshold, what.excerpt.scores, marks)
    return drawn(card, e.bundle.frontend)
