"""What a report says of labels: how each sounds on the whole, and which sound like one another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from ..models.features import Frames
from ..synth.page import Markup, data_uri, section, tag
from ..synth.picture import png
from .confusion import confusion_svg
from .explore import Explored
from .explore_charts import alike_svg, spectrum_panels, violins
from .explore_labels import BAND_EDGES_HZ, LEVEL_EDGES_DB, MOST_LABELS, LabelSounds
from .explore_sights import Sights

_MOST_MATRIX = 25
_PAIRS = 5


def label_sections(e: Explored, sights: Sights) -> Iterator[Markup]:
    """Nothing of a data set in which nothing was measured; less of one with one label."""
    sounds = e.sounds
    if sounds is None:
        return
    half_rate_hz = max(int(rate) for rate in e.figures.rates_hz) / 2
    yield section("spectra", "How each label sounds", "", *_means(e, sounds, sights, half_rate_hz))
    if len(sounds.labels) < 2:
        yield section(
            "alike", "Labels beside each other", "There is one label: nothing to set beside it."
        )
        return
    yield _bands(sounds, half_rate_hz)
    yield _alike(sounds)


def _means(
    e: Explored, sounds: LabelSounds, sights: Sights, half_rate_hz: float
) -> Iterator[Markup]:
    if len(e.figures.labels) > MOST_LABELS:
        yield tag("p", f"The {MOST_LABELS} most frequent labels are shown.", class_="faint")
    bins = max(2, min(sounds.spectra.shape[1], round(half_rate_hz / 50) + 1))
    yield tag("h3", "Mean spectrum of each, before those of all others")
    yield spectrum_panels(sounds.labels, sounds.spectra[:, :bins], min(2 * half_rate_hz, 16_000))
    top = f"0 to {(bins - 1) / 20:g} kHz"
    yield tag("h3", f"Mean spectrogram, laid where they begin to sound: 1 s, {top}")
    means = (_mean(name, count, m[:, :bins]) for name, (count, m) in sights.means.items())
    yield tag("div", *means, class_="means")


def _mean(label: str, count: int, frames: Frames) -> Markup:
    low, high = float(frames.max()) - 55, float(frames.max())
    shades = np.rint((frames - low).clip(0, high - low) / (high - low) * 255).astype(np.uint8)
    source = data_uri(png(np.flipud(shades.T)), "image/png")
    picture = tag("img", src=source, alt=f"mean spectrogram of {label}")
    return tag("figure", picture, tag("figcaption", f"{label}, mean of {count}"))


def _bands(sounds: LabelSounds, half_rate_hz: float) -> Markup:
    """One violin plot to be chosen by its band; that which parts the labels best comes first."""
    bands = [n for n, (_, high) in enumerate(pairwise(BAND_EDGES_HZ)) if high <= half_rate_hz]
    best = max(bands, key=lambda n: float(sounds.apart[n]))
    names = {n: f"{BAND_EDGES_HZ[n]} to {BAND_EDGES_HZ[n + 1]} Hz" for n in bands}
    options = (
        tag("option", names[n], value=str(n), **({"selected": ""} if n == best else {}))
        for n in bands
    )
    views = (
        tag(
            "div",
            violins(sounds.labels, sounds.levels[:, n], LEVEL_EDGES_DB),
            data_view=str(n),
            **({} if n == best else {"hidden": ""}),
        )
        for n in bands
    )
    said = (
        "The level of one band, in dB of a recording's whole power; the line is the median. "
        f"Labels lie farthest apart from {names[best]}."
    )
    choose = tag("p", "Band: ", tag("select", *options, aria_label="band"))
    return section("bands", "One band across labels", said, choose, *views)


def _alike(sounds: LabelSounds) -> Markup:
    labels = sounds.labels
    pairs = sorted(
        (
            (float(sounds.alike[i, j]), labels[i], labels[j])
            for i in range(len(labels))
            for j in range(i)
        ),
        reverse=True,
    )
    closest = ", ".join(f"{a} and {b} ({value:.2f})" for value, a, b in pairs[:_PAIRS])
    said = f"Most alike: {closest.replace('-', '−')}. By correlation of their mean shapes."
    parts = []
    if len(labels) <= _MOST_MATRIX:
        told = (
            "A linear discriminant over those shapes, made from these very recordings, gives "
            f"{sounds.right:.0%} of them to their own label. What it can't part is worth hearing; "
            "a network has to be better than this."
        )
        parts = [alike_svg(labels, sounds.alike), tag("h3", "Which are taken for which")]
        parts.append(tag("p", told, class_="faint"))
        parts.append(confusion_svg(labels, sounds.nearest))
    return section("alike", "Which labels sound alike", said, *parts)
