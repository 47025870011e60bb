"""A demand that the project makes of itself, and whether a measured figure meets it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """One demand: what was measured, the most that it may be, and whether it is met.

    `between` is what the same measurement can come to: its least and its most.
    """

    what: str
    value: float
    limit: float
    unit: str
    between: tuple[float, float] | None = None

    @property
    def is_met(self) -> bool:
        """Whether the figure keeps to its limit."""
        return self.value <= self.limit


def verdict_line(verdict: Verdict) -> str:
    """One demand as one line."""
    mark = "met   " if verdict.is_met else "MISSED"
    return f"{mark} {verdict.what}: {verdict.value:.3f} {verdict.unit} (at most {verdict.limit:g})"


def verdict_rows(verdicts: list[Verdict]) -> str:
    """The same as a table for a page."""
    head = "| figure | measured | at most | met |\n|---|---|---|---|\n"
    rows = [
        f"| {v.what} | {v.value:.3g} {v.unit}{_range(v)} | {v.limit:g} {v.unit} | {yes_or_no(v)} |"
        for v in verdicts
    ]
    return head + "\n".join(rows) + "\n"


def _range(verdict: Verdict) -> str:
    return f" ({verdict.between[0]:.3g}–{verdict.between[1]:.3g})" if verdict.between else ""


def yes_or_no(verdict: Verdict) -> str:
    """Whether it is met, and loud if it isn't."""
    return "yes" if verdict.is_met else "**no**"
