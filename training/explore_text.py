"""What a data set is like, in a few lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..synth.collection import shown
from .explore import Explored
from .explore_figures import Named
from .explore_near import groups_of
from .explore_spread import Spread
from .explore_surprise import Surprises


def summary_lines(e: Explored, surprises: Surprises | None = None) -> Iterator[str]:
    """From how much there is to what is wrong with it; nothing is said of what is well."""
    f = e.figures
    yield f"{f.recordings} recordings, {length_told(f.hours)}, {labels_told(e)}, {speakers_told(e)}"
    if f.seconds:
        p = f.seconds.percentiles
        yield (
            f"length {p[0]:.2f} to {p[100]:.2f} s, half under {p[50]:.2f} s; "
            f"{f.under_a_second} under a second"
        )
    if f.level_dbfs:
        yield f"level {_from_to(f.level_dbfs, 'dBFS')}" + _snr(f.snr_db)
    if f.hours:
        yield (
            f"speech {f.speech_hours / f.hours:.0%} of the time; trimmed to it "
            f"{length_told(f.trimmed_hours)} are left, {f.saved_share:.0%} less to train on"
        )
    yield from findings(e)
    if surprises:
        least = f", {shown(surprises.rows[0][0].name)} most" if surprises.rows else ""
        yield f"{surprises.model} hears {surprises.right:.1%} as labelled; surprising{least}"


def length_told(hours: float) -> str:
    """In the unit that one would say it in."""
    if hours >= 1:
        return f"{hours:.1f} h"
    return f"{60 * hours:.1f} min" if hours * 60 >= 1 else f"{3_600 * hours:.1f} s"


def labels_told(e: Explored) -> str:
    """How many, or which one."""
    labels = e.figures.labels
    return f"one label ({labels[0].name})" if len(labels) == 1 else f"{len(labels)} labels"


def speakers_told(e: Explored) -> str:
    """How many are known."""
    count = e.figures.speakers
    return f"{count} speakers" if count != 1 else "one speaker"


def _from_to(s: Spread, unit: str) -> str:
    p = s.percentiles
    return f"{p[10]:.0f} to {p[90]:.0f} {unit} for four of five".replace("-", "−")


def _snr(s: Spread | None) -> str:
    return f", SNR {_from_to(s, 'dB')}" if s else ""


def findings(e: Explored) -> Iterator[str]:
    """What somebody would want to know before training, the worst first."""
    f = e.figures
    if f.unreadable:
        yield f"{f.unreadable} can't be read, most often: {next(iter(f.reasons))}"
    if f.leaking_speakers:
        first = f.leaking_speakers[0]
        yield (
            f"{_people(len(f.leaking_speakers))} on both sides of a split, first {first.name} "
            f"({_sides(first.splits)})"
        )
    if f.leaking_sounds:
        yield f"{len(f.leaking_sounds)} equal recordings on both sides of a split"
    if f.same_groups:
        yield f"{f.same_recordings} recordings are {f.same_groups} that are there more than once"
    if e.near:
        groups = groups_of(e.near)
        those = f"{len(groups)}" if len(groups) > 1 else "one"
        yield f"{sum(map(len, groups))} recordings are nearly {those}, moved or altered"
    if f.clipped:
        yield f"{f.clipped} are clipped, {_most(f.most_clipped)}"
    if f.dc:
        yield f"{f.dc} have a DC offset of over 1 %, {_most(f.most_dc)}"
    if len(f.rates_hz) > 1:
        told = ", ".join(f"{count} at {rate} Hz" for rate, count in f.rates_hz.items())
        yield f"several sample rates: {told}"
    if f.silent:
        yield f"{f.silent} are digital silence"
    if f.without_speech:
        yield f"{f.without_speech} in which webrtcvad finds no speech"


def _most(named: Sequence[Named]) -> str:
    return f"{named[0].file} most ({named[0].value})"


def _people(count: int) -> str:
    return f"{count} speakers" if count != 1 else "one speaker"


def _sides(splits: Mapping[str, int]) -> str:
    return ", ".join(f"{count} in {name}" for name, count in sorted(splits.items()))
