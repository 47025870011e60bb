"""A report on a folder of clips, for a person: tables, bars of text, and names of what is odd."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .check import Count, Report, Spread

_BARS = " ▁▂▃▄▅▆▇█"
_MOST_NAMES = 5
_MOST_VOICES = 8


def report_lines(report: Report) -> Iterator[str]:
    """Line by line, without colour."""
    total = report.total
    yield f"{report.folder}: {_clips(total.clips)}, {hours(total.hours)}, {_sound(report)}"
    for title, counts in (
        ("kind", report.kinds),
        ("engine", report.engines),
        ("split", report.splits),
    ):
        yield from _table(title, counts)
    yield from _voices(report.voices)
    yield ""
    yield f"{'':10} {'least':>8} {'5 %':>8} {'half':>8} {'95 %':>8} {'most':>8}"
    yield from _spread("seconds", report.duration_s)
    yield from _spread("level dBFS", report.level_dbfs)
    yield from _spread("peak dBFS", report.peak_dbfs)
    yield from _spread("SNR dB", report.snr_db)
    yield ""
    yield from _remarks(report)


def _clips(count: int) -> str:
    return f"{count} clip" if count == 1 else f"{count} clips"


def hours(value: float) -> str:
    """In the unit that leaves a number to look at."""
    if value * 3_600 < 90:
        return f"{value * 3_600:.1f} s"
    return f"{value * 60:.1f} min" if value < 1.5 else f"{value:.2f} h"


def _sound(report: Report) -> str:
    rates = ", ".join(f"{int(rate) / 1_000:g} kHz" for rate in report.rates_hz)
    channels = "" if set(report.channels) <= {"1"} else ", not all mono"
    return (rates or "nothing that can be read") + channels


def _table(title: str, counts: Mapping[str, Count]) -> Iterator[str]:
    if not counts:
        return
    width = max(14, *(len(name) for name in counts))
    yield ""
    yield f"{title:{width}} {'clips':>8} {'length':>10}"
    for name, count in counts.items():
        yield f"{name:{width}} {count.clips:8} {hours(count.hours):>10}"


def _voices(voices: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    if not voices:
        return
    often = sorted(voices, key=lambda name: -sum(voices[name].values()))[:_MOST_VOICES]
    most = ", ".join(f"{name} {sum(voices[name].values())}" for name in often)
    yield ""
    yield f"{len(voices)} voices, most often {most}"


def _spread(title: str, spread: Spread | None) -> Iterator[str]:
    """Percentiles, and the histogram with the values that its ends stand for."""
    if spread is None:
        return
    middle = (spread.p0, spread.p5, spread.p50, spread.p95, spread.p100)
    figures = " ".join(f"{value:8.2f}" for value in middle).replace("-", "−")
    ends = f"{spread.edges[0]:g} {bars(spread.counts)} {spread.edges[-1]:g}".replace("-", "−")
    yield f"{title:10} {figures}   {ends}"


def bars(counts: Sequence[int]) -> str:
    """One character a bin, by height; what isn't empty never looks so."""
    most = max(counts)
    return "".join(_BARS[-(-count * (len(_BARS) - 1) // most)] if most else " " for count in counts)


def _remarks(report: Report) -> Iterator[str]:
    if report.dropped:
        dropped = ", ".join(f"{count} {kind}" for kind, count in report.dropped.items())
        yield f"dropped when they were made: {dropped}"
    share = 100 * report.clipped_share
    yield f"clipped: {report.clipped_files} files, {share:.3g} % of all samples"
    largest = 100 * report.largest_dc
    yield f"off centre by over 1 %: {report.dc_files} files, at most {largest:.2g} %"
    yield from _named("the same sound", (" = ".join(names) for names in report.same_sound))
    same = (" = ".join(names) for names in report.same_parameters)
    yield from _named("drawn the same", same)
    yield from _named("not listed", report.unlisted)
    yield from _named("listed more than once", report.repeated)
    yield from _named("listed but missing", report.missing)
    yield from _named("unreadable", (f"{p.file} ({p.reason})" for p in report.corrupt))
    leaked = (f"{k.what} {k.name} ({_shares(k.splits)})" for k in report.leakage)
    yield from _named("in more than one split", leaked)


def _shares(splits: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {split}" for split, count in splits.items())


def _named(title: str, names: Iterable[str]) -> Iterator[str]:
    """How many, and the first few."""
    all_of_them = list(names)
    yield f"{title}: {len(all_of_them) or 'none'}"
    yield from (f"    {name}" for name in all_of_them[:_MOST_NAMES])
    if len(all_of_them) > _MOST_NAMES:
        yield f"    and {len(all_of_them) - _MOST_NAMES} more; --json names them all"
