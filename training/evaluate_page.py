"""An evaluation as one page: the curve, the table, histograms, and the worst to be heard."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..models.frontend import FrontEnd
from ..synth.page import Markup, joined, page, player, tag
from ..synth.picture import HEIGHT, WIDTH, area, heat, wave_path
from ..synth.preview_style import SCRIPT
from ..synth.preview_style import STYLE as PICTURES
from .curve import curve_svg
from .evaluate import Evaluation
from .examiner import Offence, WordHeard
from .figures import cells, told_lines
from .histogram import Series, histogram
from .takes import RATE_HZ

_MOST_CLIPS = 12

STYLE = (
    PICTURES
    + """
.det { max-width: 44rem; margin: 0 auto; } .det text { fill: var(--faint); font-size: 13px; }
.grid { stroke: var(--line); } .limit { stroke: var(--orange); stroke-width: 3; }
.curve { fill: none; stroke: var(--blue); stroke-width: 2.5; }
.own { fill: var(--orange); stroke: var(--card); stroke-width: 2; }
.bars { max-width: 44rem; margin: 0 auto; } .bars text { fill: var(--faint); font-size: 12px; }
.first { fill: var(--blue); fill-opacity: .75; } .second { fill: var(--orange); fill-opacity: .7; }
.key { display: inline-block; width: .8rem; height: .8rem; margin: 0 .3rem 0 .8rem; }
.key.first { background: var(--blue); } .key.second { background: var(--orange); }
section { margin-top: 1.6rem; } .points th { width: auto; }
.score { fill: none; stroke: #fff; stroke-width: 2.5; vector-effect: non-scaling-stroke; }
.under { fill: none; stroke: #000; stroke-width: 5; stroke-opacity: .55;
  vector-effect: non-scaling-stroke; }
.asked { stroke: #ff8c42; stroke-width: 1.5; stroke-dasharray: 6 4;
  vector-effect: non-scaling-stroke; }
"""
)


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
    body = [heading, facts, _curve(e), _points(e), _scores(e), _levels(e), _latencies(e)]
    if e.missed() or e.offences:
        body.append(tag("p", _LEGEND, class_="faint"))
    missed = [_missed(e, w) for w in e.missed()[:_MOST_CLIPS]]
    fired = [_fired(e, o) for o in e.offences[:_MOST_CLIPS]]
    body += _section("Worst misses", "what scored least of what holds the word", missed)
    body += _section("Worst false accepts", "what came nearest, or fired, without it", fired)
    return page(title, *(part for part in body if part), style=STYLE, script=SCRIPT)


def _line(text: str) -> Markup:
    return tag("span", text, style="display:block")


def _section(title: str, said: str, cards: Sequence[Markup]) -> list[Markup]:
    return [tag("h2", f"{title}: {said}"), *cards] if cards else []


def _plain(title: str, *parts: Markup) -> Markup:
    return tag("section", tag("h2", title), *parts)


def _curve(e: Evaluation) -> Markup:
    if not e.hours:
        return joined()
    said = "The orange dot is the model's own threshold; orange ticks are the limits of the table."
    never = f"What never fired in {e.hours:.2f} h is drawn at half a false accept in that time."
    return _plain("Missed words against false accepts", curve_svg(e), tag("p", said, " ", never))


def _points(e: Evaluation) -> Markup:
    points = [(f"{limit} an hour", p) for limit, p in e.at().items()]
    points.append(("the model's own", e.own))
    head = ("keeping to", "threshold", "missed", "95 % interval", "false accepts")
    rows = [tag("tr", *(tag("th", name, scope="col") for name in head))]
    for name, point in points:
        told = cells(point, len(e.words)) if point else ("none", "", "", "")
        rows.append(tag("tr", tag("th", name, scope="row"), *(tag("td", cell) for cell in told)))
    caption = tag("caption", "What the model gives where")
    return tag("table", caption, tag("tbody", *rows), class_="points")


def _scores(e: Evaluation) -> Markup:
    words = Series("words", [w.score for w in e.words])
    others = Series("places without the word that came near", e.peaks)
    drawn = histogram([words, others], np.linspace(0, 1, 41), "")
    return _plain("Highest score of each", drawn)


def _levels(e: Evaluation) -> Markup:
    heard = Series("heard", [w.level_dbfs for w in e.words if w.fired_at_s is not None])
    missed = Series("missed", [w.level_dbfs for w in e.words if w.fired_at_s is None])
    drawn = histogram([heard, missed], np.arange(-66.0, 1.0, 3.0), " dBFS")
    return _plain("Level of the words, at the model's own threshold", drawn)


def _latencies(e: Evaluation) -> Markup:
    late = e.latencies_ms()
    if not late:
        return joined()
    drawn = histogram([Series("words", late)], np.arange(-500.0, 1_001.0, 50.0), " ms")
    return _plain("From a word's end to the firing, at the model's own threshold", drawn)


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
    """A player, and under the score the sound that it was given for."""
    sound = e.sound_of(what)
    frames = FrontEnd(e.bundle.frontend).whole(sound)
    low, high = np.percentile(frames, [5, 99.5]) if frames.size else (0.0, 1.0)
    first, length = what.excerpt.first, max(1, len(sound))
    marks = [_mark((sample - first) / length) for sample in span or ()]
    wave = area("wave", "waveform", tag("path", d=wave_path(sound)), *marks)
    score = _score(what.excerpt.scores, e.own.threshold)
    mel = area("mel", "features and score", heat(frames, low, high), *marks, *score)
    plot = tag("div", wave, mel, tag("div", class_="cursor"), class_="plot")
    shown = f"{said}; {len(sound) / RATE_HZ:.1f} s"
    return tag("article", tag("h2", title), tag("p", shown, class_="faint"), plot, player(sound))


def _mark(share: float) -> Markup:
    x = f"{WIDTH * share:.1f}"
    return tag("line", class_="end", x1=x, x2=x, y1="0", y2=str(HEIGHT))


def _score(scores: np.ndarray[tuple[int], np.dtype[np.float64]], threshold: float) -> list[Markup]:
    """The score from 0 below to 1 above, broken where the gate was closed, and the threshold."""
    drawn, pen = "", "M"
    for i, score in enumerate(scores.tolist(), 1):
        if np.isnan(score):
            pen = "M"
            continue
        drawn += f"{pen}{WIDTH * i / len(scores):.1f} {HEIGHT * (1 - score):.1f}"
        pen = "L"
    y = f"{HEIGHT * (1 - threshold):.1f}"
    line = tag("line", class_="asked", x1="0", x2=str(WIDTH), y1=y, y2=y)
    return [tag("path", d=drawn, class_="under"), tag("path", d=drawn, class_="score"), line]
