"""The live line on a terminal: level, whether the gate is open, each model's probability."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TextIO

_FLOOR_DBFS = -72.0
_INTERVAL_S = 1 / 12
_PEAK_HOLD_S = 1.5
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_ASLEEP, _AWAKE = "·", "●"


class Meter:
    """Redraws one line at most twelve times a second; draws nothing where no terminal is.

    `clear` takes the line away so that something else can be printed; the next `show` brings it
    back. Colours only on a terminal and not with NO_COLOR.
    """

    def __init__(
        self, stream: TextIO, models: Sequence[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream, self._clock = stream, clock
        self._models = list(models)
        self._is_shown = False
        self._peak_dbfs, self._peak_at = _FLOOR_DBFS, 0.0
        is_terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._next = clock() if is_terminal else float("inf")
        self._colours = is_terminal and "NO_COLOR" not in os.environ

    def is_due(self) -> bool:
        """Whether it is time to draw: ask first, working out the level costs more than asking."""
        return self._clock() >= self._next

    def show(
        self,
        level_dbfs: float,
        gate_open: bool,
        probabilities: Sequence[tuple[str, float]],
        elapsed_s: float,
    ) -> None:
        """Draw, if it is time."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + _INTERVAL_S
        if level_dbfs >= self._peak_dbfs or now - self._peak_at > _PEAK_HOLD_S:
            self._peak_dbfs, self._peak_at = level_dbfs, now
        width = shutil.get_terminal_size().columns - 1
        line = self._line(level_dbfs, gate_open, probabilities, elapsed_s, width)
        self._stream.write(f"\r\033[K{line}")
        self._stream.flush()
        self._is_shown = True

    def _line(
        self,
        level_dbfs: float,
        gate_open: bool,
        probabilities: Sequence[tuple[str, float]],
        elapsed_s: float,
        width: int,
    ) -> str:
        """As much as fits: time, gate and level first, then a bar for each model."""
        minutes, seconds = divmod(int(elapsed_s), 60)
        mark = _AWAKE if gate_open else _ASLEEP
        share = (level_dbfs - _FLOOR_DBFS) / -_FLOOR_DBFS
        parts = [
            f"{minutes:3}:{seconds:02} {self._painted(mark, 32 if gate_open else 2)}",
            f"{bar(share, 16)} {level_dbfs:4.0f} dBFS, peak {self._peak_dbfs:4.0f}",
        ]
        room = width - 7 - 1 - 16 - 24
        for name, probability in probabilities:
            room -= len(name) + 17
            if room < 0:
                break
            parts.append(f"{name} {self._painted(bar(probability, 8), 33)} {probability:4.2f}")
        return "  ".join(parts) if width > 50 else parts[0]

    def _painted(self, text: str, colour: int) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._colours else text

    def clear(self) -> None:
        """Take the line away."""
        if self._is_shown:
            self._stream.write("\r\033[K")
            self._stream.flush()
            self._is_shown = False

    def __enter__(self) -> Meter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()


def bar(share: float, cells: int) -> str:
    """A bar of so many cells, filled to `share` of them in eighths."""
    eighths = round(min(1.0, max(0.0, share)) * cells * 8)
    full, rest = divmod(eighths, 8)
    drawn = _EIGHTHS[8] * full + (_EIGHTHS[rest] if full < cells else "")
    return drawn.ljust(cells)
