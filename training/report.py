"""The report of a training: one page beside the bundle, which loads nothing.

All that it shows was measured before, on the exported step: nothing is scored again here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..models.bundle import Bundle
from ..synth.clips import dropped_takes
from ..synth.page import Markup, contents, page, section, table, tag, write_page
from ..synth.timeline import SCRIPT
from .calibrate import LOWEST_THRESHOLD, REPORTED_PER_HOUR, Calibration
from .card import Card, drawn
from .corpus import rows_of
from .curve import curves_svg
from .fit import kept_losses
from .histogram import Series, histogram
from .loss_curve import Fit, loss_svg
from .pace import Pace
from .page_style import STYLE
from .report_sound import false_accepts, finds_heard, missed_words, said_in
from .report_tables import (
    clips_table,
    dropped_table,
    near_table,
    pace_told,
    points_table,
    recipe_table,
    voices_table,
)
from .ship import Measured
from .train import Run
from .worst import near_words

_MOST = 10

_LEGEND = (
    "The waveform, the features that the network is given and, over them, the white line of its "
    "score from 0 below to 1 above; the dashed line is the chosen threshold."
)


@dataclass(frozen=True)
class Training:
    """A training that is done: what was asked for, what it had, what came of it.

    `clips` are the folders of synthetic clips; `clips_were_made` says whether this run made them.
    """

    run: Run
    made: Measured
    clips: Sequence[Path]
    clips_were_made: bool
    command: str
    minutes: float
    taken_s: float
    pace: Pace | None = None

    @property
    def found(self) -> Calibration:
        """What the step that ships is worth."""
        return self.made.calibration


def report_beside(bundle: Bundle) -> Path:
    """Where the report of a bundle lies."""
    return bundle.path.with_suffix(".html")


def write_report(training: Training) -> Path:
    """Write it beside the bundle; raises `PageError`, and what reading the finds raises."""
    path = report_beside(training.made.bundle)
    write_page(path, report_page(training))
    return path


def report_page(t: Training) -> str:
    """A whole document."""
    word = t.run.recipe.word
    heading = tag("h1", f"“{word}”: how its model was trained, and what it is worth")
    parts = (_asked(t), *_heard(t), _losses(t), *_worth(t), *_near(t), *_own(t), *_players(t))
    body = (heading, contents(parts), *parts)
    return page(f"{word}: the training", *body, style=STYLE, script=SCRIPT)


def _asked(t: Training) -> Markup:
    rows = [
        ("word", t.run.recipe.word),
        ("command", t.command),
        ("minutes planned", f"{t.minutes:g}"),
        ("minutes at work", f"{t.taken_s / 60:.1f}"),
        ("this machine, when planned", pace_told(t.pace, t.clips_were_made)),
        ("kept", t.made.bundle.manifest.weights),
        ("size", f"{len(t.made.bundle.tflite) / 1e3:.0f} kB"),
    ]
    taken = table("Asked and taken", rows)
    return section("asked", "What was trained", "", taken, recipe_table(t.run.recipe.to_dict()))


def _heard(t: Training) -> Iterator[Markup]:
    hours = [(name, f"{h:g} h") for name, h in t.run.sound.hours().items()]
    parts = [table("Hours", hours), clips_table(t.clips), voices_table(t.clips)]
    if dropped := dropped_takes(t.clips):
        parts.append(dropped_table(dropped))
    yield section("heard", "What it heard", "", *parts)


def _losses(t: Training) -> Markup:
    fits = [Fit(name, kept_losses(t.run.checkpoint(name))) for name in t.run.fits]
    there = [fit for fit in fits if fit.losses]
    said = (
        "Each way goes on from the first fit, on mixtures of its own. The second fit goes on from "
        "their mean, and also learns from what the miner found: its loss doesn't compare."
    )
    parts = [loss_svg(there), tag("p", said, class_="faint")]
    return section("losses", "Loss of each epoch", "", *parts[: len(there)])


def _worth(t: Training) -> Iterator[Markup]:
    found, tried = t.found, t.made.tried
    drawn_curves = curves_svg(
        [c.evidence.points for c in tried.values()], found.chosen, found.hours, REPORTED_PER_HOUR
    )
    keys = [
        part
        for name, weights in zip(("first", "second"), tried, strict=False)
        for part in (tag("span", class_=f"key {name}"), weights)
    ]
    legend = tag("p", *keys, class_="faint")
    told = f"{found.words} clips of voices not trained on; {found.hours:.2f} h held out."
    parts = [drawn_curves, legend, tag("p", told, class_="faint")]
    parts += [points_table(tried, found.chosen), tag("p", why(found, _aim(t)))]
    title = "Missed words against false accepts, on held-out sound"
    yield section("worth", title, "", *parts)
    late = found.evidence.late_ms
    if late:
        bars = histogram([Series("words", late)], np.arange(-500.0, 1_001.0, 50.0), " ms")
        yield section("latency", "From a word's end to the firing", "", bars)


def _aim(t: Training) -> float:
    return t.run.recipe.aim_per_hour


def why(found: Calibration, aim_per_hour: float) -> str:
    """Why the threshold is what it is, and how far that is to be trusted."""
    chosen = found.chosen
    if chosen.miss_rate == 1.0 and chosen.false_accepts_per_hour == 0.0:
        return (
            f"No threshold hears a word and keeps to {aim_per_hour:g} false accepts an hour: the "
            "model as it is never fires. Give more --negatives or more --minutes."
        )
    told = f"keeps to {aim_per_hour:g} false accepts an hour"
    first = "the lowest from which on none breaks it"
    if chosen.false_accepts_per_hour > aim_per_hour:
        told = "lets one false accept pass, whose price would be more than every tenth word,"
        first = "the lowest at which there is no other"
    if chosen.threshold <= LOWEST_THRESHOLD:
        first = "the lowest that is ever taken"
    sure_of_all = " and every step of the mean must be sure" if found.raised else ""
    one = f"one false accept in {found.hours:.2f} h is {1 / found.hours:.2f} an hour"
    sure = "" if found.hours * aim_per_hour >= 2 else "; that is too little sound to be sure of it"
    chose = f"The threshold {chosen.threshold:.5g} {told} and is {first}{sure_of_all}"
    return f"{chose}. To judge by: {one}{sure}."


def _near(t: Training) -> Iterator[Markup]:
    """Texts are known where the clips' manifest tells them."""
    rows = [r for _, r in rows_of(t.clips, "hard") if r.get("split") == "validation"]
    scores = t.found.evidence.near
    if not rows or len(rows) != len(scores):
        return
    texts = [str(row.get("text", row["file"])) for row in rows]
    firing = near_words(texts, scores, t.found.chosen.threshold)
    clips, fired = len(scores), sum(word.fired for word in firing)
    told = tag("p", f"{fired} of {clips} held-out clips of near words fire.")
    shown = [near_table(firing, _MOST)] if firing else []
    yield section("near", "Near words", "", told, *shown)


