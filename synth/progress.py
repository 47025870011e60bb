"""How far long work has come: a bar with rate and time left on a terminal, else nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

_WIDTH = 24

Show = Callable[[int, int], None]
"""Told how many are done of how many."""


def bar(unit: str = "") -> Show:
    """Progress on standard error; what an earlier run had done counts no rate."""
    began = time.monotonic()
    first: list[int] = []

    def show(done: int, total: int) -> None:
        first[:] = first or [done - 1]
        rate = (done - first[0]) / max(1e-9, time.monotonic() - began)
        full = _WIDTH * done // max(1, total)
        drawn = "█" * full + "░" * (_WIDTH - full)
        left = _spelt((total - done) / max(1e-9, rate))
        end = "\n" if done == total else ""
        line = f"{drawn} {done}/{total}  {rate:.1f}{unit}/s  {left} left"
        print(f"\r\033[K{line}", end=end, file=sys.stderr, flush=True)

    return show if sys.stderr.isatty() else lambda done, total: None


def _spelt(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
