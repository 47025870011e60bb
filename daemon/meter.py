"""The live line on a terminal: time, gate, level with held peak, each model's probability.

``  0:12 ● ██████████▎   ▏  -23 dBFS  activate ██████▏▏ 0.77``
"""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple, TextIO

_INTERVAL_S = 1 / 12
_HOLD_S = 1.5
_LOWEST_DBFS = -72.0
_LOUD_DBFS, _CLIPPING_DBFS = -12.0, -1.0
_DIM, _RED, _GREEN, _YELLOW, _CYAN = "2", "31", "32", "33", "36"
_ERASE = "\r\033[K"


class Glyphs(NamedTuple):
    """What bars are made of: from an empty cell to a full one, the tick of a peak, the marks."""

    cells: str
    peak: str
    asleep: str
    awake: str


BLOCKS = Glyphs(" ▏▎▍▌▋▊▉█", "▏", "·", "●")
ASCII = Glyphs(" #", "|", ".", "*")


class Size(NamedTuple):
    """How much room the parts of the line take, in cells."""

    level: int
    bar: int
    name: int


SIZES = (Size(24, 10, 24), Size(16, 8, 16), Size(10, 5, 10), Size(6, 3, 6))
"""The widest that fits is taken; of the narrowest, as many models as fit."""


class Held:
    """The highest of what came within the last `_HOLD_S`, roughly: a higher one starts it anew."""

    def __init__(self, lowest: float) -> None:
        self.value, self._until_s = lowest, 0.0

    def take(self, value: float, now_s: float) -> float:
        """One more value; returns the held one."""
        if value >= self.value or now_s >= self._until_s:
            self.value, self._until_s = value, now_s + _HOLD_S
        return self.value


class Meter:
    """Redraws one line at most twelve times a second; writes nothing where no terminal is.

    `clear` takes the line away so that something else can be printed; the next `show` that is due
    brings it back. Colours only on a terminal and not with NO_COLOR. Not for two threads.
    """

    def __init__(
        self, stream: TextIO, models: Sequence[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream, self._clock = stream, clock
        is_terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._next_s = clock() if is_terminal else float("inf")
        self._colours = not os.environ.get("NO_COLOR")
        self._glyphs = BLOCKS if _encodes(stream, "".join(BLOCKS)) else ASCII
        self._level = Held(_LOWEST_DBFS)
        self._models = {name: Held(0.0) for name in models}
        self._is_shown = False

    def is_due(self) -> bool:
        """Whether it is time to draw: ask first, working out the level costs more than asking."""
        return self._clock() >= self._next_s

    def show(
        self,
        level_dbfs: float,
        gate_open: bool,
        probabilities: Sequence[tuple[str, float]],
        elapsed_s: float,
    ) -> None:
        """Draw, if it is time. `probabilities` are those of the models named at the start."""
        now_s = self._clock()
        if now_s < self._next_s:
            return
        self._next_s = now_s + _INTERVAL_S
        line = self._clock_and_gate(elapsed_s, gate_open)
        # The last column stays free: a character there makes some terminals go on to a new line.
        room = _columns(self._stream) - 1 - sum(len(text) for text, _ in line)
        size, fit = _size(room, [_printable(name) for name, _ in probabilities])
        if size:
            line += self._level_part(level_dbfs, size, now_s)
            for name, probability in probabilities[:fit]:
                line += self._model_part(name, probability, size, now_s)
        self._draw(line if room >= 0 else [])

    def _draw(self, line: list[tuple[str, str]]) -> None:
        self._stream.write(_ERASE + "".join(self._painted(*part) for part in line))
        self._stream.flush()
        self._is_shown = True

    def _clock_and_gate(self, elapsed_s: float, gate_open: bool) -> list[tuple[str, str]]:
        minutes, seconds = divmod(int(elapsed_s), 60)
        hours, minutes = divmod(minutes, 60)
        told = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
        mark = (self._glyphs.awake, _GREEN) if gate_open else (self._glyphs.asleep, _DIM)
        return [(f"{told:>7} ", ""), mark]

    def _level_part(self, dbfs: float, size: Size, now_s: float) -> list[tuple[str, str]]:
        dbfs = min(max(dbfs, _LOWEST_DBFS), 0.0)
        peak = self._level.take(dbfs, now_s)
        colour = _GREEN if peak < _LOUD_DBFS else _YELLOW if peak < _CLIPPING_DBFS else _RED
        drawn = bar(1 - dbfs / _LOWEST_DBFS, 1 - peak / _LOWEST_DBFS, size.level, self._glyphs)
        return [(" ", ""), (drawn, colour), (f" {round(dbfs):3} dBFS", "")]

    def _model_part(
        self, name: str, probability: float, size: Size, now_s: float
    ) -> list[tuple[str, str]]:
        held = self._models.setdefault(name, Held(0.0)).take(probability, now_s)
        drawn = bar(probability, held, size.bar, self._glyphs)
        label = _cut(_printable(name), size.name)
        # The number is the held one: a word's probability is high for a tenth of a second.
        return [(f"  {label} ", ""), (drawn, _CYAN), (f" {held:4.2f}", "")]

    def _painted(self, text: str, colour: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if colour and self._colours else text

    def clear(self) -> None:
        """Take the line away."""
        if self._is_shown:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._is_shown = False

    def __enter__(self) -> Meter:
        return self

    def __exit__(self, *reason: object) -> None:
        self.clear()


def bar(share: float, peak: float, cells: int, glyphs: Glyphs = BLOCKS) -> str:
    """So many cells filled to `share` (0..1) in fractions of a cell, and a tick at `peak`."""
    fractions = len(glyphs.cells) - 1
    full, rest = divmod(round(min(1.0, max(0.0, share)) * cells * fractions), fractions)
    drawn = [glyphs.cells[-1]] * full + [glyphs.cells[rest]] * (full < cells)
    drawn += [glyphs.cells[0]] * (cells - len(drawn))
    at = min(cells - 1, int(min(1.0, max(0.0, peak)) * cells))
    if drawn[at] == glyphs.cells[0] and at:
        drawn[at] = glyphs.peak
    return "".join(drawn)


def _size(room: int, names: Sequence[str]) -> tuple[Size | None, int]:
    """The widest size in which all fits, and how many models fit in it; None: not even a level."""
    for size in SIZES:
        left, fit = room - (size.level + 10), 0
        for name in names:
            left -= 2 + min(_cells(name), size.name) + 1 + size.bar + 5
            fit += left >= 0
        if left >= 0:
            return size, fit
    return (SIZES[-1], fit) if room >= SIZES[-1].level + 10 else (None, 0)


def _columns(stream: TextIO) -> int:
    """How wide the terminal is now; 80 where it doesn't say."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def _encodes(stream: TextIO, text: str) -> bool:
    """Whether a stream's encoding has some characters: that of a bare console may not."""
    try:
        text.encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _printable(name: str) -> str:
    """A file's name may hold anything, a terminal's commands included."""
    return "".join(c for c in name if c.isprintable())


def _cells(text: str) -> int:
    """How many cells a terminal takes for it: Chinese or Japanese characters two each."""
    return sum(_cells_of(c) for c in text)


def _cells_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _cut(text: str, cells: int) -> str:
    """As much of its beginning as fits."""
    while _cells(text) > cells:
        text = text[:-1]
    return text
