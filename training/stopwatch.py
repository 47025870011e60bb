"""How long a run has been at work in all, kills and pauses between not counted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from ..models.errors import WakefulError
from ..models.whole_file import write_whole

SPENT = "spent.json"
Say = Callable[[str], None]


class StopwatchError(WakefulError):
    """The time that was spent can't be kept or read."""


class Stopwatch:
    """Goes on from what `work` holds; until that folder is there nothing is kept."""

    def __init__(self, work: Path, now: Callable[[], float] = time.monotonic) -> None:
        self._path, self._now = work / SPENT, now
        self._before_s = _read(self._path) if self._path.is_file() else 0.0
        self._began = now()

    def spent_s(self) -> float:
        """Seconds of work, of earlier processes as well."""
        return self._before_s + self._now() - self._began

    def telling(self, say: Say) -> Say:
        """The same `say`, which keeps the time at each line: so much is known after a kill."""

        def keep_and_say(line: str) -> None:
            self.keep()
            say(line)

        return keep_and_say

    def keep(self) -> None:
        """Raises `StopwatchError`."""
        if not self._path.parent.is_dir():
            return
        try:
            write_whole(self._path, json.dumps({"spent_s": round(self.spent_s(), 3)}).encode())
        except OSError as error:
            reason = error.strerror or error
            raise StopwatchError(f"{self._path}: can't be written ({reason}); make room") from error


def _read(path: Path) -> float:
    try:
        return float(json.loads(path.read_text(encoding="utf-8"))["spent_s"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StopwatchError(f"{path}: holds no time ({error}); take it away") from error
