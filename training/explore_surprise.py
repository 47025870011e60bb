"""What a trained model makes of each recording, and which of them surprise it most.

The surprise is how little it believes the label that a recording has. What it is sure of and wrong
is a mistake of the model's or of the label's; either is worth hearing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..models.bundle import load_bundle
from ..models.classifier import Classifier
from ..models.digit_strings import DigitReader
from ..models.labels import SILENCE, UNKNOWN
from ..synth.collection import shown
from ..synth.levels import Sound, to_float
from ..synth.page import Markup, section, tag
from ..synth.progress import Show
from .confusion import Counts, confusion_svg
from .digit_sources import digit_of
from .explore_clip import Shown, card
from .explore_files import ExploreError
from .explore_means import SHUFFLED
from .explore_measure import UNREADABLE
from .explore_pass import Hands
from .explore_sound import first_part
from .explore_store import Row, Store
from .roc import Roc, det_svg, roc, roc_svg

_LONGEST_S = 10.0
_BATCH = 512
_MOST, _MOST_OF_ONE = 24, 6
_MOST_SCORES = 50_000
_NO_WORDS = (SILENCE, UNKNOWN)

Beliefs = Mapping[str, float]


@dataclass(frozen=True)
class Surprises:
    """A model's opinion of a data set; `counts` are [labels, labels], by own label and guess."""

    model: str
    labels: tuple[str, ...]
    counts: Counts
    left_out: int
    """Recordings whose label the model doesn't know, nor has a word for what it doesn't know."""
    rows: tuple[tuple[Row, str, str, float], ...]
    """Recording, the label it ought to have by the model's words, the guess, and the belief."""
    words: Roc | None
    """How well it tells words from silence and from what it doesn't know; None without both."""

    @property
    def right(self) -> float:
        """The share of recordings that it gives their own label."""
        return float(np.trace(self.counts) / max(1, self.counts.sum()))


def surprises(store: Store, hands: Hands, model: str, show: Show) -> Surprises:
    """Ask a model, shipped or a bundle's path, about every recording; raises as `ranker`."""
    total = int(store.one("SELECT count(*) FROM clips WHERE +"))
    store.change("UPDATE clips SET guess = NULL, belief = NULL, word = NULL")
    labels: dict[str, None] = {}
    done = 0
    while rows := store.rows("seconds IS NOT NULL AND id > ? ORDER BY id LIMIT ?", done, _BATCH):
        asked = hands.over(partial(believed, model), [store.path_of(row) for row in rows])
        for row, beliefs in zip(rows, asked, strict=True):
            labels.update(dict.fromkeys(beliefs))
            _note(store, row, beliefs)
        done = rows[-1].id
        show(int(store.one("SELECT count(*) FROM clips WHERE + AND id <= ?", done)), total)
    store.save()
    return _summed(store, load_bundle(model).name, tuple(sorted(labels)))


def believed(model: str, path: Path) -> dict[str, float]:
    """By label, how much a model believes it; nothing of what can't be read any more."""
    try:
        return dict(ranker(model)(to_float(first_part(path, _LONGEST_S))))
    except UNREADABLE:
        return {}


@lru_cache(maxsize=1)
def ranker(model: str) -> Callable[[Sound], Beliefs]:
    """What a model makes of a sound; it is loaded once in each process.

    Raises a `BundleError`, and `ExploreError` for a model that doesn't rank labels.
    """
    bundle = load_bundle(model)
    if bundle.manifest.kind == "commands":
        classifier = Classifier(bundle)
        return lambda sound: {r.label: r.confidence for r in classifier.hear(sound)}
    if bundle.manifest.kind == "digits":
        reader = DigitReader(bundle)
        return lambda sound: dict(reader.rank(sound))
    raise ExploreError(
        f"--model {shown(model)}: is a {bundle.manifest.kind} model; one of kind commands or "
        "digits ranks labels"
    )


def _note(store: Store, row: Row, beliefs: Beliefs) -> None:
    own = own_label(row.label, beliefs)
    if own:
        guess = max(beliefs, key=lambda label: beliefs[label])
        word = 1 - sum(beliefs.get(label, 0.0) for label in _NO_WORDS)
        text = "UPDATE clips SET guess = ?, belief = ?, word = ? WHERE id = ?"
        store.change(text, guess, beliefs[own], word, row.id)