def _own(t: Training) -> Iterator[Markup]:
    own = len(t.found.evidence.own)
    if own:
        told = f"{t.found.missed_own()} of {own} takes that were kept apart are missed."
        yield section("own", "Your own recordings", "", tag("p", told))


def _players(t: Training) -> Iterator[Markup]:
    found, told = t.found, said_in(t.clips)
    kept, threshold, sound = found.evidence, found.chosen.threshold, t.run.sound
    own = missed_words(sound.own_words, kept.own, threshold, {}, _MOST)
    missed = missed_words(sound.test_words, kept.words, threshold, told, _MOST)
    accepted = false_accepts(t.made, sound.held_out, told, _MOST)
    if own or missed or accepted:
        yield tag("p", _LEGEND, class_="faint")
    yield from _cards(t, "own-missed", "Your recordings that are missed", own)
    yield from _cards(t, "misses", "Worst misses", missed)
    fired = "Worst false accepts: what fired, or came nearest to it"
    yield from _cards(t, "false-accepts", fired, accepted)
    question = (
        "What the miner found: does any of these say the word? Then take its recording out of "
        "--negatives and train again"
    )
    yield from _cards(t, "finds", question, finds_heard(t.run.work / "finds", _MOST))


def _cards(t: Training, anchor: str, title: str, cards: Sequence[Card]) -> Iterator[Markup]:
    if cards:
        shown = (drawn(card, t.made.bundle.frontend) for card in cards)
        yield section(anchor, title, "", *shown)
