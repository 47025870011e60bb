"""What the page says that the ratios lie between, and whether another run's do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from verdict import Verdict
from wakeful.models.whole_file import write_whole

STATED = Path(__file__).with_name("stated.json")
"""Least and most of each ratio, as the page has them: written with it."""

Ranges = dict[str, tuple[float, float]]


def state(verdicts: Sequence[Verdict], path: Path = STATED) -> None:
    """Keep what the page says, rounded as it is there, so that somebody else's run can be held
    against it."""
    ranges = {v.what: [float(f"{bound:.3g}") for bound in v.between] for v in verdicts if v.between}
    write_whole(path, json.dumps(ranges, indent=1).encode() + b"\n")


def stated(path: Path = STATED) -> Ranges:
    """What was kept."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return {what: (least, most) for what, (least, most) in found.items()}


def beside(verdicts: Sequence[Verdict], ranges: Ranges) -> list[str]:
    """Which of the stated ratios came out elsewhere, or were not measured."""
    values = {v.what: v.value for v in verdicts}
    return [
        what
        for what, (least, most) in ranges.items()
        if not least <= values.get(what, float("nan")) <= most
    ]


def stated_lines(verdicts: Sequence[Verdict], ranges: Ranges) -> Iterator[str]:
    """Each stated ratio, what it is here, and where it lies."""
    values, out = {v.what: v.value for v in verdicts}, beside(verdicts, ranges)
    for what, (least, most) in ranges.items():
        here = f"{values[what]:.3g}" if what in values else "not measured"
        where = "BESIDE" if what in out else "within"
        yield f"{where} {what}: {here} (stated: {least:.3g} to {most:.3g})"