def own_label(label: str, known: Mapping[str, float] | Sequence[str]) -> str | None:
    """What a model would have to call a recording of a label; None where it has no word for it.

    A folder of digits may be called "seven" where the model says "7".
    """
    if label in known:
        return label
    digit = digit_of(label)
    if digit is not None and str(digit) in known:
        return str(digit)
    return UNKNOWN if UNKNOWN in known else None


def _summed(store: Store, model: str, labels: tuple[str, ...]) -> Surprises:
    places = {label: n for n, label in enumerate(labels)}
    counts: npt.NDArray[np.int64] = np.zeros((len(labels), len(labels)), np.int64)
    grouped = store.query(
        "SELECT label, guess, count(*) FROM clips WHERE guess IS NOT NULL GROUP BY label, guess"
    )
    for label, guess, count in grouped:
        own = own_label(label, labels)
        if own:
            counts[places[own], places[guess]] += count
    left_out = int(store.one("SELECT count(*) FROM clips WHERE + AND guess IS NULL"))
    rows = tuple(_least_believed(store, labels))
    return Surprises(model, labels, counts, left_out, rows, _words(store, labels))


def _words(store: Store, labels: Sequence[str]) -> Roc | None:
    """From fifty thousand recordings at the most."""
    text = f"SELECT label, word FROM clips WHERE word IS NOT NULL ORDER BY {SHUFFLED} LIMIT ?"
    scored = [(own_label(label, labels), word) for label, word in store.query(text, _MOST_SCORES)]
    truths = [own not in _NO_WORDS for own, _ in scored]
    return roc([word for _, word in scored], truths) if len(set(truths)) == 2 else None


def _least_believed(store: Store, labels: Sequence[str]) -> Iterator[tuple[Row, str, str, float]]:
    """Of no label more than a quarter: one that a model never learned would be all there is."""
    rows = store.rows(
        "id IN (SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY label ORDER BY belief) "
        "AS place FROM clips WHERE belief IS NOT NULL) WHERE place <= ?) "
        "ORDER BY belief, name LIMIT ?",
        _MOST_OF_ONE,
        _MOST,
    )
    for row in rows:
        guess, belief = next(store.query("SELECT guess, belief FROM clips WHERE id = ?", row.id))
        yield row, own_label(row.label, labels) or row.label, guess, belief


def surprise_section(store: Store, hands: Hands, s: Surprises) -> Markup:
    """How often it is right, what it mistakes, and the most surprising recordings to be heard."""
    cards = hands.over(card, [_shown(store, *row) for row in s.rows])
    left = f" {s.left_out} were left out: it has no word for their labels." if s.left_out else ""
    said = (
        f"It gives {s.right:.1%} of {int(s.counts.sum())} recordings their own label.{left} "
        "Recordings that it learned from are no measure of it."
    )
    return section(
        "surprises",
        f"What surprises the model {s.model}",
        said,
        *_taken_for(s),
        *_told_apart(s),
        tag("h3", "The least believed"),
        tag("div", *cards, class_="cards"),
    )


def _taken_for(s: Surprises) -> list[Markup]:
    """Of a digit model in a folder of words, ten rows and columns would be empty."""
    used = np.flatnonzero(s.counts.sum(axis=0) + s.counts.sum(axis=1))
    if not len(used):
        return []
    return [confusion_svg([s.labels[n] for n in used], s.counts[np.ix_(used, used)])]


def _told_apart(s: Surprises) -> list[Markup]:
    """The two mistakes that one can choose between: a word missed, and one that nobody said."""
    if s.words is None:
        return []
    curves = {"a word, or none": s.words}
    said = "Words against silence and all that it has no word for, by how much it believes in any."
    faint = tag("p", said, class_="faint")
    told = tag("details", tag("summary", "As a ROC curve"), roc_svg(curves))
    return [tag("h3", "Is it a word at all?"), faint, det_svg(curves), told]


def _shown(store: Store, row: Row, own: str, guess: str, belief: float) -> Shown:
    said = f"{row.label}{f', {row.speaker}' if row.speaker else ''}; "
    believes = f"believes in {own} by {belief:.2%}"
    said += f"it hears {guess}, and {believes}" if guess != own else f"it hears it, but {believes}"
    return Shown(store.path_of(row), shown(row.name), said, whole=False)
