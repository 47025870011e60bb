"""Training mixtures to hear and to see: which, and a page with a card for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..models.frontend import FrontEnd, FrontEndConfig
from .drawn_text import drawn_rows, told_rows
from .labels import LabelSettings, label_steps
from .levels import Samples, peak_dbfs, to_float
from .mixture import Kind, Mixture, MixtureSettings, Placement, compose, draw_mixture
from .page import Markup, joined, page, player, table, tag
from .palette import Palette
from .picture import Frames, area, heat, overlay, wave_path
from .preview_style import STYLE, legend
from .shelf import Shelf
from .timeline import SCRIPT, timeline

_RATE = 16_000
_MOST_TRIES = 2_000


@dataclass(frozen=True)
class PreviewSettings:
    """How many are drawn from which seed, and with what training would look at them."""

    count: int = 12
    seed: int = 1
    mixtures: MixtureSettings = field(default_factory=MixtureSettings)
    labels: LabelSettings = field(default_factory=LabelSettings)
    frontend: FrontEndConfig = field(default_factory=FrontEndConfig)
    stride: int = 3
    """Frames of the front end to one step of the network."""


@dataclass(frozen=True)
class Example:
    """A mixture, as the network would be given it: `frames` [n, bands]."""

    number: int
    mixture: Mixture
    samples: Samples
    frames: Frames


def draw_examples(palette: Palette, settings: PreviewSettings) -> list[Example]:
    """The first so many mixtures of a seed, of which each kind is one if there is room for all.

    Mixture ``i`` is what training draws as example ``i`` from the same seed and palette.
    """
    frontend = FrontEnd(settings.frontend)
    examples = []
    for number, mixture in _chosen(palette, settings):
        samples = compose(mixture, palette)
        examples.append(Example(number, mixture, samples, frontend.whole(samples)))
    return examples


def _chosen(palette: Palette, s: PreviewSettings) -> list[tuple[int, Mixture]]:
    wanted = {k for k, share in s.mixtures.shares if share > 0 and (k != "hard" or palette.hard)}
    firsts: dict[Kind, int] = {}
    drawn: list[Mixture] = []
    while len(drawn) < s.count or (wanted - firsts.keys() and len(drawn) < _MOST_TRIES):
        rng = np.random.default_rng([s.seed, len(drawn)])
        drawn.append(draw_mixture(rng, palette, s.mixtures))
        firsts.setdefault(drawn[-1].kind, len(drawn) - 1)
    numbers = [*firsts.values(), *range(len(drawn))]
    return [(n, drawn[n]) for n in sorted(list(dict.fromkeys(numbers))[: s.count])]


def preview_page(
    word: str, examples: Sequence[Example], shelf: Shelf, settings: PreviewSettings
) -> str:
    """The whole page, as HTML: a card with player, pictures and all that was drawn for each."""
    everything = np.concatenate([e.frames for e in examples])
    low, high = (float(v) for v in np.percentile(everything, (2, 99.8)))
    cards = [_card(e, shelf, settings, (low, high)) for e in examples]
    intro = tag(
        "p",
        f"{len(cards)} training mixtures of “{word}”, seed {settings.seed}. Brightness is what "
        "the network is given, on one scale for all; a waveform's height is its own.",
        class_="faint",
    )
    heading = tag("h1", f"“{word}” as training hears it")
    title = f"{word}: training mixtures"
    return page(title, heading, intro, legend(), *cards, style=STYLE, script=SCRIPT)


def _card(e: Example, shelf: Shelf, s: PreviewSettings, scale: tuple[float, float]) -> Markup:
    kind = e.mixture.kind
    heading = tag("h2", f"{e.number} ", tag("span", kind, class_=f"kind {kind}"))
    said = tag("p", said_in(e.mixture, shelf) or "nothing is said")
    facts = tag("p", told_briefly(e), class_="faint")
    details = tag("details", tag("summary", "All that was drawn"), *_tables(e.mixture, shelf))
    return tag("article", heading, said, facts, _sound(e, s, scale), details)


def _sound(e: Example, s: PreviewSettings, scale: tuple[float, float]) -> Markup:
    """Waveform above features, both under what is labelled."""
    m = e.mixture
    step_samples = s.frontend.hop_samples * s.stride
    labels = label_steps(m.word_end, m.length // step_samples, step_samples, s.labels)
    marks = overlay(labels, m.word_end, m.length)
    wave = area("wave", "waveform", tag("path", d=wave_path(e.samples)), *marks)
    mel = area("mel", "log-mel spectrogram", heat(e.frames, *scale), *marks)
    return timeline(wave, mel, length_s=m.length / _RATE, heard=player(e.samples))


def said_in(m: Mixture, shelf: Shelf) -> str:
    """The texts of what is said, in order of time; a file's name where no text is known."""
    placed = sorted(m.placements, key=lambda p: p.at)
    return " · ".join(_text(p, m, shelf) for p in placed)


def _text(p: Placement, m: Mixture, shelf: Shelf) -> str:
    row = shelf.told(p.source, p.number)
    text = str(row.get("text") or row["file"])
    return f"part of “{text}”" if m.kind == "part" and p.source == "word" else text


def told_briefly(e: Example) -> str:
    """Its level, what is below it, and where it is, in one line."""
    m = e.mixture
    told = [f"level {m.level_dbfs:.0f} dBFS", f"peak {peak_dbfs(to_float(e.samples)):.0f} dBFS"]
    told += [f"{b.colour or b.source} at SNR {b.snr_db:.0f} dB" for b in m.backdrops]
    told += [f"crowd of {len(m.crowd.talkers)} at SNR {m.crowd.snr_db:.0f} dB"] if m.crowd else []
    told += [f"television at SNR {m.television.snr_db:.0f} dB"] if m.television else []
    told.append("in a room" if m.room else "no room")
    told += ["through a cheap device"] if m.device else []
    if m.word_end is not None:
        told.append(f"word ends at {m.word_end / _RATE:.2f} s")
    return ", ".join(told).replace("-", "−")


def _tables(m: Mixture, shelf: Shelf) -> list[Markup]:
    tables = [table("Mixture", drawn_rows(m, ("placements", "backdrops")))]
    for number, p in enumerate(m.placements, 1):
        rows = drawn_rows(p) + told_rows(shelf.told(p.source, p.number))
        tables.append(table(f"Clip {number}: {p.source}", rows))
    for number, b in enumerate(m.backdrops, 1):
        rows = drawn_rows(b) if b.colour is None else drawn_rows(b, ("source", "number", "start"))
        recorded = [] if b.colour else told_rows(shelf.told(b.source, b.number))
        tables.append(table(f"Backdrop {number}", rows + recorded))
    return [joined(*tables)]
